//! `JAVA_TOOL_OPTIONS` also reaches the JDK's tools: there the agent is silent and sends nothing.

use std::process::Command;

use anyhow::ensure;
use e2e::case::{Case, Scene};
use e2e::jvm::{Finished, Running};
use e2e::paths;
use e2e::run::TIMEOUT;
use e2e::server::Server;

/// Tools and arguments that need nothing of the machine; a runtime without a tool is passed over.
const TOOLS: [(&str, &[&str]); 7] = [
    ("java", &["-version"]),
    ("java", &["--version"]),
    ("jcmd", &["-l"]),
    ("jps", &["-q"]),
    ("jfr", &["help"]),
    ("keytool", &["-help"]),
    ("javac", &["-version"]),
];

pub fn cases() -> Vec<Case> {
    vec![Case::each("tools::are_left_alone", left_alone)]
}

fn left_alone(scene: &Scene) -> anyhow::Result<()> {
    let server = Server::start()?;
    let options = format!(
        "-agentpath:{} -Dpyroscope.application.name=tools -Dpyroscope.server.address={}",
        paths::agent()?.display(),
        server.url
    );
    for (tool, arguments) in TOOLS {
        let Some(path) = scene.jdk.tool(tool) else {
            continue;
        };
        let run = |options: &str| -> anyhow::Result<Finished> {
            let mut command = Command::new(&path);
            command.args(arguments).env("JAVA_TOOL_OPTIONS", options).env_remove("JDK_JAVA_OPTIONS");
            Running::start(command)?.wait(TIMEOUT)
        };
        let (with, without) = (run(&options)?, run("-Dnothing=1")?);
        let shown = |finished: &Finished| -> Vec<String> {
            finished.stderr.iter().filter(|line| !line.starts_with("Picked up JAVA_TOOL_OPTIONS")).cloned().collect()
        };
        ensure!(with.status == without.status, "{tool}: {} instead of {}", with.status, without.status);
        ensure!(shown(&with) == shown(&without), "{tool} {arguments:?} prints more:\n{}", with.printed());
        // The list of running JVMs differs from run to run.
        let lists_processes = ["jcmd", "jps"].contains(&tool);
        ensure!(lists_processes || with.stdout == without.stdout, "{tool} prints otherwise:\n{}", with.printed());
    }
    ensure!(server.attempts()?.is_empty(), "a tool has sent a profile");
    Ok(())
}
