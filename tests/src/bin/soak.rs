//! The soak run: churn under the agent at a 1 ms interval with a rotation every second and signals at random times.
//!
//! It asserts that the program lives to its end, that its resident memory is flat after warm-up, that every upload can be
//! read, and that every entry of the handler is accounted for.

#![forbid(unsafe_code)]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use clap::Parser;
use e2e::jdk::{Jdk, Jdks};
use e2e::jvm::{Launch, Running};
use e2e::profile::Profile;
use e2e::server::Server;
use e2e::{paths, programs, statistics};

/// The heap is touched at the start, so that the memory that grows is not Java's.
const HEAP: [&str; 4] = ["-Xms192m", "-Xmx192m", "-XX:+AlwaysPreTouch", "-XX:MaxMetaspaceSize=96m"];
const MEASURE_EVERY: Duration = Duration::from_secs(1);
/// The part of the run that is warm-up: compilers, class data and the agent's tables reach their size.
const WARM_UP: f64 = 0.4;
/// Growth from the first to the last third after warm-up that is still flat, bytes: what a JVM's own arenas wander.
const MOST_GROWTH_BYTES: f64 = 12.0 * 1024.0 * 1024.0;
const SHORT_MINUTES: f64 = 1.0;
/// The end of the program may be late by this much before it counts as hung.
const PATIENCE: Duration = Duration::from_secs(120);

#[derive(Parser)]
#[command(about = "Soaks the agent under thread, class and allocation churn")]
struct Cli {
    /// Length of the run on each JDK.
    #[arg(long, default_value_t = 10.0)]
    minutes: f64,
    /// One minute on one JDK.
    #[arg(long)]
    short: bool,
}

fn main() -> ExitCode {
    match run(&Cli::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("soak: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(cli: &Cli) -> anyhow::Result<()> {
    let jdks = Jdks::discover(&paths::target_dir());
    let minutes = if cli.short { SHORT_MINUTES } else { cli.minutes };
    let count = if cli.short { 1 } else { jdks.0.len() };
    ensure!(!jdks.0.is_empty(), "no JDK was found; run `cargo xtask jdks`");
    for jdk in jdks.0.iter().rev().take(count) {
        soak(&jdks, jdk, minutes).with_context(|| format!("JDK {}", jdk.version))?;
    }
    Ok(())
}

fn soak(jdks: &Jdks, jdk: &Jdk, minutes: f64) -> anyhow::Result<()> {
    let seconds = (minutes * 60.0).round();
    println!("JDK {}: {seconds} s of churn", jdk.version);
    let server = Server::start()?;
    let launch = Launch::new(jdk, programs::classes(jdks)?, "Churn", &[&seconds.to_string()]);
    let launch = HEAP.into_iter().fold(launch, |launch, option| launch.jvm(option));
    let launch = launch
        .agent(&paths::agent()?, &server.url)
        .option("upload.interval", "1s")
        .option("profiling.interval", "1ms")
        .option("test.signal.storm", "300us");
    let mut running = launch.start()?;
    let memory = watch(&mut running, seconds)?;
    let finished = running.wait(PATIENCE)?;
    finished.expect_code(0)?;
    ensure!(finished.truth.get::<bool>("ended")?, "the program did not come to its end:\n{}", finished.printed());
    check_memory(&memory).with_context(|| finished.printed())?;
    check_uploads(&server, seconds).with_context(|| finished.printed())
}

/// Resident memory every second until the end is near; a program that dies early is an error.
fn watch(running: &mut Running, seconds: f64) -> anyhow::Result<Vec<f64>> {
    let end = Instant::now() + Duration::from_secs_f64(seconds);
    let mut memory = Vec::new();
    while Instant::now() + MEASURE_EVERY < end {
        std::thread::sleep(MEASURE_EVERY);
        if !running.is_alive() {
            break;
        }
        memory.push(running.rss_bytes()? as f64);
    }
    Ok(memory)
}

fn check_memory(memory: &[f64]) -> anyhow::Result<()> {
    let warm = &memory[(memory.len() as f64 * WARM_UP) as usize..];
    let third = warm.len() / 3;
    let early = statistics::median(warm[..third].to_vec()).context("the run is too short to judge memory")?;
    let late =
        statistics::median(warm[warm.len() - third..].to_vec()).context("the run is too short to judge memory")?;
    println!("resident memory after warm-up: {:.1} MB, at the end: {:.1} MB", early / 1e6, late / 1e6);
    ensure!(late - early <= MOST_GROWTH_BYTES, "resident memory grew by {:.1} MB after warm-up", (late - early) / 1e6);
    Ok(())
}

fn check_uploads(server: &Server, seconds: f64) -> anyhow::Result<()> {
    let uploads = server.uploads()?;
    let profile = Profile::read(&uploads)?;
    ensure!(uploads.len() as f64 >= 0.8 * seconds, "{} uploads in {seconds} s at one a second", uploads.len());
    for (number, interval) in profile.intervals.iter().enumerate() {
        interval.check_complete().with_context(|| format!("upload {number}"))?;
    }
    let last = profile.intervals.last().context("nothing was uploaded")?;
    let bytes: u64 = uploads.iter().map(|upload| upload.body_bytes).sum();
    println!(
        "{} uploads of {:.1} kB on average, {} entries, {} samples, {} drops, {:.1} s of CPU shown",
        uploads.len(),
        bytes as f64 / uploads.len() as f64 / 1e3,
        profile.counter("handler_entries")?,
        profile.counter("samples")?,
        last.sum("dropped."),
        profile.total_ns() / 1e9
    );
    Ok(())
}
