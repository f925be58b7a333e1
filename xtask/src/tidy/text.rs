//! Words and blanks that no text file of the project may hold.

#[cfg(test)]
mod tests;

use super::finding::Finding;
use super::tree::{File, Tree};

/// A text that may not occur. The entries are put together from halves so that this file does not hold them.
struct Banned {
    text: &'static str,
    /// Whether it must stand alone as a word, in this case of letters.
    word: bool,
    advice: &'static str,
}

const BANNED: &[Banned] = &[
    Banned { text: concat!("TO", "DO"), word: true, advice: UNFINISHED },
    Banned { text: concat!("FIX", "ME"), word: true, advice: UNFINISHED },
    Banned { text: concat!("X", "XX"), word: true, advice: UNFINISHED },
    Banned { text: concat!("keep in ", "sync"), word: false, advice: TABLE },
    Banned { text: concat!("kept in ", "sync"), word: false, advice: TABLE },
    Banned { text: concat!("stay in ", "sync"), word: false, advice: TABLE },
    Banned { text: concat!("crates", ".io"), word: false, advice: REGISTRY },
    Banned { text: concat!("pypi", ".org"), word: false, advice: REGISTRY },
    Banned { text: concat!("pythonhosted", ".org"), word: false, advice: REGISTRY },
    Banned { text: concat!("registry.npm", "js.org"), word: false, advice: REGISTRY },
    Banned { text: concat!("repo.maven.", "apache.org"), word: false, advice: REGISTRY },
    Banned { text: concat!("repo1.", "maven.org"), word: false, advice: REGISTRY },
    Banned { text: concat!("proxy.", "golang.org"), word: false, advice: REGISTRY },
];

const UNFINISHED: &str = "finish it, or say in a sentence what is not done and why";
const TABLE: &str = "make one of the two follow from the other: a table, a macro, or a test that compares them";
const REGISTRY: &str = "name the package alone; where it comes from is the reader's setting";

/// Files that must name a registry.
const MAY_NAME_REGISTRIES: &[&str] = &["deny.toml"];

/// Paths that exist on one machine only, and the endings of files in which they count. In documents a temporary
/// directory is such a path too, save for the names that the JVM itself puts there.
const MACHINE_PATHS: &[(&str, &[&str])] = &[
    (concat!("/wo", "rk/"), &[]),
    (concat!("/ro", "ot/"), &[]),
    (concat!("/ho", "me/"), &["md", "yml", "yaml", "sh", "toml"]),
    (concat!("/tm", "p/"), &["md"]),
];
const NAMES_OF_THE_JVM: &[&str] = &[".java_pid", ".attach_pid", "hsperfdata"];

/// Checks all text files.
pub fn check(tree: &Tree) -> Vec<Finding> {
    tree.files().iter().flat_map(check_file).collect()
}

fn check_file(file: &File) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (number, line) in file.lines() {
        if line.ends_with([' ', '\t', '\r']) {
            findings.push(Finding::new(&file.path, number, "trailing blank; take it away"));
        }
        for banned in BANNED.iter().filter(|banned| occurs(line, banned) && !is_exempt(file, banned)) {
            findings.push(Finding::new(&file.path, number, format!("`{}`; {}", banned.text, banned.advice)));
        }
        for path in machine_paths(file, line) {
            let what = format!("`{path}` is a path of one machine; write it from the root of the project");
            findings.push(Finding::new(&file.path, number, what));
        }
    }
    if !file.text.is_empty() && (!file.text.ends_with('\n') || file.text.ends_with("\n\n")) {
        let last = file.text.lines().count();
        findings.push(Finding::new(&file.path, last, "the file does not end in exactly one line feed; make it so"));
    }
    findings
}

fn occurs(line: &str, banned: &Banned) -> bool {
    if !banned.word {
        return line.to_ascii_lowercase().contains(banned.text);
    }
    line.match_indices(banned.text).any(|(at, text)| {
        let joined = |character: char| character.is_alphanumeric() || character == '_';
        let before = line[..at].chars().next_back().is_some_and(joined);
        let after = line[at + text.len()..].chars().next().is_some_and(joined);
        !before && !after
    })
}

fn is_exempt(file: &File, banned: &Banned) -> bool {
    banned.advice == REGISTRY && MAY_NAME_REGISTRIES.contains(&file.path.as_str())
}

fn machine_paths<'a>(file: &'a File, line: &'a str) -> impl Iterator<Item = &'static str> + 'a {
    let applies = |endings: &[&str]| endings.is_empty() || endings.iter().any(|ending| file.has_ending(ending));
    MACHINE_PATHS
        .iter()
        .filter(move |(path, endings)| applies(endings) && names_path(line, path))
        .map(|(path, _)| *path)
}

/// Whether `path` stands in the line as the start of an absolute path.
fn names_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, text)| {
        let before = line[..at].chars().next_back();
        let inside = before.is_some_and(|character| character.is_alphanumeric() || "_.-/}*$)".contains(character));
        let rest = &line[at + text.len()..];
        !inside && !NAMES_OF_THE_JVM.iter().any(|name| rest.starts_with(name))
    })
}
