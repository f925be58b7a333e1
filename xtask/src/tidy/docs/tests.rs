//! Documents that are right and wrong.

use super::*;

fn found(name: &str, text: &str) -> Vec<String> {
    let files = [
        (CHANGELOG, "# Changelog\n\n## [Unreleased]\n"),
        ("sampler/src/ring.rs", ""),
        ("sampler/src/walk/native.rs", ""),
        ("docs/engines.md", ""),
        (name, text),
    ];
    check(&Tree::of(&files)).iter().map(ToString::to_string).collect()
}

#[test]
fn paths_that_exist_pass() {
    let text = "`sampler/src/ring.rs`, `ring.rs:12`, `walk/native.rs`, `sampler/`, `sampler/src/{ring,walk/native}.rs`,\n\
                `sampler/src/*.rs`, `docs/*.md`, `target/release/x`, `/ingest`, `java/lang/Thread`, `a b/c.rs`, `.rs`.\n";
    assert_eq!(found("README.md", text), [""; 0]);
    assert_eq!(found("docs/other.md", "`sampler/gone.rs` may be the reader's.\n"), [""; 0]);
    assert_eq!(found("README.md", "```text\n`sampler/gone.rs`\n```\n"), [""; 0]);
}

#[test]
fn paths_that_do_not_exist_are_found() {
    for span in ["sampler/src/gone.rs", "gone.rs", "sampler/{src,gone}/ring.rs", "docs/*.txt", "sampler/srcs"] {
        let lines = found("ARCHITECTURE.md", &format!("One.\nSee `{span}`.\n"));
        assert_eq!(lines, [format!("ARCHITECTURE.md:2: `{span}` does not exist; correct the path or the tree")]);
    }
}

#[test]
fn links_are_followed() {
    let good = "[a](engines.md#cpu) [b](../sampler/src/ring.rs) [c](https://example.org/x) [d](#here)\n";
    assert_eq!(found("docs/a.md", good), [""; 0]);
    let lines = found("docs/a.md", "[a](gone.md) [b](../../out.md)\n");
    assert_eq!(lines.len(), 2, "{lines:?}");
}

#[test]
fn the_changelog_has_a_place_for_what_is_new() {
    assert!(check(&Tree::of(&[]))[0].to_string().contains("no changelog"));
    assert!(check(&Tree::of(&[(CHANGELOG, "## 0.1\n")]))[0].to_string().contains("no section"));
}
