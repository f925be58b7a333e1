//! Runs the body of a test in a process of its own: the sampler, its handler and the signals are those of the process.

use std::any::type_name;
use std::env;
use std::process::{Child, Command, Output, Stdio};
use std::thread;
use std::time::{Duration, Instant};

/// Names the test whose body is to be run here and not in yet another process.
const MARK: &str = "PYRITE_HANDLER_TEST";

/// A body that takes longer hangs. Ten times what the slowest needs on an idle machine.
const LIMIT: Duration = Duration::from_secs(150);

/// Runs `body`, a closure of the test function itself, in a fresh process with this one test in it.
pub fn isolated<F: FnOnce()>(body: F) {
    // `handler::module::test::{{closure}}`
    let path = type_name::<F>();
    let name = path.split_once("::").and_then(|(_, rest)| rest.rsplit_once("::")).expect("the path of a closure").0;
    if env::var(MARK).is_ok_and(|marked| marked == name) {
        return body();
    }
    let binary = env::current_exe().expect("the path of the tests");
    // Besides the thread of the test there is then only the one that waits for it.
    let child = Command::new(binary)
        .args(["--exact", name, "--nocapture", "--test-threads=1"])
        .env(MARK, name)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the tests can be started");
    let output = wait(child);
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{out}{err}");
    assert!(output.status.success(), "{name} ended with {}", output.status);
    assert!(out.contains("1 passed"), "no test is called {name}");
}

/// Waits for a child, and ends it when it hangs.
fn wait(mut child: Child) -> Output {
    let deadline = Instant::now() + LIMIT;
    while child.try_wait().expect("a child of ours").is_none() {
        if Instant::now() > deadline {
            child.kill().expect("a child of ours");
            break;
        }
        thread::sleep(Duration::from_millis(10));
    }
    child.wait_with_output().expect("its output")
}
