//! The collector as its users see it: started on a port, asked over HTTP.

use std::net::TcpListener;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, bail};
use serde_json::Value;

use crate::children::{self, Guarded};
use crate::workspace;

/// The port that Pyroscope's users expect.
const USUAL_PORT: u16 = 4040;
/// How many ports above the usual one are tried.
const PORTS_TRIED: u16 = 60;
const START_TIMEOUT: Duration = Duration::from_secs(30);
const POLL: Duration = Duration::from_millis(100);

/// The profile type of CPU time in Pyroscope's naming.
const CPU: &str = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";

/// A running `pyrite serve`.
pub struct Server {
    /// Where it listens, without a slash at the end.
    pub url: String,
    child: Guarded,
}

/// One frame of the top table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TopRow {
    /// The frame as the server names it.
    pub frame: String,
    /// CPU time in the frame itself.
    pub self_ns: u64,
}

impl Server {
    /// Starts the collector on 4040 or the next free port, keeping its data in `data`, and waits until it is ready.
    pub fn start(data: &Path) -> anyhow::Result<Server> {
        let port = free_port()?;
        let mut command = Command::new(workspace::pyrite());
        command.args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data"]).arg(data);
        let child = Guarded::start("collector", &mut command)?;
        let mut server = Server { url: format!("http://127.0.0.1:{port}"), child };
        server.wait_until_ready()?;
        Ok(server)
    }

    /// An error if the collector has ended.
    pub fn check_alive(&mut self) -> anyhow::Result<()> {
        self.child.check_alive()
    }

    /// The frames of a service by CPU time of their own, the heaviest first, over the last hour.
    pub fn top(&self, service: &str) -> anyhow::Result<Vec<TopRow>> {
        let answer = ureq::get(format!("{}/pyroscope/render", self.url))
            .query("query", format!("{CPU}{{service_name=\"{service}\"}}"))
            .query("from", "now-1h")
            .query("until", "now")
            .query("format", "json")
            .call()
            .context("the collector does not answer")?
            .body_mut()
            .read_to_string()?;
        self_times(&serde_json::from_str(&answer).context("the collector's answer is not JSON")?)
    }

    fn wait_until_ready(&mut self) -> anyhow::Result<()> {
        let end = Instant::now() + START_TIMEOUT;
        while Instant::now() < end {
            if ureq::get(format!("{}/ready", self.url)).call().is_ok() {
                return Ok(());
            }
            self.child.check_alive()?;
            children::pause(POLL)?;
        }
        bail!("the collector was not ready within {} s", START_TIMEOUT.as_secs())
    }
}

fn free_port() -> anyhow::Result<u16> {
    (USUAL_PORT..USUAL_PORT + PORTS_TRIED)
        .find(|port| TcpListener::bind(("127.0.0.1", *port)).is_ok())
        .with_context(|| format!("the ports {USUAL_PORT} to {} are all taken", USUAL_PORT + PORTS_TRIED - 1))
}

/// Sums the self times of a flamebearer by frame. A level is a row of quadruples: offset, total, self, index of the name.
fn self_times(answer: &Value) -> anyhow::Result<Vec<TopRow>> {
    let flame = &answer["flamebearer"];
    let names = flame["names"].as_array().context("the answer has no flamebearer")?;
    let levels = flame["levels"].as_array().context("the flamebearer has no levels")?;
    let mut sums = vec![0; names.len()];
    for level in levels {
        let numbers: Vec<u64> = level.as_array().into_iter().flatten().filter_map(Value::as_u64).collect();
        for bar in numbers.chunks_exact(4) {
            let sum = usize::try_from(bar[3]).ok().and_then(|name| sums.get_mut(name));
            *sum.context("a bar names a frame that is not there")? += bar[2];
        }
    }
    let mut rows: Vec<TopRow> = names
        .iter()
        .zip(sums)
        .filter(|(_, self_ns)| *self_ns > 0)
        .map(|(name, self_ns)| TopRow { frame: name.as_str().unwrap_or_default().to_owned(), self_ns })
        .collect();
    rows.sort_by(|a, b| b.self_ns.cmp(&a.self_ns).then_with(|| a.frame.cmp(&b.frame)));
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{TopRow, self_times};

    #[test]
    fn self_times_are_summed_by_name() {
        let answer = json!({"flamebearer": {
            "names": ["total", "a", "b"],
            "levels": [[0, 100, 0, 0], [0, 60, 10, 1, 0, 40, 40, 2], [10, 50, 50, 2]],
        }});
        let rows = self_times(&answer).unwrap();
        let row = |frame: &str, self_ns| TopRow { frame: frame.to_owned(), self_ns };
        assert_eq!(rows, [row("b", 90), row("a", 10)]);
    }

    #[test]
    fn a_wrong_answer_is_an_error() {
        assert!(self_times(&json!({})).is_err());
        let answer = json!({"flamebearer": {"names": ["total"], "levels": [[0, 1, 1, 9]]}});
        assert!(self_times(&answer).is_err());
    }
}
