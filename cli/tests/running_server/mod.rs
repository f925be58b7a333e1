//! `pyrite serve` as a process of one test: started on a free port, ended with the test.

use std::io::{BufRead as _, BufReader, Read as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// The longest that a start or an end may take. The collector lets open requests end for five seconds.
const PATIENCE: Duration = Duration::from_secs(20);

pub struct RunningServer {
    child: Child,
    /// The address, as printed.
    pub url: String,
    /// Everything that was printed before it served.
    pub greeting: String,
}

impl RunningServer {
    pub fn start(data: &Path) -> RunningServer {
        let mut child =
            command(data).args(["--listen", "127.0.0.1:0"]).stdout(Stdio::piped()).spawn().expect("pyrite starts");
        let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut greeting = String::new();
        // The greeting is written at once, so that its lines come together.
        for _ in 0..3 {
            out.read_line(&mut greeting).expect("the greeting");
        }
        let url = greeting
            .split_whitespace()
            .find(|word| word.starts_with("http://"))
            .unwrap_or_else(|| panic!("no address in {greeting:?}"));
        RunningServer { url: url.to_owned(), greeting: greeting.clone(), child }
    }

    /// Sends a signal by name and waits for the end.
    pub fn end_with(mut self, signal: &str) -> (ExitStatus, String) {
        let sent = Command::new("kill").args(["-s", signal, &self.child.id().to_string()]).status().expect("kill runs");
        assert!(sent.success());
        let deadline = Instant::now() + PATIENCE;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait().expect("a child") {
                let mut said = String::new();
                if let Some(mut stderr) = self.child.stderr.take() {
                    stderr.read_to_string(&mut said).expect("UTF-8");
                }
                return (status, said);
            }
            thread::sleep(Duration::from_millis(20));
        }
        panic!("pyrite serve does not end on {signal}");
    }
}

impl Drop for RunningServer {
    fn drop(&mut self) {
        // Already ended where the test ended it.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `pyrite serve --data …`, with standard error kept.
pub fn command(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pyrite"));
    command.arg("serve").arg("--data").arg(data).stderr(Stdio::piped());
    command
}
