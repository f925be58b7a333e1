//! Rust files that are right and wrong.

use super::*;

fn lines_of(path: &str, text: &str) -> Vec<String> {
    check(&Tree::of(&[(path, text)])).iter().map(ToString::to_string).collect()
}

#[test]
fn a_good_file_has_no_finding() {
    assert_eq!(
        lines_of("a/src/b.rs", "//! What is inside.\n\n// For all of them; so it is bounded.\nfn f() {}\n"),
        [""; 0]
    );
}

#[test]
fn a_file_must_open_with_its_doc() {
    for text in ["#![no_std]\n//! Late.\n", "//!\n//! Late.\n", "", "fn f() {}\n"] {
        let found = lines_of("a.rs", text);
        assert!(found.iter().any(|line| line.starts_with("a.rs:1: no module doc")), "{text:?}: {found:?}");
    }
}

#[test]
fn length_counts_without_tests() {
    let doc = "//! Long.\n";
    let long = format!("{doc}{}", "fn f() {}\n".repeat(MAX_LINES));
    assert!(lines_of("a/src/b.rs", &long)[0].contains("501 lines without tests"));
    assert_eq!(lines_of("a/tests/b.rs", &long), [""; 0]);
    let tests = format!("#[cfg(test)]\nmod tests {{\n{}}}\n", "fn f() {}\n".repeat(57));
    let just = format!("{doc}{}{tests}", "fn f() {}\n".repeat(MAX_LINES - 1));
    assert_eq!(lines_of("a/src/b.rs", &just), [""; 0]);
    let many = format!("{doc}#[cfg(test)]\nmod tests {{\n{}}}\n", "fn f() {}\n".repeat(58));
    assert!(lines_of("a/src/b.rs", &many)[0].starts_with("a/src/b.rs:2: 61 lines of inline tests"));
}

#[test]
fn commented_out_code_is_told_from_prose() {
    let found = lines_of("a.rs", "//! A.\n    // let x = 1;\n// use std::fs;\n// if the lock is held, give up.\n");
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("a.rs:2: commented-out code"));
}
