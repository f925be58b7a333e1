//! Real JVM processes: started with or without the agent, watched, and never left behind.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use nix::sys::signal::{Signal, kill};
use nix::sys::wait::{Id, WaitPidFlag, WaitStatus, waitid};
use nix::unistd::Pid;

use crate::jdk::Jdk;
use crate::truth::Truth;

/// Options that a developer's shell may carry into the JVM; no test wants them.
const JAVA_VARIABLES: [&str; 4] = ["JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "CLASSPATH"];
const POLL: Duration = Duration::from_millis(10);

/// A program about to be started.
#[derive(Clone, Debug)]
pub struct Launch {
    wrapper: Vec<String>,
    java: PathBuf,
    class_path: PathBuf,
    program: String,
    arguments: Vec<String>,
    jvm_options: Vec<String>,
    environment: Vec<(String, String)>,
}

impl Launch {
    /// A program of `tests/programs` and its arguments, without the agent.
    pub fn new(jdk: &Jdk, class_path: &Path, program: &str, arguments: &[&str]) -> Launch {
        Launch {
            wrapper: Vec::new(),
            java: jdk.java(),
            class_path: class_path.to_owned(),
            program: program.to_owned(),
            arguments: arguments.iter().map(|argument| (*argument).to_owned()).collect(),
            jvm_options: Vec::new(),
            environment: Vec::new(),
        }
    }

    /// Loads the agent, reporting to `server` under the program's name.
    #[must_use]
    pub fn agent(self, library: &Path, server: &str) -> Launch {
        let name = self.program.clone();
        self.jvm(&format!("-agentpath:{}", library.display()))
            .option("application.name", &name)
            .option("server.address", server)
    }

    /// A JVM option, before the class name.
    #[must_use]
    pub fn jvm(mut self, option: &str) -> Launch {
        self.jvm_options.push(option.to_owned());
        self
    }

    /// An option of the agent as a system property; the key is without `pyroscope.`.
    #[must_use]
    pub fn option(self, key: &str, value: &str) -> Launch {
        self.jvm(&format!("-Dpyroscope.{key}={value}"))
    }

    /// Starts the JVM through another command that ends by executing it, such as `prlimit --nproc=50`.
    #[must_use]
    pub fn through(mut self, wrapper: &[&str]) -> Launch {
        self.wrapper = wrapper.iter().map(|word| (*word).to_owned()).collect();
        self
    }

    /// An environment variable.
    #[must_use]
    pub fn env(mut self, key: &str, value: &str) -> Launch {
        self.environment.push((key.to_owned(), value.to_owned()));
        self
    }

    /// The command as it is started; its streams are not set.
    pub fn command(&self) -> Command {
        let mut command = match self.wrapper.split_first() {
            Some((program, arguments)) => {
                let mut command = Command::new(program);
                command.args(arguments).arg(&self.java);
                command
            }
            None => Command::new(&self.java),
        };
        for variable in JAVA_VARIABLES {
            command.env_remove(variable);
        }
        for (variable, _) in std::env::vars_os() {
            if variable.to_string_lossy().starts_with("PYROSCOPE_") {
                command.env_remove(variable);
            }
        }
        command.args(&self.jvm_options).arg("-cp").arg(&self.class_path);
        command.arg(&self.program).args(&self.arguments);
        command.envs(self.environment.iter().map(|(key, value)| (key, value)));
        command.stdin(Stdio::null());
        command
    }

    /// Starts the program.
    pub fn start(&self) -> anyhow::Result<Running> {
        Running::start(self.command())
    }

    /// Starts the program and waits for its end; an end by failure is an error that shows what it printed.
    pub fn run(&self, timeout: Duration) -> anyhow::Result<Finished> {
        let finished = self.start()?.wait(timeout)?;
        finished.expect_code(0)?;
        Ok(finished)
    }
}

type Lines = Arc<Mutex<Vec<String>>>;

/// A running process; it is killed when this value goes out of scope.
pub struct Running {
    child: Child,
    stdout: Lines,
    stderr: Lines,
    readers: Vec<JoinHandle<()>>,
}

impl Running {
    /// Starts a command and keeps what it prints.
    pub fn start(mut command: Command) -> anyhow::Result<Running> {
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("cannot start {}", command.get_program().display()))?;
        let (stdout, stderr) = (Lines::default(), Lines::default());
        let mut readers = Vec::new();
        readers.extend(child.stdout.take().map(|stream| keep_lines(stream, stdout.clone())));
        readers.extend(child.stderr.take().map(|stream| keep_lines(stream, stderr.clone())));
        Ok(Running { child, stdout, stderr, readers })
    }

    /// The process id.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// Waits until the program has printed a line that starts so.
    pub fn wait_for_output(&mut self, start: &str, timeout: Duration) -> anyhow::Result<()> {
        let end = Instant::now() + timeout;
        loop {
            if lines(&self.stdout).iter().any(|line| line.starts_with(start)) {
                return Ok(());
            }
            if self.child.try_wait()?.is_some() || Instant::now() > end {
                bail!("the program did not print `{start}`; it printed:\n{}", self.printed());
            }
            std::thread::sleep(POLL);
        }
    }

    /// Sends SIGTERM, as an orchestrator does.
    pub fn terminate(&self) -> anyhow::Result<()> {
        kill(Pid::from_raw(i32::try_from(self.child.id())?), Signal::SIGTERM)?;
        Ok(())
    }

    /// Resident memory in bytes.
    pub fn rss_bytes(&self) -> anyhow::Result<u64> {
        rss_bytes(self.child.id())
    }

    /// Whether the process still runs.
    pub fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Waits for the end; a program that is not done in time is killed, which is an error.
    pub fn wait(mut self, timeout: Duration) -> anyhow::Result<Finished> {
        let end = Instant::now() + timeout;
        let (status, cpu_ns) = loop {
            if let Some(ended) = self.reap()? {
                break ended;
            }
            if Instant::now() > end {
                bail!("the program was still running after {} s; it printed:\n{}", timeout.as_secs(), self.printed());
            }
            std::thread::sleep(POLL);
        };
        for reader in self.readers.drain(..) {
            reader.join().ok();
        }
        let (stdout, stderr) = (lines(&self.stdout).clone(), lines(&self.stderr).clone());
        Ok(Finished { status, cpu_ns, truth: Truth::parse(&stdout), stdout, stderr })
    }

    /// The exit status and the CPU time of a process that has ended: the time is in `/proc` until somebody waits for it.
    fn reap(&mut self) -> anyhow::Result<Option<(ExitStatus, u64)>> {
        let id = Id::Pid(Pid::from_raw(i32::try_from(self.child.id())?));
        let look = WaitPidFlag::WEXITED | WaitPidFlag::WNOHANG | WaitPidFlag::WNOWAIT;
        if waitid(id, look)? == WaitStatus::StillAlive {
            return Ok(None);
        }
        let cpu_ns = cpu_ns(self.child.id())?;
        Ok(self.child.try_wait()?.map(|status| (status, cpu_ns)))
    }

    fn printed(&self) -> String {
        lines(&self.stdout).iter().chain(lines(&self.stderr).iter()).cloned().collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.is_alive() {
            self.child.kill().ok();
            self.child.wait().ok();
        }
    }
}

