//! Documents: paths and links they name exist, and the changelog has a place for what is not released.

#[cfg(test)]
mod tests;

use super::finding::Finding;
use super::tree::{File, Tree};

/// Documents whose code spans are checked as paths, by file name. Others may speak of the reader's files.
const MAPS: &[&str] = &["README.md", "ARCHITECTURE.md"];

/// A code span with one of these endings names a file of the project even without a folder.
const OWN_ENDINGS: &[&str] = &[".rs", ".md", ".toml", ".proto", ".java", ".c"];

/// Folder of build results: what is in it exists only after a build.
const BUILT: &str = "target/";

const CHANGELOG: &str = "CHANGELOG.md";

/// Checks all documents.
pub fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = check_changelog(tree);
    for file in tree.with_ending("md") {
        let is_map = file.path.rsplit('/').next().is_some_and(|name| MAPS.contains(&name));
        let mut in_block = false;
        for (number, line) in file.lines() {
            if line.trim_start().starts_with("```") {
                in_block = !in_block;
                continue;
            }
            if in_block {
                continue;
            }
            if is_map {
                findings.extend(missing_paths(tree, line).map(|path| {
                    let what = format!("`{path}` does not exist; correct the path or the tree");
                    Finding::new(&file.path, number, what)
                }));
            }
            findings.extend(dead_links(tree, file, line).map(|target| {
                Finding::new(&file.path, number, format!("link to `{target}`, which does not exist; correct it"))
            }));
        }
    }
    findings
}

fn check_changelog(tree: &Tree) -> Vec<Finding> {
    let Some(changelog) = tree.file(CHANGELOG) else {
        return vec![Finding::new(CHANGELOG, 1, "no changelog; add one with a section `## [Unreleased]`")];
    };
    let is_section = |line: &str| matches!(line.trim_end(), "## Unreleased" | "## [Unreleased]");
    if changelog.text.lines().any(is_section) {
        return Vec::new();
    }
    vec![Finding::new(CHANGELOG, 1, "no section for what is not released; add `## [Unreleased]`")]
}

/// The code spans of a line that look like paths of the project and name nothing in it.
fn missing_paths<'a>(tree: &'a Tree, line: &'a str) -> impl Iterator<Item = &'a str> + 'a {
    code_spans(line).filter(|span| looks_like_path(tree, span) && !names_something(tree, span))
}

fn code_spans(line: &str) -> impl Iterator<Item = &str> {
    // Between the first and the second backtick, the third and the fourth, and so on.
    line.split('`').skip(1).step_by(2)
}

fn looks_like_path(tree: &Tree, span: &str) -> bool {
    let path_characters = |character: char| character.is_alphanumeric() || "._-/{},*:".contains(character);
    if span.is_empty()
        || !span.chars().all(path_characters)
        || span.starts_with(BUILT)
        || span.starts_with(['/', '.', '*'])
    {
        return false;
    }
    let in_own_folder =
        span.split_once('/').is_some_and(|(top, _)| tree.exists(&format!("{top}/")) && !tree.paths().contains(top));
    in_own_folder || OWN_ENDINGS.iter().any(|ending| span.len() > ending.len() && span.ends_with(ending))
}

/// Whether each path that the span stands for is in the tree: from the root, or as the end of some path there.
fn names_something(tree: &Tree, span: &str) -> bool {
    let span = span.split_once(':').map_or(span, |(path, _line)| path);
    expand_braces(span).iter().all(|path| match path.split_once('*') {
        Some((before, after)) => tree.paths().iter().any(|known| {
            known.len() >= before.len() + after.len() && known.starts_with(before) && known.ends_with(after)
        }),
        None => tree.exists(path) || tree.paths().iter().any(|known| known.ends_with(&format!("/{path}"))),
    })
}

/// `a/{b,c}.rs` as `a/b.rs` and `a/c.rs`.
fn expand_braces(span: &str) -> Vec<String> {
    let parts = span.split_once('{').and_then(|(before, rest)| {
        let (choices, after) = rest.split_once('}')?;
        Some((before, choices, after))
    });
    match parts {
        Some((before, choices, after)) => {
            choices.split(',').flat_map(|choice| expand_braces(&format!("{before}{choice}{after}"))).collect()
        }
        None => vec![span.to_owned()],
    }
}

/// Targets of links inside the project that do not exist.
fn dead_links<'a>(tree: &'a Tree, file: &'a File, line: &'a str) -> impl Iterator<Item = &'a str> + 'a {
    let targets = line.match_indices("](").filter_map(|(at, open)| {
        let target = line[at + open.len()..].split([')', ' ']).next()?;
        Some(target)
    });
    targets.filter(move |target| {
        let path = target.split('#').next().unwrap_or_default();
        let elsewhere = path.is_empty() || path.contains("://") || path.starts_with("mailto:");
        !elsewhere && !resolve(&file.path, path).is_some_and(|path| tree.exists(&path))
    })
}

/// A link's path from the root, or `None` if it leaves the project.
fn resolve(from: &str, link: &str) -> Option<String> {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            name => parts.push(name),
        }
    }
    Some(parts.join("/"))
}
