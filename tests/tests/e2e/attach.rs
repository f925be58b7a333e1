//! Loading the agent into a running JVM with `jcmd`.

use std::process::Command;
use std::time::Duration;

use anyhow::{Context, ensure};
use e2e::case::{Case, Scene};
use e2e::jvm::{Finished, Running};
use e2e::paths;
use e2e::run::{Run, TIMEOUT};
use e2e::server::Server;

pub fn cases() -> Vec<Case> {
    vec![
        Case::each("attach::jcmd_agent_load", |scene| attach(scene, 1)),
        Case::each("attach::twice", |scene| attach(scene, 2)),
    ]
}

fn attach(scene: &Scene, times: u32) -> anyhow::Result<()> {
    let server = Server::start()?;
    let launch =
        scene.launch("Sleeper", &["8"])?.jvm("-XX:+IgnoreUnrecognizedVMOptions").jvm("-XX:+EnableDynamicAgentLoading");
    let mut running = launch.start()?;
    running.wait_for_output("truth ready=", TIMEOUT)?;
    // Some threads and classes are there already, and the application is in its stride.
    std::thread::sleep(Duration::from_secs(1));
    for _ in 0..times {
        load(scene, running.id(), &server)?;
    }
    let finished = running.wait(TIMEOUT)?;
    finished.expect_code(0)?;
    ensure!(finished.truth.get::<bool>("ended")?, "the program did not come to its end");
    let run = Run::collect(scene, &server, finished)?;
    let awake = run.profile.ns_under("Sleeper.awake");
    ensure!(awake > 1.5e9, "{:.0} ms under Sleeper.awake: {}", awake / 1e6, run.profile.top(8));
    run.check_total(0.05)
}

fn load(scene: &Scene, pid: u32, server: &Server) -> anyhow::Result<()> {
    let jcmd = scene.jdk.tool("jcmd").context("this JDK has no jcmd")?;
    let options = format!("application.name=Sleeper,server.address={},profiler.event=ctimer", server.url);
    let mut command = Command::new(jcmd);
    command.args([&pid.to_string(), "JVMTI.agent_load", &paths::agent()?.display().to_string()]);
    // Quotes keep jcmd's own parser from reading the equals signs.
    command.arg(format!("\"{options}\""));
    command.env_remove("JAVA_TOOL_OPTIONS");
    let answer: Finished = Running::start(command)?.wait(TIMEOUT)?;
    answer.expect_code(0)?;
    let good = answer.stdout.iter().any(|line| line.contains("return code: 0") || line.contains("successfully"));
    ensure!(good, "jcmd says:\n{}", answer.printed());
    Ok(())
}
