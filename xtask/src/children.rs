//! Child processes that never outlive us, and the wish to stop.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

/// How long a child may take to end by itself after SIGTERM; the agent's last upload has 3 s of it.
const GRACE: Duration = Duration::from_secs(8);
const POLL: Duration = Duration::from_millis(50);

static STOP: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C, SIGTERM and SIGHUP only ask to stop, so that every [`Guarded`] child is ended on the way out.
pub fn catch_stop() -> anyhow::Result<()> {
    ctrlc::set_handler(|| STOP.store(true, Ordering::Relaxed)).context("cannot catch Ctrl-C")
}

/// Whether somebody asked us to stop.
pub fn stop_wanted() -> bool {
    STOP.load(Ordering::Relaxed)
}

/// Sleeps, but ends with an error when somebody asks us to stop.
pub fn pause(time: Duration) -> anyhow::Result<()> {
    let end = Instant::now() + time;
    while Instant::now() < end {
        if stop_wanted() {
            bail!("stopped");
        }
        std::thread::sleep(POLL.min(end - Instant::now()));
    }
    Ok(())
}

/// A child that is ended when this value goes out of scope: SIGTERM first, SIGKILL after [`GRACE`].
pub struct Guarded {
    name: &'static str,
    child: Child,
    lines: Option<Receiver<String>>,
}

impl Guarded {
    /// Starts a child whose output goes to ours.
    pub fn start(name: &'static str, command: &mut Command) -> anyhow::Result<Guarded> {
        let child = command.stdin(Stdio::null()).spawn().with_context(|| format!("cannot start the {name}"))?;
        Ok(Guarded { name, child, lines: None })
    }

    /// Starts a child, keeping its standard output for [`Guarded::wait_for_line`].
    pub fn start_reading(name: &'static str, command: &mut Command) -> anyhow::Result<Guarded> {
        let mut guarded = Guarded::start(name, command.stdout(Stdio::piped()))?;
        if let Some(stdout) = guarded.child.stdout.take() {
            let (sender, receiver) = channel();
            std::thread::spawn(move || {
                // A reader that has left does not stop the child: its pipe is drained until it ends.
                for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                    let _ = sender.send(line);
                }
            });
            guarded.lines = Some(receiver);
        }
        Ok(guarded)
    }

    /// The first line for which `find` gives a value; an error when the child ends first or the time is over.
    pub fn wait_for_line<T>(&mut self, timeout: Duration, find: impl Fn(&str) -> Option<T>) -> anyhow::Result<T> {
        let end = Instant::now() + timeout;
        let lines = self.lines.as_ref().context("the output of this child is not kept")?;
        while Instant::now() < end && !stop_wanted() {
            match lines.recv_timeout(POLL) {
                Ok(line) => match find(&line) {
                    Some(found) => return Ok(found),
                    None => println!("[{}] {line}", self.name),
                },
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => {
                    bail!("the {} ended before it was ready", self.name)
                }
            }
        }
        bail!("the {} was not ready within {} s", self.name, timeout.as_secs())
    }

    /// An error if the child has ended.
    pub fn check_alive(&mut self) -> anyhow::Result<()> {
        match self.child.try_wait()? {
            Some(status) => bail!("the {} ended: {status}", self.name),
            None => Ok(()),
        }
    }

    /// Waits until the child ends by itself; an error if it fails or somebody asks us to stop.
    pub fn wait(&mut self) -> anyhow::Result<()> {
        loop {
            match self.child.try_wait()? {
                Some(status) if status.success() => return Ok(()),
                Some(status) => bail!("the {} failed: {status}", self.name),
                None => pause(POLL)?,
            }
        }
    }

    /// Ends the child and waits for its end.
    pub fn stop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(None)) {
            return;
        }
        if let Ok(pid) = i32::try_from(self.child.id()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGTERM);
        }
        let end = Instant::now() + GRACE;
        while Instant::now() < end {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(POLL);
        }
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Drop for Guarded {
    fn drop(&mut self) {
        self.stop();
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;
    use std::process::Command;
    use std::time::Duration;

    use super::Guarded;

    #[test]
    fn a_dropped_child_is_gone() {
        let child = Guarded::start("sleeper", Command::new("sleep").arg("60")).unwrap();
        let proc = format!("/proc/{}", child.child.id());
        assert!(Path::new(&proc).exists());
        drop(child);
        assert!(!Path::new(&proc).exists());
    }

    #[test]
    fn a_line_is_found_and_an_early_end_is_an_error() {
        let mut command = Command::new("sh");
        let mut child = Guarded::start_reading("shell", command.args(["-c", "echo a; echo b=7"])).unwrap();
        let timeout = Duration::from_secs(10);
        assert_eq!(child.wait_for_line(timeout, |line| line.strip_prefix("b=").map(str::to_owned)).unwrap(), "7");
        let error = child.wait_for_line(timeout, |_| None::<()>).unwrap_err();
        assert!(error.to_string().contains("ended before it was ready"), "{error}");
    }
}
