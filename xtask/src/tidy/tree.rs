//! The files of the project, read once.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};

/// Directories that hold nothing we wrote: build results, and files of others that are kept as they came.
const SKIPPED_DIRS: &[&str] =
    &[".git", "target", "node_modules", "vendor", "golden", "fixtures", "corpus", "artifacts", "recorded"];

/// Files with these endings are text that we wrote. Others are listed but not read.
const TEXT_ENDINGS: &[&str] = &[
    "rs",
    "md",
    "toml",
    "java",
    "c",
    "h",
    "go",
    "py",
    "sh",
    "yml",
    "yaml",
    "html",
    "css",
    "js",
    "mjs",
    "proto",
    "properties",
    "xml",
    "sql",
];

/// Files without an ending that are text that we wrote.
const TEXT_NAMES: &[&str] = &["Dockerfile", "run", ".gitignore"];

/// One text file.
#[derive(Clone, Debug)]
pub struct File {
    /// From the root, with `/`.
    pub path: String,
    /// Its content.
    pub text: String,
}

impl File {
    /// Whether the name ends in `.` and `ending`.
    pub fn has_ending(&self, ending: &str) -> bool {
        ending_of(&self.path) == Some(ending)
    }

    /// The lines with their numbers, which count from 1.
    pub fn lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.text.lines().enumerate().map(|(index, line)| (index + 1, line))
    }
}

/// All files of the project.
#[derive(Debug, Default)]
pub struct Tree {
    files: Vec<File>,
    paths: BTreeSet<String>,
}

impl Tree {
    /// Reads everything under `root`.
    ///
    /// # Errors
    /// If a directory or a text file cannot be read; a text file that is not UTF-8 counts as such.
    pub fn read(root: &Path) -> Result<Self> {
        let mut tree = Self::default();
        tree.read_dir(root, "")?;
        tree.files.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(tree)
    }

    /// A tree of these files, for tests of checks.
    #[cfg(test)]
    pub fn of(files: &[(&str, &str)]) -> Self {
        let files = files.iter().map(|(path, text)| File { path: (*path).to_owned(), text: (*text).to_owned() });
        let files: Vec<File> = files.collect();
        let paths = files.iter().map(|file| file.path.clone()).collect();
        Self { files, paths }
    }

    /// The text files, sorted by path.
    pub fn files(&self) -> &[File] {
        &self.files
    }

    /// The text files with this ending.
    pub fn with_ending(&self, ending: &str) -> impl Iterator<Item = &File> {
        self.files.iter().filter(move |file| file.has_ending(ending))
    }

    /// The text file at `path`.
    pub fn file(&self, path: &str) -> Option<&File> {
        self.files.iter().find(|file| file.path == path)
    }

    /// Paths of all files, text or not. Directories are not listed; what lies in skipped directories neither.
    pub fn paths(&self) -> &BTreeSet<String> {
        &self.paths
    }

    /// Whether `path` is a file or a directory of the project.
    pub fn exists(&self, path: &str) -> bool {
        let path = path.trim_end_matches('/');
        if self.paths.contains(path) {
            return true;
        }
        let inside = format!("{path}/");
        self.paths.range(inside.clone()..).next().is_some_and(|next| next.starts_with(&inside))
    }

    fn read_dir(&mut self, dir: &Path, prefix: &str) -> Result<()> {
        let entries = fs::read_dir(dir).with_context(|| format!("cannot list {}", dir.display()))?;
        for entry in entries {
            let entry = entry.with_context(|| format!("cannot list {}", dir.display()))?;
            let name = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{prefix}{name}");
            let kind = entry.file_type().with_context(|| format!("cannot look at {path}"))?;
            if kind.is_dir() {
                if !SKIPPED_DIRS.contains(&name.as_str()) {
                    self.read_dir(&entry.path(), &format!("{path}/"))?;
                } else if name != ".git" && name != "target" {
                    // Its name counts as existing, for the check of documented paths.
                    self.paths.insert(path);
                }
                continue;
            }
            if is_text(&name) {
                let text = fs::read_to_string(entry.path()).with_context(|| format!("cannot read {path} as UTF-8"))?;
                self.files.push(File { path: path.clone(), text });
            }
            self.paths.insert(path);
        }
        Ok(())
    }
}

fn is_text(name: &str) -> bool {
    TEXT_NAMES.contains(&name) || ending_of(name).is_some_and(|ending| TEXT_ENDINGS.contains(&ending))
}

fn ending_of(path: &str) -> Option<&str> {
    let name = path.rsplit('/').next()?;
    name.rsplit_once('.').map(|(_, ending)| ending)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_results_are_skipped_and_binary_files_listed() {
        let dir = tempfile::tempdir().expect("a directory");
        for (path, content) in [
            ("a/src/lib.rs", &b"//! A.\n"[..]),
            ("target/x.rs", b"x"),
            ("a/icon.png", b"\xff"),
            ("a/golden/y.rs", b"y"),
        ] {
            let path = dir.path().join(path);
            fs::create_dir_all(path.parent().expect("a parent")).expect("created");
            fs::write(path, content).expect("written");
        }
        let tree = Tree::read(dir.path()).expect("read");
        let read: Vec<&str> = tree.files().iter().map(|file| file.path.as_str()).collect();
        assert_eq!(read, ["a/src/lib.rs"]);
        for path in ["a/icon.png", "a", "a/src/", "a/src/lib.rs", "a/golden"] {
            assert!(tree.exists(path), "{path}");
        }
        for path in ["target/x.rs", "a/sr", "b"] {
            assert!(!tree.exists(path), "{path}");
        }
    }

    #[test]
    fn a_text_file_that_is_not_utf8_is_named() {
        let dir = tempfile::tempdir().expect("a directory");
        fs::write(dir.path().join("bad.md"), b"\xff").expect("written");
        let error = Tree::read(dir.path()).expect_err("not UTF-8");
        assert!(error.to_string().contains("bad.md"), "{error}");
    }
}