/// A program that has ended.
#[derive(Debug)]
pub struct Finished {
    /// How it ended.
    pub status: ExitStatus,
    /// CPU time of the process from its start to its end.
    pub cpu_ns: u64,
    /// Its standard output.
    pub stdout: Vec<String>,
    /// Its standard error, where the agent logs.
    pub stderr: Vec<String>,
    /// What it knew of itself.
    pub truth: Truth,
}

impl Finished {
    /// An error that shows the output, unless the program ended with this code.
    pub fn expect_code(&self, code: i32) -> anyhow::Result<()> {
        if self.status.code() != Some(code) {
            bail!("the program ended with {} instead of {code}:\n{}", self.status, self.printed());
        }
        Ok(())
    }

    /// The lines of standard error that contain a text.
    pub fn logged(&self, text: &str) -> Vec<&str> {
        self.stderr.iter().map(String::as_str).filter(|line| line.contains(text)).collect()
    }

    /// Everything it printed.
    pub fn printed(&self) -> String {
        let notes = |line: &&String| !line.starts_with("clock ");
        self.stdout.iter().filter(notes).chain(&self.stderr).cloned().collect::<Vec<_>>().join("\n")
    }
}

/// Resident memory of a process in bytes, from `/proc/<pid>/status`, which counts in kB of 1,024 bytes (proc(5)).
pub fn rss_bytes(pid: u32) -> anyhow::Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).context("the process is gone")?;
    let kilobytes = status.lines().find_map(|line| line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB"));
    let kilobytes: u64 = kilobytes.context("the process has no VmRSS: it is ending")?.trim().parse()?;
    Ok(kilobytes * 1024)
}

