//! The example bank: compiling and starting its parts.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::Context;

use crate::children::Guarded;
use crate::jdk::Jdk;
use crate::{steps, workspace};

/// The name under which the payment service reports; the documentation's queries use it.
pub const PAYMENT_SERVICE: &str = "bank-payment-service";

/// The parts of the bank, each a folder and a package below `examples/bank`.
const PARTS: [&str; 2] = ["payment", "load"];

const START_TIMEOUT: Duration = Duration::from_secs(30);

/// The compiled bank.
pub struct Bank {
    jdk: Jdk,
    classes: PathBuf,
}

impl Bank {
    /// Compiles the bank for Java 11.
    pub fn compile(jdk: &Jdk) -> anyhow::Result<Bank> {
        let javac = jdk.tool("javac").context("this JDK has no javac")?;
        let classes = workspace::target_dir().join("bank-classes");
        steps::run(
            quiet(&javac).args(["--release", "11", "-Xlint:all", "-Werror", "-d"]).arg(&classes).args(sources()?),
        )?;
        Ok(Bank { jdk: jdk.clone(), classes })
    }

    /// Starts the payment service on a free port under the agent and returns it with its address.
    pub fn start_payment(&self, agent: &Path, server: &str) -> anyhow::Result<(Guarded, String)> {
        let options = format!(
            "-agentpath:{} -Dpyroscope.application.name={PAYMENT_SERVICE} -Dpyroscope.server.address={server} \
             -Dpyroscope.upload.interval=5s -Dpyroscope.labels.env=demo -Dpyroscope.labels.service=payment-service",
            agent.display()
        );
        let mut command = quiet(&self.jdk.java());
        command.arg("-cp").arg(&self.classes).arg("bank.payment.PaymentService");
        command.env("JAVA_TOOL_OPTIONS", options).env("PORT", "0");
        let mut service = Guarded::start_reading("payment service", &mut command)?;
        let address = service.wait_for_line(START_TIMEOUT, |line| {
            let address = line.strip_prefix("payment service on ")?;
            address.split_whitespace().next().map(str::to_owned)
        })?;
        Ok((service, address))
    }

    /// Starts the load on a payment service, bounded in rate and time.
    pub fn start_load(&self, address: &str, seconds: u64) -> anyhow::Result<Guarded> {
        let mut command = quiet(&self.jdk.java());
        command.arg("-cp").arg(&self.classes).arg("bank.load.LoadGenerator");
        command.args(["--url", &format!("{address}/payments"), "--seconds", &seconds.to_string()]);
        Guarded::start("load generator", &mut command)
    }
}

/// The source files in a fixed order.
fn sources() -> anyhow::Result<Vec<PathBuf>> {
    let mut sources = Vec::new();
    for part in PARTS {
        let dir = workspace::root().join("examples/bank").join(part);
        for entry in std::fs::read_dir(&dir).with_context(|| format!("cannot read {}", dir.display()))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "java") {
                sources.push(path);
            }
        }
    }
    sources.sort();
    Ok(sources)
}

/// A Java command that takes no options from the environment it was started in.
fn quiet(program: &Path) -> Command {
    let mut command = Command::new(program);
    for variable in ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS"] {
        command.env_remove(variable);
    }
    command
}
