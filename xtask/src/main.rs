//! The project's tasks: `cargo xtask demo | test | jdks | bench | soak | tidy | reach`.

#![forbid(unsafe_code)]

mod bank;
mod children;
mod demo;
mod harness;
mod install;
// Shared by path: a dependency on the end-to-end crate would make every task wait for its build.
#[path = "../../tests/src/jdk.rs"]
mod jdk;
mod jdks;
mod reach;
mod server;
mod steps;
mod suite;
mod tidy;
mod workspace;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Tasks of the Pyrite project")]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Profile the example bank: build, serve, load, and show what burns its CPU.
    Demo(demo::Args),
    /// Run the whole suite and end with how many steps passed.
    Test(suite::Args),
    /// Make JDK 11, 17, 21 and 25 available and say what each has.
    Jdks,
    /// Measure what the agent costs, paired with runs without it.
    Bench(harness::BenchArgs),
    /// Run thread, class and allocation churn under the agent and watch its memory.
    Soak(harness::SoakArgs),
    /// Check the house rules on the source.
    Tidy,
    /// Check that nothing forbidden can be reached from the signal handler of a built agent.
    Reach {
        /// The library to look at; by default the release build's.
        library: Option<PathBuf>,
    },
}

fn main() -> ExitCode {
    match run(Cli::parse().task) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("xtask: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> anyhow::Result<ExitCode> {
    match task {
        Task::Demo(args) => return demo::run(&args),
        Task::Test(args) => return suite::run(&args),
        Task::Jdks => jdks::run()?,
        Task::Bench(args) => harness::bench(&args)?,
        Task::Soak(args) => harness::soak(&args)?,
        Task::Tidy => tidy::run(&workspace::root())?,
        Task::Reach { library } => reach::run(&library.unwrap_or_else(workspace::agent_library))?,
    }
    Ok(ExitCode::SUCCESS)
}
