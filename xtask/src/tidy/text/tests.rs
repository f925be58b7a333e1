//! Lines that are right and wrong.

use super::*;

fn found(path: &str, text: &str) -> Vec<String> {
    check(&Tree::of(&[(path, text)])).iter().map(ToString::to_string).collect()
}

#[test]
fn clean_text_passes() {
    let text = "Mask XXXXXX in mkstemp, todo lists, `http://localhost/work/`, src/work/mod.rs.\n";
    assert_eq!(found("a.md", text), [""; 0]);
    assert_eq!(found("a.md", concat!("The JVM listens on /tm", "p/.java_pid<pid>.\n")), [""; 0]);
    assert_eq!(found("deny.toml", concat!("allow = [\"crates", ".io\"]\n")), [""; 0]);
}

#[test]
fn each_banned_text_is_found() {
    for banned in BANNED {
        let lines = found("a.rs", &format!("//! A.\n// See {}: later.\n", banned.text));
        assert_eq!(lines.len(), 1, "{}: {lines:?}", banned.text);
        assert!(lines[0].starts_with("a.rs:2: "), "{lines:?}");
    }
    let shouted = concat!("// KEEP IN ", "SYNC with the writer.\n");
    assert_eq!(found("a.rs", shouted).len(), 1);
}

#[test]
fn machine_paths_are_found_where_they_count() {
    assert_eq!(found("a.rs", concat!("let dir = \"/wo", "rk/main\";\n")).len(), 1);
    let temporary = concat!("Put it in /tm", "p/out.\n");
    assert_eq!(found("a.md", temporary).len(), 1);
    assert_eq!(found("a.rs", temporary), [""; 0]);
}

#[test]
fn blanks_at_the_end_are_found() {
    assert_eq!(
        found("a.md", "one \ntwo\t\n"),
        ["a.md:1: trailing blank; take it away", "a.md:2: trailing blank; take it away"]
    );
    assert_eq!(found("a.md", "one").len(), 1);
    assert_eq!(found("a.md", "one\n\n").len(), 1);
    assert_eq!(found("a.md", ""), [""; 0]);
}
