//! Where things are: the workspace, cargo's target directory, the agent under test.

use std::path::{Path, PathBuf};

use anyhow::ensure;

/// The root of the workspace.
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

/// The agent under test: `PYRITE_AGENT`, or the release build's.
pub fn agent() -> anyhow::Result<PathBuf> {
    let path =
        std::env::var_os("PYRITE_AGENT").map_or_else(|| target_dir().join("release/libpyrite.so"), PathBuf::from);
    ensure!(path.is_file(), "{} is missing; run `cargo build --release -p agent` first", path.display());
    Ok(path.canonicalize()?)
}

/// The sources of the test programs.
pub fn programs() -> PathBuf {
    root().join("tests/programs")
}
