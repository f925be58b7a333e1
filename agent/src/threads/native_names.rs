//! Names of threads that are not Java threads, as they appear at the root of their stacks.

/// HotSpot's own threads whose names the kernel cuts at 15 bytes, with what they are called.
const CUT_NAMES: &[(&str, &str)] = &[
    ("C1 CompilerThre", "C1 CompilerThread#"),
    ("C2 CompilerThre", "C2 CompilerThread#"),
    ("VM Periodic Tas", "VM Periodic Task Thread"),
    ("Monitor Deflati", "Monitor Deflation Thread"),
    ("Notification Th", "Notification Thread"),
    ("Signal Dispatch", "Signal Dispatcher"),
    ("Shenandoah GC T", "Shenandoah GC Threads#"),
    ("StringDedupProc", "StringDedupProcessor"),
    ("ZWorkerYoung#0", "ZWorkerYoung#"),
];

/// The name to show: a known cut name completed, and every run of digits folded to `#`, so that the threads of a pool
/// share one root.
pub fn root_name(native: &str) -> String {
    if let Some((_, whole)) = CUT_NAMES.iter().find(|(cut, _)| native == *cut) {
        return (*whole).to_owned();
    }
    fold_numbers(native)
}

/// Replaces every run of digits that stands at the end of a word by one `#`, swallowing a `#` before it.
fn fold_numbers(name: &str) -> String {
    let mut folded = String::with_capacity(name.len());
    let mut characters = name.chars().peekable();
    while let Some(character) = characters.next() {
        if !character.is_ascii_digit() {
            folded.push(character);
            continue;
        }
        let mut digits = String::from(character);
        while let Some(digit) = characters.next_if(char::is_ascii_digit) {
            digits.push(digit);
        }
        // `G1 Main Marker` and `C2 ...` keep their digit: it is part of a word, not a number of a thread.
        let part_of_word = folded.chars().last().is_some_and(char::is_alphabetic)
            && characters.peek().is_some_and(|next| next.is_alphabetic() || *next == ' ');
        if part_of_word {
            folded.push_str(&digits);
        } else if !folded.ends_with('#') {
            folded.push('#');
        }
    }
    if folded.is_empty() { "unnamed".to_owned() } else { folded }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_of_a_pool_share_a_name() {
        assert_eq!(root_name("GC Thread#0"), "GC Thread#");
        assert_eq!(root_name("GC Thread#11"), "GC Thread#");
        assert_eq!(root_name("C2 CompilerThre"), "C2 CompilerThread#");
        assert_eq!(root_name("G1 Conc#3"), "G1 Conc#");
        assert_eq!(root_name("G1 Main Marker"), "G1 Main Marker");
        assert_eq!(root_name("ZWorker#7"), "ZWorker#");
        assert_eq!(root_name("worker-12"), "worker-#");
        assert_eq!(root_name("VM Thread"), "VM Thread");
        assert_eq!(root_name(""), "unnamed");
    }
}