/// CPU time of a process, dead or alive, from `/proc/<pid>/stat`: fields 14 and 15 in ticks of 10 ms (proc(5), USER_HZ).
fn cpu_ns(pid: u32) -> anyhow::Result<u64> {
    const TICK_NS: u64 = 10_000_000;
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).context("the process is gone")?;
    // The second field is the name in brackets, which may hold blanks; counting begins behind it.
    let (_, fields) = stat.rsplit_once(')').context("/proc/<pid>/stat has no name")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>).sum::<Result<u64, _>>()?;
    Ok(ticks * TICK_NS)
}

fn keep_lines(stream: impl Read + Send + 'static, kept: Lines) -> JoinHandle<()> {
    std::thread::spawn(move || {
        // Output need not be UTF-8: a line is kept with replacement characters rather than ending the reader.
        let mut stream = BufReader::new(stream);
        let mut line = Vec::new();
        while stream.read_until(b'\n', &mut line).is_ok_and(|count| count > 0) {
            let text = String::from_utf8_lossy(&line);
            lines(&kept).push(text.trim_end_matches(['\n', '\r']).to_owned());
            line.clear();
        }
    })
}

/// A reader that panicked has still kept whole lines.
fn lines(kept: &Lines) -> std::sync::MutexGuard<'_, Vec<String>> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::process::Command;
    use std::time::Duration;

    use super::Running;

    fn shell(script: &str) -> Running {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        Running::start(command).unwrap()
    }

    #[test]
    fn output_truth_and_exit_code_are_kept() {
        let finished = shell("echo truth a=7; echo oops >&2; exit 3").wait(Duration::from_secs(20)).unwrap();
        assert_eq!(finished.truth.get::<u64>("a").unwrap(), 7);
        assert_eq!(finished.logged("oops"), ["oops"]);
        finished.expect_code(3).unwrap();
        assert!(finished.expect_code(0).unwrap_err().to_string().contains("oops"));
    }

    #[test]
    fn a_program_that_does_not_end_is_killed() {
        let running = shell("echo started; sleep 60");
        let id = running.id();
        let error = running.wait(Duration::from_millis(300)).unwrap_err();
        assert!(error.to_string().contains("still running"), "{error}");
        assert!(super::rss_bytes(id).is_err());
    }

    #[test]
    fn the_cpu_time_of_an_ended_program_is_known() {
        let finished =
            shell("i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done").wait(Duration::from_secs(60)).unwrap();
        assert!(finished.cpu_ns > 0);
    }

    #[test]
    fn the_memory_of_a_process_is_read() {
        assert!(super::rss_bytes(std::process::id()).unwrap() > 1 << 20);
    }
}
