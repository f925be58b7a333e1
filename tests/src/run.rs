//! One profiled run of a test program: started, ended, uploads read and checked for what must hold in every run.

use std::time::Duration;

use anyhow::{Context, ensure};

use crate::case::Scene;
use crate::jvm::{Finished, Launch};
use crate::profile::Profile;
use crate::server::{Server, Upload};

/// Long enough for any program here on a loaded machine; reached only if something hangs.
pub const TIMEOUT: Duration = Duration::from_secs(300);

/// What a profiled run left.
pub struct Run {
    /// The name of the case, for what is printed.
    name: String,
    /// The program's end.
    pub finished: Finished,
    /// What it uploaded, in order of arrival.
    pub uploads: Vec<Upload>,
    /// The same, read.
    pub profile: Profile,
}

impl Run {
    /// Runs a program under the agent with some of the agent's options (keys without `pyroscope.`).
    pub fn of(scene: &Scene, program: &str, arguments: &[&str], options: &[(&str, &str)]) -> anyhow::Result<Run> {
        Run::with(scene, program, arguments, |launch| {
            options.iter().fold(launch, |launch, (key, value)| launch.option(key, value))
        })
    }

    /// Runs a program under the agent, the launch changed by `change`.
    pub fn with(
        scene: &Scene,
        program: &str,
        arguments: &[&str],
        change: impl FnOnce(Launch) -> Launch,
    ) -> anyhow::Result<Run> {
        let server = Server::start()?;
        let launch = change(scene.launch_profiled(program, arguments, &server.url)?);
        let finished = launch.run(TIMEOUT)?;
        Run::collect(scene, &server, finished)
    }

    /// Reads what a server has recorded of a finished program.
    pub fn collect(scene: &Scene, server: &Server, finished: Finished) -> anyhow::Result<Run> {
        let uploads = server.uploads()?;
        keep(scene, &uploads)?;
        let printed = || format!("the program printed:\n{}", finished.printed());
        let profile = Profile::read(&uploads).with_context(printed)?;
        let run = Run { name: scene.name.clone(), finished, uploads, profile };
        run.check_always().with_context(|| format!("the program printed:\n{}", run.finished.printed()))?;
        Ok(run)
    }

    /// The CPU that the samples must at least add up to: the process's own clock at its last word, less what is not the
    /// application's or was used before the agent was armed.
    pub fn expected_ns(&self) -> anyhow::Result<f64> {
        let process = self.finished.truth.ns("process_cpu_ns")?;
        Ok(process - self.profile.counter("own_cpu_ns")? - self.profile.counter("cpu_before_arming_ns")?)
    }

    /// Fails unless the samples add up to the process's CPU within a part of it (0.02 is 2 %). The JVM works on after the
    /// program's last word, so what it used until then and what it used until its end are the two bounds.
    pub fn check_total(&self, tolerance: f64) -> anyhow::Result<()> {
        let (measured, least) = (self.profile.total_ns(), self.expected_ns()?);
        let after_last_word = self.finished.cpu_ns as f64 - self.finished.truth.ns("process_cpu_ns")?;
        let most = least + after_last_word.max(0.0);
        println!(
            "{}: {:.3} s of {:.3} to {:.3} s of CPU: {:.4}",
            self.name,
            measured / 1e9,
            least / 1e9,
            most / 1e9,
            measured / least
        );
        ensure!(
            measured >= least * (1.0 - tolerance) && measured <= most * (1.0 + tolerance),
            "the samples add up to {:.3} s, the process used {:.3} to {:.3} s, {:.1} % are allowed; {:?}; top: {}",
            measured / 1e9,
            least / 1e9,
            most / 1e9,
            100.0 * tolerance,
            self.profile.intervals.last().map(|interval| &interval.counters),
            self.profile.top(8)
        );
        Ok(())
    }

    /// What must hold whatever the program and the options: something arrived, entries add up, our own threads are not in it.
    fn check_always(&self) -> anyhow::Result<()> {
        ensure!(!self.uploads.is_empty(), "nothing was uploaded");
        for (number, interval) in self.profile.intervals.iter().enumerate() {
            interval.check_complete().with_context(|| format!("upload {number}"))?;
        }
        let own = self.profile.ns_where(|sample| sample.thread.starts_with("pyrite"));
        ensure!(own == 0.0, "{:.0} ms of the profile are the agent's own threads", own / 1e6);
        Ok(())
    }
}

/// Keeps the recordings for the judges, who read them when all programs have ended.
fn keep(scene: &Scene, uploads: &[Upload]) -> anyhow::Result<()> {
    let dir = scene.recordings();
    std::fs::create_dir_all(&dir)?;
    let first = std::fs::read_dir(&dir)?.count();
    for (number, upload) in uploads.iter().enumerate() {
        std::fs::write(dir.join(format!("{:03}.jfr", first + number)), upload.jfr()?)?;
    }
    Ok(())
}
