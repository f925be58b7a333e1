//! `cargo xtask test`: the whole suite, a step at a time, each timed, with a count at the end.

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::bail;

use crate::{harness, jdks, reach, steps, tidy, workspace};

#[derive(clap::Args)]
pub struct Args {
    /// Only this step; may be given several times. `--only list` names the steps.
    #[arg(long)]
    only: Vec<String>,
    /// The long form of the end-to-end suite, on every JDK.
    #[arg(long)]
    full: bool,
}

/// One step of the suite.
struct Step {
    name: &'static str,
    run: fn(&Args) -> anyhow::Result<()>,
}

/// The steps in the order in which a fault is cheapest to find.
const STEPS: [Step; 11] = [
    Step { name: "fmt", run: fmt },
    Step { name: "tidy", run: |_| tidy::run(&workspace::root()) },
    Step { name: "clippy", run: clippy },
    Step { name: "unit", run: unit },
    Step { name: "collector", run: collector },
    Step { name: "loom", run: loom },
    Step { name: "release", run: |_| harness::build_release() },
    Step { name: "reach", run: |_| reach::run(&workspace::agent_library()) },
    Step { name: "e2e", run: e2e },
    Step { name: "soak", run: |_| measure(&["soak", "--short"]) },
    Step { name: "bench", run: |_| measure(&["bench", "--short"]) },
];

/// Runs the steps; a failed one does not stop the others.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    let names = || STEPS.iter().map(|step| step.name).collect::<Vec<_>>().join(", ");
    if args.only.iter().any(|name| name == "list") {
        println!("{}", names());
        return Ok(ExitCode::SUCCESS);
    }
    if let Some(unknown) = args.only.iter().find(|name| STEPS.iter().all(|step| step.name != **name)) {
        bail!("no step is called {unknown}; there are: {}", names());
    }
    let mut results: Vec<(&str, Duration, Option<anyhow::Error>)> = Vec::new();
    for step in STEPS.iter().filter(|step| args.only.is_empty() || args.only.iter().any(|name| name == step.name)) {
        println!("\n==== {}", step.name);
        let start = Instant::now();
        let error = (step.run)(args).err();
        let seconds = start.elapsed().as_secs_f64();
        match &error {
            None => println!("==== {}: passed in {seconds:.1} s", step.name),
            Some(error) => println!("==== {}: FAILED in {seconds:.1} s: {error:#}", step.name),
        }
        results.push((step.name, start.elapsed(), error));
    }
    Ok(summary(&results))
}

/// Prints a line a step and the count on a line of its own.
fn summary(results: &[(&str, Duration, Option<anyhow::Error>)]) -> ExitCode {
    println!();
    for (name, time, error) in results {
        let outcome = error.as_ref().map_or_else(|| "passed".to_owned(), |error| format!("FAILED: {error:#}"));
        println!("{name:<10} {:>7.1} s  {outcome}", time.as_secs_f64());
    }
    let failed = results.iter().filter(|(_, _, error)| error.is_some()).count();
    println!("\n{} passed, {failed} failed", results.len() - failed);
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn fmt(_: &Args) -> anyhow::Result<()> {
    steps::run(workspace::cargo().args(["fmt", "--all", "--check"]))
}

fn clippy(_: &Args) -> anyhow::Result<()> {
    steps::run(workspace::cargo().args(["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"]))
}

/// Everything that needs no built agent, but the collector's own tests.
fn unit(_: &Args) -> anyhow::Result<()> {
    let crates = ["jvmti-sys", "sampler", "jfr", "agent", "xtask"];
    let mut command = workspace::cargo();
    command.args(["test", "--quiet"]).args(crates.iter().flat_map(|name| ["-p", name]));
    steps::run(&mut command)?;
    steps::run(workspace::cargo().args(["test", "--quiet", "-p", "e2e", "--lib", "--bins"]))
}

fn collector(_: &Args) -> anyhow::Result<()> {
    steps::run(workspace::cargo().args(["test", "--quiet", "-p", "collector", "-p", "cli"]))
}

/// The ring under every interleaving. `--cfg loom` changes every crate, so it has a target directory of its own.
fn loom(_: &Args) -> anyhow::Result<()> {
    steps::run(
        workspace::cargo()
            .args(["test", "--quiet", "--release", "-p", "sampler", "--test", "ring_loom"])
            .env("CARGO_TARGET_DIR", workspace::target_dir().join("loom"))
            .env("RUSTFLAGS", "--cfg loom"),
    )
}

fn e2e(args: &Args) -> anyhow::Result<()> {
    jdks::ensure()?;
    let form = if args.full { "full" } else { "short" };
    steps::run(
        workspace::cargo()
            .args(["test", "--quiet", "-p", "e2e", "--test", "e2e"])
            .env("PYRITE_E2E", form)
            .env("PYRITE_AGENT", workspace::agent_library()),
    )
}

/// Another task of ours, as a process of its own, so that its output looks the same as when a person runs it.
fn measure(args: &[&str]) -> anyhow::Result<()> {
    steps::run(Command::new(std::env::current_exe()?).args(args))
}

#[cfg(test)]
mod tests {
    use super::STEPS;

    #[test]
    fn the_names_of_the_steps_are_unique() {
        let mut names: Vec<&str> = STEPS.iter().map(|step| step.name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), STEPS.len());
    }
}
