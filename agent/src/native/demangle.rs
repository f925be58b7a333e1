//! Turns linker names into the names that people read: no parameters, no versions, no compiler suffixes.

use cpp_demangle::{DemangleOptions, Symbol};

/// Longest name that is demangled, and longest name that is kept, bytes. Templates can nest without end.
const MAX_NAME_BYTES: usize = 512;
/// What compilers append, after a dot, to a function that they split or cloned.
const CLONE_SUFFIXES: &[&str] = &["cold", "part", "isra", "constprop", "lto_priv", "localalias", "llvm", "clone"];

/// The readable form of the ELF symbol `raw`: `_ZN6Thread8call_runEv` is `Thread::call_run`, and
/// `clock_gettime@@GLIBC_2.17` is `clock_gettime`.
#[must_use]
pub fn demangle(raw: &str) -> String {
    let name = without_clone_suffix(without_version(raw));
    let readable = rust(name).or_else(|| cpp(name)).unwrap_or_else(|| name.to_owned());
    shortened(readable)
}

/// Cuts `@VERSION` and `@@VERSION`. A leading `@` is part of the name.
fn without_version(raw: &str) -> &str {
    match raw.find('@') {
        Some(at) if at > 0 => &raw[..at],
        _ => raw,
    }
}

/// Cuts `.cold`, `.part.0` and the like.
fn without_clone_suffix(name: &str) -> &str {
    let is_suffix = |(dot, _): &(usize, &str)| {
        let word = name[dot + 1..].split('.').next().unwrap_or_default();
        *dot > 0 && CLONE_SUFFIXES.contains(&word)
    };
    match name.match_indices('.').find(is_suffix) {
        Some((dot, _)) => &name[..dot],
        None => name,
    }
}

/// Rust's two manglings. The older one looks like C++ but ends in a hash, which C++ names do not.
fn rust(name: &str) -> Option<String> {
    let is_legacy = name.starts_with("_ZN") && name.ends_with('E') && name.contains("17h");
    if !is_legacy && !name.starts_with("_R") {
        return None;
    }
    Some(format!("{:#}", rustc_demangle::try_demangle(name).ok()?))
}

fn cpp(name: &str) -> Option<String> {
    if !name.starts_with("_Z") || name.len() > MAX_NAME_BYTES {
        return None;
    }
    let options = DemangleOptions::new().no_params().no_return_type();
    let readable = Symbol::new(name).ok()?.demangle_with_options(&options).ok()?;
    (!readable.is_empty()).then_some(readable)
}

/// Cuts an overlong name and marks the cut.
fn shortened(mut name: String) -> String {
    if name.len() > MAX_NAME_BYTES {
        let longest = MAX_NAME_BYTES - '…'.len_utf8();
        let end = (0..=longest).rev().find(|end| name.is_char_boundary(*end));
        name.truncate(end.unwrap_or(0));
        name.push('…');
    }
    name
}

#[cfg(test)]
mod tests {
    use super::demangle;

    #[test]
    fn names_are_those_that_people_read() {
        let cases = [
            ("_ZN6Thread8call_runEv", "Thread::call_run"),
            ("_ZN2os13javaTimeNanosEv", "os::javaTimeNanos"),
            ("_ZN7CompileC1EP5ciEnvP8ciMethodibbbbbP12DirectiveSet", "Compile::Compile"),
            ("_ZL19thread_native_entryP6Thread", "thread_native_entry"),
            ("_ZN9HashtableIP6Symbol8MEMFLAGSE3addEv", "Hashtable<Symbol*, MEMFLAGS>::add"),
            ("_ZNK4Node6is_CFGEv", "Node::is_CFG"),
            ("_ZN12_GLOBAL__N_13fooEi", "(anonymous namespace)::foo"),
            ("_ZN6Thread8call_runEv.cold", "Thread::call_run"),
            ("_ZN4core3fmt9Formatter3pad17h0123456789abcdefE", "core::fmt::Formatter::pad"),
            ("_RNvCskwGfYPst2Cb_3foo3bar", "foo::bar"),
            ("clock_gettime@@GLIBC_2.17", "clock_gettime"),
            ("memcpy@GLIBC_2.2.5", "memcpy"),
            ("do_lookup.isra.0", "do_lookup"),
            ("inflate.part.0.constprop.1", "inflate"),
            ("libfoo.version", "libfoo.version"),
            ("JVM_SleepNanos", "JVM_SleepNanos"),
            ("_Znot_a_mangled_name", "_Znot_a_mangled_name"),
            ("@odd", "@odd"),
        ];
        for (raw, readable) in cases {
            assert_eq!(demangle(raw), readable, "{raw}");
        }
    }

    #[test]
    fn template_functions_have_neither_result_nor_parameters() {
        assert_eq!(demangle("_Z3addIiET_S0_S0_"), "add<int>");
    }

    #[test]
    fn overlong_names_are_cut_and_say_so() {
        let name = demangle(&"é".repeat(600));
        assert!(name.len() <= 512 && name.ends_with('…'), "{} bytes", name.len());
    }
}
