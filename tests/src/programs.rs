//! The Java programs of `tests/programs`, compiled once a process.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use anyhow::{Context, bail};

use crate::jdk::Jdks;
use crate::paths;

/// The folder of the compiled programs.
pub fn classes(jdks: &Jdks) -> anyhow::Result<&'static Path> {
    static CLASSES: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let compiled = CLASSES.get_or_init(|| compile(jdks).map_err(|error| format!("{error:#}")));
    match compiled {
        Ok(classes) => Ok(classes),
        Err(error) => bail!("{error}"),
    }
}

/// Compiles for Java 11; programs that need a later API call it by reflection, so one compiler serves the whole matrix.
fn compile(jdks: &Jdks) -> anyhow::Result<PathBuf> {
    let compiler = jdks.compiler().context("no JDK with a compiler was found; install openjdk-17-jdk-headless")?;
    let javac = compiler.tool("javac").context("this JDK has no javac")?;
    let classes = paths::target_dir().join("e2e-classes");
    let mut sources: Vec<PathBuf> =
        std::fs::read_dir(paths::programs())?.map(|entry| entry.map(|entry| entry.path())).collect::<Result<_, _>>()?;
    sources.retain(|path| path.extension().is_some_and(|extension| extension == "java"));
    sources.sort();
    let status = Command::new(&javac)
        .args(["--release", "11", "-Xlint:all", "-Werror", "-d"])
        .arg(&classes)
        .args(&sources)
        .env_remove("JAVA_TOOL_OPTIONS")
        .status()
        .with_context(|| format!("cannot start {}", javac.display()))?;
    if !status.success() {
        bail!("the test programs do not compile");
    }
    Ok(classes)
}
