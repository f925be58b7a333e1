//! Every Rust file says in its first line what it holds, and stays short enough to be read.

#[cfg(test)]
mod tests;

use super::finding::Finding;
use super::rust_source::{RustSource, module_doc};
use super::tree::{File, Tree};

/// Longest file, in lines, inline tests not counted.
const MAX_LINES: usize = 500;

/// Longest inline test module, in lines; longer ones go to a file of their own.
const MAX_TEST_LINES: usize = 60;

/// A comment that starts and ends like this is code.
const CODE_STARTS: &[&str] = &["let ", "use ", "pub ", "fn ", "return ", "#[", "if ", "for ", "match ", "self."];
const CODE_ENDS: &[&str] = &[";", "{", "}", ")]"];

/// Checks all Rust files.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.with_ending("rs").flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut found = |line, what: String| findings.push(Finding::new(&file.path, line, what));
    if module_doc(&file.text).first().is_none_or(|line| line.trim().is_empty()) {
        found(1, "no module doc; open the file with a `//!` line that says what is inside".to_owned());
    }
    match RustSource::parse(&file.text) {
        Ok(source) => {
            let own = file.text.lines().count() - source.test_lines();
            if own > MAX_LINES && !is_test_file(&file.path) {
                found(MAX_LINES, format!("{own} lines without tests; split the file, {MAX_LINES} are the limit"));
            }
            for &(first, last) in source.test_modules.iter().filter(|(first, last)| last - first >= MAX_TEST_LINES) {
                let advice = format!("move them to `tests.rs` in a folder named like this file, over {MAX_TEST_LINES}");
                found(first, format!("{} lines of inline tests; {advice}", last - first + 1));
            }
        }
        Err((line, reason)) => found(line, format!("not Rust: {reason}; make it compile")),
    }
    for (line, text) in file.lines().filter(|(_, text)| is_commented_out_code(text)) {
        found(line, format!("commented-out code `{}`; delete it", text.trim()));
    }
    findings
}

/// Whether the whole file is tests or benches, whose length is not limited.
fn is_test_file(path: &str) -> bool {
    let mut parts = path.split('/');
    parts.any(|part| matches!(part, "tests" | "tests.rs" | "benches"))
}

fn is_commented_out_code(line: &str) -> bool {
    let Some(comment) = line.trim_start().strip_prefix("// ") else {
        return false;
    };
    let comment = comment.trim();
    CODE_STARTS.iter().any(|start| comment.starts_with(start)) && CODE_ENDS.iter().any(|end| comment.ends_with(end))
}
