//! `cargo xtask demo`: a Java service with a fault, profiled from its start, and the fault named by the top table.

use std::process::{Command, ExitCode};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};

use crate::bank::{Bank, PAYMENT_SERVICE};
use crate::children::{self, Guarded};
use crate::server::{Server, TopRow};
use crate::{install, steps, workspace};

/// How long the last upload may take to arrive after the load has ended: two upload intervals and some slack.
const ARRIVAL_TIMEOUT: Duration = Duration::from_secs(25);
const POLL: Duration = Duration::from_millis(500);

/// The fault and what it calls: a digest made anew through the security providers for every field.
const FAULT_FRAMES: [&str; 8] = [
    "bank/payment/PaymentVerticle.sha256",
    "bank/payment/PaymentVerticle.newDigest",
    "java/security/MessageDigest",
    "java/security/Provider",
    "java/security/Security",
    "sun/security/jca/",
    "sun/security/provider/",
    // The JVM's own code for one block of the digest.
    "[stub].sha256_",
];

#[derive(clap::Args)]
pub struct Args {
    /// End after the table is printed; the exit code says whether the fault leads it.
    #[arg(long)]
    once: bool,
    /// How long the load is driven.
    #[arg(long, default_value_t = 30, value_parser = clap::value_parser!(u64).range(1..=3_600))]
    seconds: u64,
}

/// Runs the demo; the exit code is for the shell.
pub fn run(args: &Args) -> anyhow::Result<ExitCode> {
    children::catch_stop()?;
    let jdks = install::jdks()?;
    let jdk = jdks.compiler().context("no JDK has a compiler")?;
    println!("building the agent and the collector");
    steps::run(workspace::cargo().args(["build", "--release", "-p", "agent", "-p", "cli"]))?;
    let agent = workspace::agent_library();
    anyhow::ensure!(agent.is_file(), "{} was not built", agent.display());
    let bank = Bank::compile(jdk)?;

    let data = workspace::target_dir().join("demo");
    if data.exists() {
        std::fs::remove_dir_all(&data).with_context(|| format!("cannot empty {}", data.display()))?;
    }
    let mut server = Server::start(&data)?;
    println!("collector on {}", server.url);
    let (mut service, address) = bank.start_payment(&agent, &server.url)?;
    println!("payment service on {address} (JDK {}), {} s of load", jdk.version, args.seconds);
    bank.start_load(&address, args.seconds)?.wait()?;
    service.check_alive()?;

    let rows = wait_for_profiles(&mut server)?;
    print_top(&server)?;
    println!("\nflame graph: {}/   (application {PAYMENT_SERVICE})", server.url);
    let verdict = verdict(&rows);
    match &verdict {
        Ok(line) => println!("{line}"),
        Err(error) => println!("not as expected: {error}"),
    }
    if args.once {
        return verdict.map(|_| ExitCode::SUCCESS);
    }
    stay(&mut server, &mut service)?;
    Ok(ExitCode::SUCCESS)
}

/// Waits until the profile has stopped growing, so that the table shows the whole load.
fn wait_for_profiles(server: &mut Server) -> anyhow::Result<Vec<TopRow>> {
    println!("waiting for the profiles to arrive");
    let end = Instant::now() + ARRIVAL_TIMEOUT;
    let quiet = Duration::from_secs(6);
    let mut rows = Vec::new();
    let mut grown = Instant::now();
    while Instant::now() < end {
        server.check_alive()?;
        let now = server.top(PAYMENT_SERVICE)?;
        if total(&now) > total(&rows) {
            rows = now;
            grown = Instant::now();
        } else if !rows.is_empty() && grown.elapsed() > quiet {
            break;
        }
        children::pause(POLL)?;
    }
    if rows.is_empty() {
        bail!("no profile of {PAYMENT_SERVICE} arrived within {} s", ARRIVAL_TIMEOUT.as_secs());
    }
    Ok(rows)
}

fn total(rows: &[TopRow]) -> u64 {
    rows.iter().map(|row| row.self_ns).sum()
}

fn print_top(server: &Server) -> anyhow::Result<()> {
    println!();
    let mut command = Command::new(workspace::pyrite());
    steps::run(command.args(["top", "--server", &server.url, "--service", PAYMENT_SERVICE]))
}

/// Whether the heaviest frame is the fault or something that it calls.
fn verdict(rows: &[TopRow]) -> anyhow::Result<String> {
    let first = rows.first().context("the table is empty")?;
    let share = |ns: u64| 100.0 * ns as f64 / total(rows).max(1) as f64;
    let fault = |row: &&TopRow| FAULT_FRAMES.iter().any(|frame| row.frame.starts_with(frame));
    if !fault(&first) {
        bail!(
            "{} leads the table with {:.1} %, not PaymentVerticle.sha256 or what it calls",
            first.frame,
            share(first.self_ns)
        );
    }
    let below: u64 = rows.iter().filter(fault).map(|row| row.self_ns).sum();
    Ok(format!(
        "{} leads with {:.1} %; PaymentVerticle.sha256 and the digest frames below it take {:.1} % of the CPU",
        first.frame,
        share(first.self_ns),
        share(below)
    ))
}

/// Keeps everything up until Ctrl-C or until a part ends.
fn stay(server: &mut Server, service: &mut Guarded) -> anyhow::Result<()> {
    println!("running until Ctrl-C");
    while !children::stop_wanted() {
        server.check_alive()?;
        service.check_alive()?;
        std::thread::sleep(POLL);
    }
    println!("stopping");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::verdict;
    use crate::server::TopRow;

    fn row(frame: &str, self_ns: u64) -> TopRow {
        TopRow { frame: frame.to_owned(), self_ns }
    }

    #[test]
    fn the_fault_or_what_it_calls_must_lead() {
        let sha = row("bank/payment/PaymentVerticle.sha256", 60);
        let provider = row("java/security/Provider.getService", 70);
        let other = row("libc.so.6.write", 65);
        assert!(verdict(&[sha.clone(), other.clone()]).is_ok() || sha.self_ns < other.self_ns);
        let line = verdict(&[provider, other.clone(), sha.clone()]).unwrap();
        assert!(line.contains("66.7 %"), "{line}");
        let error = verdict(&[other, sha]).unwrap_err().to_string();
        assert!(error.contains("libc.so.6.write leads"), "{error}");
        assert!(verdict(&[]).is_err());
    }
}
