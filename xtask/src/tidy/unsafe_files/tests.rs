//! Files inside and outside the fence.

use super::*;

const GOOD: &str = "//! A.\n//!\n//! # Safety\n//! It is.\n#![allow(unsafe_code)]\nfn f() {\n    \
                    // SAFETY: the kernel says so.\n    unsafe { g() }\n}\n";

fn found(files: &[(&str, &str)], allowed: &[&str]) -> Vec<String> {
    check_against(&Tree::of(files), allowed).iter().map(ToString::to_string).collect()
}

#[test]
fn only_listed_files_may_hold_unsafe_code() {
    assert_eq!(found(&[("a/src/b.rs", GOOD)], &["a/src/b.rs"]), [""; 0]);
    let lines = found(&[("a/src/b.rs", GOOD)], &[]);
    assert!(lines[0].starts_with("a/src/b.rs:8: unsafe code outside the fence"), "{lines:?}");
}

#[test]
fn the_list_holds_nothing_needless() {
    let lines = found(&[("a/src/b.rs", "//! A.\n")], &["a/src/b.rs", "gone.rs"]);
    assert!(lines[0].contains("no unsafe code left"), "{lines:?}");
    assert!(lines[1].contains("`gone.rs` is gone"), "{lines:?}");
}

#[test]
fn the_module_and_each_block_say_why() {
    let text = "//! A.\nfn f() {\n    // SAFETY: for the first.\n    let a = g(\n        unsafe { h() },\n    );\n    \
                let b = unsafe { h() };\n}\n";
    let lines = found(&[("a/src/b.rs", text)], &["a/src/b.rs"]);
    assert_eq!(lines.len(), 2, "{lines:?}");
    assert!(lines[0].starts_with("a/src/b.rs:1: unsafe code without `//! # Safety`"));
    assert!(lines[1].starts_with("a/src/b.rs:7: `unsafe` without `// SAFETY:`"));
}

#[test]
fn a_crate_without_unsafe_code_forbids_it() {
    let lines = found(&[("a/Cargo.toml", ""), ("a/src/lib.rs", "//! A.\n")], &[]);
    assert!(lines[0].starts_with("a/src/lib.rs:1: no unsafe code in this crate"), "{lines:?}");
    let forbids = "//! A.\n#![forbid(unsafe_code)]\n";
    assert_eq!(found(&[("a/Cargo.toml", ""), ("a/src/lib.rs", forbids)], &[]), [""; 0]);
    let fenced = [("a/Cargo.toml", ""), ("a/src/lib.rs", "//! A.\n"), ("a/src/b.rs", GOOD)];
    assert_eq!(found(&fenced, &["a/src/b.rs"]), [""; 0]);
}

#[test]
fn a_comment_reaches_into_the_fields_of_a_struct_but_into_no_block() {
    let field = "//! A.\n//!\n//! # Safety\n//! It is.\nfn f() {\n    // SAFETY: it is.\n    let a = m::Index {\n        \
                 b: unsafe { g() },\n    };\n}\n";
    assert_eq!(found(&[("a/src/b.rs", field)], &["a/src/b.rs"]), [""; 0]);
    for opener in ["if B {", "match x {", "fn h() -> Index {", "loop {"] {
        let text = field.replace("let a = m::Index {", opener).replace("b: unsafe", "unsafe");
        assert_eq!(found(&[("a/src/b.rs", &text)], &["a/src/b.rs"]).len(), 1, "{opener}");
    }
}
