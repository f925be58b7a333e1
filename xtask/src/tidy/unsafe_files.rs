//! The fence around unsafe code: which files may hold it, and what each of them must say.
//!
//! The compiler denies unsafe code in every crate, and a file lifts that for itself. This list is what makes lifting
//! it a decision that a reviewer sees. It names files, not lines: lines move.

#[cfg(test)]
mod tests;

use super::finding::Finding;
use super::rust_source::{RustSource, UnsafeKind, UnsafeUse, module_doc};
use super::tree::{File, Tree};

/// The files that may hold unsafe code.
const ALLOWED: &[&str] = &[
    "agent/src/entry.rs",
    "agent/src/lifecycle.rs",
    "agent/src/lifecycle/start.rs",
    "agent/src/methods.rs",
    "agent/src/native/publisher.rs",
    "agent/src/native/tests.rs",
    "agent/src/os.rs",
    "agent/src/vm/callbacks.rs",
    "agent/src/vm/jni.rs",
    "agent/src/vm/jvmti.rs",
    "agent/src/vm/libjvm.rs",
    "agent/src/vm/strings.rs",
    "agent/src/vm/structs.rs",
    "sampler/src/clock.rs",
    "sampler/src/errno.rs",
    "sampler/src/frame_pool.rs",
    "sampler/src/handler.rs",
    "sampler/src/java.rs",
    "sampler/src/machine.rs",
    "sampler/src/sample.rs",
    "sampler/src/state.rs",
    "sampler/src/walk/aarch64.rs",
    "sampler/src/walk/native/tests.rs",
    "sampler/src/walk/stack_memory.rs",
    "sampler/src/walk/table_set.rs",
    "sampler/src/walk/table_set/tests.rs",
    "sampler/src/walk/x86_64.rs",
    "sampler/tests/handler/os.rs",
    "sampler/tests/handler/walks.rs",
];

/// How far above an unsafe block its comment may start, in lines.
const SAFETY_REACH: usize = 20;

/// Path of this file, where the list is.
const LIST: &str = "xtask/src/tidy/unsafe_files.rs";

/// Checks all Rust files against [`ALLOWED`].
pub fn check(tree: &Tree) -> Vec<Finding> {
    check_against(tree, ALLOWED)
}

fn check_against(tree: &Tree, allowed: &[&str]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for file in tree.with_ending("rs") {
        // What cannot be cut into tokens is reported by the check of Rust files.
        let Ok(source) = RustSource::parse(&file.text) else {
            continue;
        };
        let listed = allowed.contains(&file.path.as_str());
        match source.unsafe_uses.first() {
            Some(first) if !listed => {
                let advice = format!("move it to a file of {LIST}, or add this file there and say why in review");
                findings.push(Finding::new(&file.path, first.line, format!("unsafe code outside the fence; {advice}")));
            }
            None if listed => {
                let what = format!("no unsafe code left; take the file off the list in {LIST}");
                findings.push(Finding::new(&file.path, 1, what));
            }
            _ => {}
        }
        if !source.unsafe_uses.is_empty() {
            findings.extend(check_words(file, &source.unsafe_uses));
        }
    }
    let gone = allowed.iter().filter(|path| !tree.paths().contains(**path));
    findings.extend(gone.map(|path| Finding::new(LIST, 1, format!("`{path}` is gone; take it off the list"))));
    findings.extend(check_roots(tree));
    findings
}

/// What a file with unsafe code must say.
fn check_words(file: &File, uses: &[UnsafeUse]) -> Vec<Finding> {
    let mut findings = Vec::new();
    if !module_doc(&file.text).iter().any(|line| line.trim() == "# Safety") {
        let what = "unsafe code without `//! # Safety` in the module doc; say there what the file guarantees";
        findings.push(Finding::new(&file.path, 1, what));
    }
    let lines: Vec<&str> = file.text.lines().collect();
    let needs_comment = |kind| matches!(kind, UnsafeKind::Block | UnsafeKind::Impl);
    for unsafe_use in uses.iter().filter(|unsafe_use| needs_comment(unsafe_use.kind)) {
        if !has_safety_comment(&lines, unsafe_use.line) {
            let what = "`unsafe` without `// SAFETY:` above it; give the facts it rests on and where they come from";
            findings.push(Finding::new(&file.path, unsafe_use.line, what));
        }
    }
    findings
}

/// Whether the statement that holds line `number` has a `SAFETY:` comment above it, or in the line itself.
fn has_safety_comment(lines: &[&str], number: usize) -> bool {
    let own = lines.get(number - 1).is_some_and(|line| line.contains("SAFETY:"));
    let above = lines.get(..number - 1).unwrap_or_default().iter().rev().take(SAFETY_REACH);
    own || above
        .map(|line| line.trim())
        .take_while(|line| line.starts_with("//") || !ends_statement(line))
        .any(|line| line.starts_with("// SAFETY:"))
}

/// Whether a line of code ends the statement before, so that a comment above it speaks of something else.
fn ends_statement(line: &str) -> bool {
    let opens_block = line.ends_with('{') && !opens_struct(line);
    line.is_empty() || line.ends_with(';') || line.ends_with('}') || opens_block
}

/// Whether the line ends in `Name {` inside an expression: its fields belong to the same statement.
fn opens_struct(line: &str) -> bool {
    const BLOCKS: &[&str] =
        &["fn ", "impl ", "struct ", "enum ", "union ", "trait ", "if ", "while ", "for ", "match ", "-> "];
    let before = line.trim_end_matches('{').trim_end();
    let name = before.rsplit(|character: char| !character.is_alphanumeric() && character != '_').next();
    let is_type = name.is_some_and(|name| name.starts_with(char::is_uppercase));
    is_type && !BLOCKS.iter().any(|word| line.contains(word))
}

/// A crate with no file inside the fence forbids unsafe code as a whole, which no later file can lift.
fn check_roots(tree: &Tree) -> Vec<Finding> {
    let manifests = tree.files().iter().filter_map(|file| file.path.strip_suffix("/Cargo.toml"));
    let mut findings = Vec::new();
    for dir in manifests {
        let source_dir = format!("{dir}/src/");
        let holds_unsafe = |file: &File| {
            file.path.starts_with(&source_dir)
                && RustSource::parse(&file.text).is_ok_and(|source| !source.unsafe_uses.is_empty())
        };
        if tree.with_ending("rs").any(holds_unsafe) {
            continue;
        }
        let roots = ["lib.rs", "main.rs"].map(|name| format!("{source_dir}{name}"));
        for root in roots.iter().filter_map(|path| tree.file(path)) {
            if !root.text.contains("#![forbid(unsafe_code)]") {
                let what = "no unsafe code in this crate; add `#![forbid(unsafe_code)]` to keep it so";
                findings.push(Finding::new(&root.path, 1, what));
            }
        }
    }
    findings
}
