//! The cost bench: what the agent adds to a program, paired with runs without it, as a Markdown table.
//!
//! Both runs of a pair follow each other and take turns in going first, so that what drifts on the machine cancels. Shown is
//! the median of the paired differences with its quartiles. A process's CPU is what the kernel charged it by its end.

#![forbid(unsafe_code)]

use std::process::{ExitCode, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Parser;
use e2e::jdk::{Jdk, Jdks};
use e2e::jvm::Launch;
use e2e::profile::Profile;
use e2e::run::TIMEOUT;
use e2e::server::{Server, Upload};
use e2e::statistics::Spread;
use e2e::{paths, programs, statistics};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike;

/// The JDKs on which start-up is measured: both have a class-data archive, as JDKs in the field do.
const START_UP_MAJORS: [u32; 2] = [17, 25];
const SHORT_PAIRS: u32 = 2;
/// Runs that only warm the page cache.
const WARM_UP_RUNS: u32 = 2;
/// Depth and rounds of the program of fixed work: about 20 frames, about 5 s of CPU.
const DEPTH: &str = "15";
const ROUNDS: &str = "200000";
const SHORT_ROUNDS: &str = "20000";
/// The kernel's timers tick at 4 ms at CONFIG_HZ=250, so a shorter interval gives no more samples.
const SAMPLE_INTERVAL: &str = "4ms";
/// When resident memory is read: two uploads of 10 s have been made.
const SETTLED: Duration = Duration::from_secs(23);
const SHORT_SETTLED: Duration = Duration::from_secs(4);

#[derive(Parser)]
#[command(about = "Measures what the agent costs, paired with runs without it")]
struct Cli {
    /// Pairs of runs for each figure.
    #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..=1_000))]
    pairs: u32,
    /// Few pairs: shows that the bench works, not what the agent costs.
    #[arg(long)]
    short: bool,
}

fn main() -> ExitCode {
    match Bench::new(Cli::parse()).and_then(|bench| bench.run()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What one run of a program cost.
#[derive(Clone, Copy, Debug)]
struct Cost {
    wall_ms: f64,
    cpu_ms: f64,
}

struct Bench {
    jdks: Jdks,
    pairs: u32,
    short: bool,
}

impl Bench {
    fn new(cli: Cli) -> anyhow::Result<Bench> {
        let jdks = Jdks::discover(&paths::target_dir());
        paths::agent()?;
        Ok(Bench { jdks, pairs: if cli.short { SHORT_PAIRS } else { cli.pairs }, short: cli.short })
    }

    fn run(&self) -> anyhow::Result<()> {
        println!("| figure | JDK | without | difference with the agent, median [quartiles] | pairs |");
        println!("|---|---|---|---|---|");
        for major in START_UP_MAJORS {
            match self.jdks.major(major) {
                Some(jdk) => self.start_up(jdk)?,
                None => println!("| hello world | {major} | not installed | | |"),
            }
        }
        let jdk = self.jdks.compiler().context("no JDK has a compiler; run `cargo xtask jdks`")?;
        self.memory(jdk)?;
        self.added_per_sample(jdk)?;
        self.uploads(jdk)
    }

    fn launch(&self, jdk: &Jdk, program: &str, arguments: &[&str]) -> anyhow::Result<Launch> {
        Ok(Launch::new(jdk, programs::classes(&self.jdks)?, program, arguments))
    }

    fn start_up(&self, jdk: &Jdk) -> anyhow::Result<()> {
        let server = Server::start()?;
        let bare = self.launch(jdk, "HelloWorld", &[])?;
        let profiled = bare.clone().agent(&paths::agent()?, &server.url);
        for _ in 0..WARM_UP_RUNS {
            cost(&bare)?;
            cost(&profiled)?;
        }
        let pairs = self.paired(|| cost(&bare), || cost(&profiled))?;
        row("hello world, wall clock", jdk, &pairs, "ms", |cost| cost.wall_ms)?;
        row("hello world, CPU", jdk, &pairs, "ms", |cost| cost.cpu_ms)
    }

    /// Resident memory of a program that is in its stride.
    fn memory(&self, jdk: &Jdk) -> anyhow::Result<()> {
        let server = Server::start()?;
        let settled = if self.short { SHORT_SETTLED } else { SETTLED };
        let seconds = (settled.as_secs() + 5).to_string();
        let bare = self.launch(jdk, "Sleeper", &[&seconds])?.jvm("-Xms64m").jvm("-Xmx64m").jvm("-XX:+AlwaysPreTouch");
        let profiled = bare.clone().agent(&paths::agent()?, &server.url);
        let measure = |launch: &Launch| -> anyhow::Result<f64> {
            let mut running = launch.start()?;
            running.wait_for_output("truth ready=", TIMEOUT)?;
            std::thread::sleep(settled);
            Ok(running.rss_bytes()? as f64 / 1e6)
        };
        // Memory spreads little, and each pair takes most of a minute.
        let pairs = Bench { pairs: self.pairs.div_ceil(4), jdks: self.jdks.clone(), short: self.short }
            .paired(|| measure(&bare), || measure(&profiled))?;
        row("resident memory", jdk, &pairs, "MB", |megabytes| *megabytes)
    }

    /// The CPU that a sample adds at about 20 frames, over that of a handler that returns at once.
    fn added_per_sample(&self, jdk: &Jdk) -> anyhow::Result<()> {
        let server = Server::start()?;
        let rounds = if self.short { SHORT_ROUNDS } else { ROUNDS };
        let bare = self.launch(jdk, "FixedWork", &[DEPTH, rounds])?;
        let options =
            |launch: Launch| launch.option("profiler.event", "ctimer").option("profiling.interval", SAMPLE_INTERVAL);
        let profiled = options(bare.clone().agent(&paths::agent()?, &server.url));
        let empty = profiled.clone().option("test.handler", "empty");
        cost(&bare)?;
        let before = server.uploads()?.len();
        let with_bare = self.paired(|| cost(&bare), || cost(&profiled))?;
        let sampled = Profile::read(&server.uploads()?[before..])?;
        let samples = sampled.samples().count() as f64 / f64::from(self.pairs);
        ensure!(samples > 0.0, "no sample arrived");
        let with_empty = self.paired(|| cost(&empty), || cost(&profiled))?;
        let per_sample = |pairs: &[(Cost, Cost)]| {
            let micros = pairs.iter().map(|(first, second)| (second.cpu_ms - first.cpu_ms) * 1e3 / samples).collect();
            Spread::of(micros).context("no pairs")
        };
        println!(
            "| added CPU per sample, all in | {} | {samples:.0} samples a run | {:.1} us | {} |",
            jdk.major,
            per_sample(&with_bare)?,
            with_bare.len()
        );
        println!(
            "| added CPU per sample over an empty handler | {} | {samples:.0} samples a run | {:.1} us | {} |",
            jdk.major,
            per_sample(&with_empty)?,
            with_empty.len()
        );
        own_accounting(jdk, &sampled)
    }

    /// The size of an upload of 10 s of a large, ordinary program.
    fn uploads(&self, jdk: &Jdk) -> anyhow::Result<()> {
        let server = Server::start()?;
        let (seconds, interval) = if self.short { ("4", "1s") } else { ("45", "10s") };
        let sources = paths::programs();
        let launch = self
            .launch(jdk, "JavacLoop", &[&sources.display().to_string(), seconds])?
            .agent(&paths::agent()?, &server.url)
            .option("upload.interval", interval);
        launch.run(TIMEOUT)?;
        let uploads: Vec<Upload> = server.uploads()?;
        // The last one is not of a whole interval.
        let sizes = uploads.iter().rev().skip(1).map(|upload| upload.body_bytes as f64 / 1e3).collect();
        let sizes = Spread::of(sizes).context("fewer than two uploads")?;
        println!(
            "| upload of {interval} of javac, kB | {} | | {sizes:.1} | {} uploads |",
            jdk.major,
            uploads.len() - 1
        );
        own_accounting(jdk, &Profile::read(&uploads)?)
    }

    /// Runs both sides in turn; which goes first alternates. The first of each pair returned is `first`'s.
    fn paired<T>(
        &self,
        first: impl Fn() -> anyhow::Result<T>,
        second: impl Fn() -> anyhow::Result<T>,
    ) -> anyhow::Result<Vec<(T, T)>> {
        let pair = |number| {
            if number % 2 == 0 {
                let one = first()?;
                Ok((one, second()?))
            } else {
                let two = second()?;
                Ok((first()?, two))
            }
        };
        (0..self.pairs).map(pair).collect()
    }
}

/// Runs a program to its end; nothing else of ours may end meanwhile, because the kernel sums over all children.
fn cost(launch: &Launch) -> anyhow::Result<Cost> {
    let before = children_cpu_ms()?;
    let start = Instant::now();
    let mut command = launch.command();
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status()?;
    let wall_ms = start.elapsed().as_secs_f64() * 1e3;
    ensure!(status.success(), "{} ended with {status}", command.get_program().display());
    Ok(Cost { wall_ms, cpu_ms: children_cpu_ms()? - before })
}

fn children_cpu_ms() -> anyhow::Result<f64> {
    let usage = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    Ok((usage.user_time().num_microseconds() + usage.system_time().num_microseconds()) as f64 / 1e3)
}

fn row<T>(figure: &str, jdk: &Jdk, pairs: &[(T, T)], unit: &str, value: impl Fn(&T) -> f64) -> anyhow::Result<()> {
    let without = statistics::median(pairs.iter().map(|(bare, _)| value(bare)).collect()).context("no pairs")?;
    let difference = Spread::of(pairs.iter().map(|(bare, profiled)| value(profiled) - value(bare)).collect());
    let difference = difference.context("no pairs")?;
    println!("| {figure} | {} | {without:.1} {unit} | {difference:+.1} {unit} | {} |", jdk.major, pairs.len());
    Ok(())
}

/// What the agent says of itself, summed over the runs of a profile.
fn own_accounting(jdk: &Jdk, profile: &Profile) -> anyhow::Result<()> {
    let entries = profile.counter("handler_entries")?;
    let handler_us = profile.counter("handler_ns")? / 1e3 / entries.max(1.0);
    let own_ms = profile.counter("own_cpu_ns")? / 1e6;
    println!(
        "| own accounting: in the handler, us an entry | {} | | {handler_us:.1} | {entries:.0} entries |",
        jdk.major
    );
    println!("| own accounting: CPU of the agent's threads, ms a run | {} | | {own_ms:.1} | |", jdk.major);
    Ok(())
}
