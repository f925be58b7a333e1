//! Where things are: the root of the workspace and what cargo builds below it.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The root of the workspace; this crate lies one folder below it.
pub fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// Cargo's target directory; `CARGO_TARGET_DIR` moves it.
pub fn target_dir() -> PathBuf {
    match std::env::var_os("CARGO_TARGET_DIR") {
        Some(dir) => root().join(dir),
        None => root().join("target"),
    }
}

/// The agent of the release build.
pub fn agent_library() -> PathBuf {
    target_dir().join("release/libpyrite.so")
}

/// The `pyrite` command of the release build.
pub fn pyrite() -> PathBuf {
    target_dir().join("release/pyrite")
}

/// `cargo`, the one that runs us, started at the root.
pub fn cargo() -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(root());
    command
}
