//! `cargo xtask bench` and `cargo xtask soak`: both are programs of the end-to-end crate, started on a release build.

use std::process::Command;

use crate::{install, steps, workspace};

#[derive(clap::Args)]
pub struct BenchArgs {
    /// Pairs of runs with and without the agent for each figure.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pairs: u32,
    /// Few pairs: shows that the bench works, not what the agent costs.
    #[arg(long)]
    short: bool,
}

#[derive(clap::Args)]
pub struct SoakArgs {
    /// How long each JDK is soaked.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// One minute on one JDK.
    #[arg(long)]
    short: bool,
}

/// Builds the release and runs the cost bench on it.
pub fn bench(args: &BenchArgs) -> anyhow::Result<()> {
    build_release()?;
    install::jdks()?;
    let mut command = program("bench");
    command.args(["--pairs", &args.pairs.to_string()]);
    if args.short {
        command.arg("--short");
    }
    steps::run(&mut command)
}

/// Builds the release and soaks it.
pub fn soak(args: &SoakArgs) -> anyhow::Result<()> {
    build_release()?;
    install::jdks()?;
    let mut command = program("soak");
    command.args(["--minutes", &args.minutes.to_string()]);
    if args.short {
        command.arg("--short");
    }
    steps::run(&mut command)
}

/// Builds what is measured: the agent and the command-line tool, as they ship.
pub fn build_release() -> anyhow::Result<()> {
    steps::run(workspace::cargo().args(["build", "--release", "-p", "agent", "-p", "cli"]))
}

/// A program of the end-to-end crate, told which agent to load.
fn program(name: &str) -> Command {
    let mut command = workspace::cargo();
    command.args(["run", "--quiet", "-p", "e2e", "--bin", name, "--"]);
    command.env("PYRITE_AGENT", workspace::agent_library());
    command
}
