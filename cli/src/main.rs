//! The command line of Pyrite: parses the arguments, runs one command, turns its failure into one line and a status.
#![forbid(unsafe_code)]

mod client;
mod flamebearer;
mod function_name;
mod instant;
mod profile_type;
mod serve;
mod table;
mod top;
mod value;

use std::io::{self, Write as _};
use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// A continuous profiler for the JVM: receives profiles, keeps them, and shows where the time goes.
#[derive(Parser)]
#[command(name = "pyrite", version, max_term_width = 100, arg_required_else_help = true, after_help = EXAMPLES)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "\
Examples:
  pyrite serve                         receive profiles, show them at http://127.0.0.1:4040;
                                       prints how to start a JVM that sends them
  pyrite top                           where the CPU time went in the last ten minutes
  pyrite top --type alloc --since 1h   what allocated most in the last hour";

#[derive(Subcommand)]
enum Command {
    /// Receive profiles, keep them in a directory, and show them on a page
    Serve(serve::Args),
    /// Print the functions that used most, from a running server
    Top(top::Args),
    /// Print the version
    Version,
}

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Serve(args) => serve::run(&args),
        Command::Top(args) => top::run(&args),
        Command::Version => print(&format!("pyrite {}\n", env!("CARGO_PKG_VERSION"))),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("pyrite: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Writes to standard output. A reader that has gone (`pyrite top | head -3`) has seen enough: that is no failure.
fn print(text: &str) -> anyhow::Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        other => other.map_err(|error| anyhow::anyhow!("cannot write to standard output: {error}")),
    }
}

#[cfg(test)]
mod tests {
    use super::Cli;
    use clap::CommandFactory as _;

    #[test]
    fn the_arguments_are_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn help_shows_every_command_and_an_example() {
        let help = Cli::command().render_long_help().to_string();
        for word in ["serve", "top", "version", "pyrite top --type alloc"] {
            assert!(help.contains(word), "{word} is missing in {help}");
        }
    }
}
