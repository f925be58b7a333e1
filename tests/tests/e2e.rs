//! The end-to-end suite: real JVMs under the agent, a server that records, and what must be true of the uploads.
//!
//! Every case runs on the JDKs that [`Jdks::discover`] finds. `PYRITE_E2E=short` takes turns with the dear ones.
//! `PYRITE_JDK_SUBSET=1` accepts a machine that lacks some of the required JDKs. Arguments are those of `cargo test`:
//! `cargo test -p e2e --test e2e -- totals` runs the cases whose name contains `totals`.

#![forbid(unsafe_code)]

#[path = "e2e/attach.rs"]
mod attach;
#[path = "e2e/bad_options.rs"]
mod bad_options;
#[path = "e2e/complete.rs"]
mod complete;
#[path = "e2e/continuity.rs"]
mod continuity;
#[path = "e2e/delivery.rs"]
mod delivery;
#[path = "e2e/exits.rs"]
mod exits;
#[path = "e2e/frames.rs"]
mod frames;
#[path = "e2e/neighbours.rs"]
mod neighbours;
#[path = "e2e/options.rs"]
mod options;
#[path = "e2e/readers.rs"]
mod readers;
#[path = "e2e/shares.rs"]
mod shares;
#[path = "e2e/smoke.rs"]
mod smoke;
#[path = "e2e/tools.rs"]
mod tools;
#[path = "e2e/totals.rs"]
mod totals;

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::{Context, bail, ensure};
use e2e::case::{self, Body, Case, Form, Scene};
use e2e::jdk::Jdks;
use e2e::paths;
use libtest_mimic::{Arguments, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    match run(&arguments) {
        Ok(passed) => ExitCode::from(u8::from(!passed)),
        Err(error) => {
            eprintln!("the end-to-end suite cannot run: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// Runs the cases, then lets the judges read what they have recorded.
fn run(arguments: &Arguments) -> anyhow::Result<bool> {
    let form = Form::from_environment()?;
    let jdks = Arc::new(jdks()?);
    let scenes = case::scenes(&cases(), &jdks, form);
    if !arguments.list {
        println!("{form:?} form on JDK {}", versions(&jdks));
        paths::agent()?;
        empty_recordings()?;
    }
    let (alone, together): (Vec<_>, Vec<_>) = scenes.into_iter().partition(|(scene, _)| scene.alone);
    let mut one_by_one = arguments.clone();
    one_by_one.test_threads = Some(1);
    let alone = libtest_mimic::run(&one_by_one, alone.into_iter().map(trial).collect());
    let together = libtest_mimic::run(arguments, together.into_iter().map(trial).collect());
    if arguments.list {
        return Ok(true);
    }
    let judged = libtest_mimic::run(&unfiltered(arguments), readers::trials(&jdks, form)?);
    Ok(![alone, together, judged].iter().any(libtest_mimic::Conclusion::has_failed))
}

/// The longest first, so that the last ones to run are short.
fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    cases.extend(shares::cases());
    cases.extend(totals::cases());
    cases.extend(continuity::cases());
    cases.extend(smoke::cases());
    cases.extend(frames::cases());
    cases.extend(neighbours::cases());
    cases.extend(attach::cases());
    cases.extend(delivery::cases());
    cases.extend(exits::cases());
    cases.extend(complete::cases());
    cases.extend(options::cases());
    cases.extend(bad_options::cases());
    cases.extend(tools::cases());
    cases
}

fn trial((scene, body): (Scene, Body)) -> Trial {
    let name = scene.name.clone();
    Trial::test(name, move || body(&scene).map_err(|error| format!("{error:#}").into()))
}

fn jdks() -> anyhow::Result<Jdks> {
    let jdks = Jdks::discover(&paths::target_dir());
    ensure!(!jdks.0.is_empty(), "no JDK 11 or later was found at JAVA_HOME, on PATH or under /usr/lib/jvm");
    let missing = jdks.missing();
    if !missing.is_empty() && std::env::var_os("PYRITE_JDK_SUBSET").is_none() {
        bail!("JDK {missing:?} is missing; run `cargo xtask jdks`, or set PYRITE_JDK_SUBSET=1 to go without");
    }
    Ok(jdks)
}

fn versions(jdks: &Jdks) -> String {
    jdks.0.iter().map(|jdk| jdk.version.as_str()).collect::<Vec<_>>().join(", ")
}

fn empty_recordings() -> anyhow::Result<()> {
    let dir = case::recordings();
    if dir.exists() {
        std::fs::remove_dir_all(&dir).with_context(|| format!("cannot empty {}", dir.display()))?;
    }
    std::fs::create_dir_all(&dir)?;
    Ok(())
}

/// The judges read whatever the chosen cases have recorded, so a filter on cases is not one on judges.
fn unfiltered(arguments: &Arguments) -> Arguments {
    let mut arguments = arguments.clone();
    arguments.filter = None;
    arguments.skip.clear();
    arguments
}
