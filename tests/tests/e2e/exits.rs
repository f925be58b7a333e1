//! However the program ends, its last partial interval arrives.

use anyhow::ensure;
use e2e::case::{Case, Scene};
use e2e::run::{Run, TIMEOUT};
use e2e::server::{Behaviour, Server};

/// CPU time that the program spends in its last method, and the least of it that must be seen.
const LAST_WORDS_NS: f64 = 0.5e9;
const LEAST_PART: f64 = 0.9;
/// A program of 2 s: a part of an interval for each thread of the JVM is a hundredth or two.
const TOLERANCE: f64 = 0.04;
/// 128 + 15: a JVM that ends by SIGTERM says so in its exit code.
const TERMINATED: i32 = 143;

/// How the program ends, and its exit code.
const ENDS: [(&str, i32); 3] = [("normal", 0), ("exit", 3), ("halt", 4)];

pub fn cases() -> Vec<Case> {
    let ends = ENDS.map(|(end, code)| {
        Case::each(&format!("exits::{end}"), move |scene| {
            let server = Server::start()?;
            let finished = scene.launch_profiled("ShortProgram", &["2", end], &server.url)?.start()?.wait(TIMEOUT)?;
            finished.expect_code(code)?;
            check(&Run::collect(scene, &server, finished)?)
        })
    });
    let others = [
        Case::each("exits::sigterm", sigterm),
        Case::rotated("exits::hello_world_ends_well", hello),
        Case::rotated("exits::a_hanging_server_does_not_keep_the_program", hanging_server),
    ];
    ends.into_iter().chain(others).collect()
}

fn sigterm(scene: &Scene) -> anyhow::Result<()> {
    let server = Server::start()?;
    let mut running = scene.launch_profiled("ShortProgram", &["2", "wait"], &server.url)?.start()?;
    running.wait_for_output("truth ready=", TIMEOUT)?;
    running.terminate()?;
    let finished = running.wait(TIMEOUT)?;
    finished.expect_code(TERMINATED)?;
    check(&Run::collect(scene, &server, finished)?)
}

fn check(run: &Run) -> anyhow::Result<()> {
    let seen = run.profile.ns_under("ShortProgram.lastWords");
    ensure!(
        seen >= LEAST_PART * LAST_WORDS_NS,
        "{:.0} of {:.0} ms of the last half second arrived in {} uploads",
        seen / 1e6,
        LAST_WORDS_NS / 1e6,
        run.uploads.len()
    );
    run.check_total(TOLERANCE)
}

/// A program that is over before the agent has anything to say.
fn hello(scene: &Scene) -> anyhow::Result<()> {
    let server = Server::start()?;
    for _ in 0..10 {
        let finished = scene.launch_profiled("HelloWorld", &[], &server.url)?.run(TIMEOUT)?;
        ensure!(finished.stdout == ["hello"], "the program's output is disturbed:\n{}", finished.printed());
    }
    server.uploads()?;
    Ok(())
}

/// The program ends although its last upload never does; the limit is the deadline of 3 s, with room for a loaded machine.
fn hanging_server(scene: &Scene) -> anyhow::Result<()> {
    let server = Server::scripted(&[], Behaviour::Hang)?;
    let launch = scene.launch_profiled("ShortProgram", &["1", "exit"], &server.url)?;
    let finished = launch.start()?.wait(std::time::Duration::from_secs(30))?;
    finished.expect_code(3)?;
    ensure!(!server.attempts()?.is_empty(), "the last upload was not even tried:\n{}", finished.printed());
    Ok(())
}
