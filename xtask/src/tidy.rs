//! `xtask tidy`: the rules of the project that no compiler checks, over the files as they lie in the tree.
//!
//! Each check is one file below and one row of [`CHECKS`]. A check sees text only, never Git, so it gives the same
//! answer in a fresh clone, in an export and in a working tree with half a change in it.
//!
//! Deliberately not here: what rustfmt and clippy say, and what only the built library shows (`xtask reach`).

mod crates;
mod docs;
mod finding;
mod rust_files;
mod rust_source;
mod text;
mod tree;
mod unsafe_files;

use std::path::Path;

use anyhow::{Result, bail};

use finding::Finding;
use tree::Tree;

/// One rule or a few that belong together: from all files to what is wrong with them.
type Check = fn(&Tree) -> Vec<Finding>;

/// Every check, in the order of the report.
const CHECKS: &[Check] = &[rust_files::check, unsafe_files::check, crates::check, docs::check, text::check];

/// Checks the project at `root` and prints one line per finding.
///
/// # Errors
/// If a file cannot be read, or if there is any finding.
pub fn run(root: &Path) -> Result<()> {
    let tree = Tree::read(root)?;
    let findings: Vec<Finding> = CHECKS.iter().flat_map(|check| check(&tree)).collect();
    for finding in &findings {
        println!("{finding}");
    }
    if !findings.is_empty() {
        bail!("tidy: {} to put right in {} files looked at", findings.len(), tree.files().len());
    }
    println!("tidy: {} files, nothing to put right", tree.files().len());
    Ok(())
}
