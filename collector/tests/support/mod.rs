//! A collector on a free port, recorded exchanges, and a plain HTTP client.
#![allow(dead_code, reason = "each test file uses a part of this")]

pub mod graph;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use collector::{Clock, Config, serve_blocking};
use serde_json::Value;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use tempfile::TempDir;
use tokio::sync::oneshot;

/// The time at which the exchanges were recorded, taken from the ingestion window in `51-error-ingest-old.json`.
pub const RECORDED_NOW_NS: i64 = 1_795_368_339_932_000_000;
/// The same for the exchanges in `labels/`.
pub const LABELS_NOW_NS: i64 = 1_795_370_230_000_000_000;

/// A clock that stands still until it is set.
pub struct TestClock(pub AtomicI64);

impl Clock for TestClock {
    fn now_ns(&self) -> i64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// A running collector, stopped when dropped.
pub struct Server {
    pub address: SocketAddr,
    pub clock: Arc<TestClock>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    pub fn start(dir: &Path, now_ns: i64) -> Self {
        Self::start_with(dir, now_ns, |_| {})
    }

    pub fn start_with(dir: &Path, now_ns: i64, change: impl FnOnce(&mut Config)) -> Self {
        let clock = Arc::new(TestClock(AtomicI64::new(now_ns)));
        let mut config = Config::new("127.0.0.1:0".parse().unwrap(), dir);
        config.clock = clock.clone();
        change(&mut config);
        let (stop, stopped) = oneshot::channel();
        let (ready, address) = mpsc::channel();
        let thread = std::thread::spawn(move || {
            let stopped = async { drop(stopped.await) };
            serve_blocking(config, move |address| ready.send(address).unwrap(), stopped).unwrap();
        });
        let address = address.recv().expect("the collector starts");
        Server { address, clock, stop: Some(stop), thread: Some(thread) }
    }

    pub fn get(&self, path: &str) -> Response {
        self.send("GET", path, &[], b"")
    }

    pub fn connect(&self, method: &str, body: &Value) -> Response {
        let path = format!("/querier.v1.QuerierService/{method}");
        self.send("POST", &path, &[("content-type", "application/json")], body.to_string().as_bytes())
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Response {
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let url = format!("http://{}{path}", self.address);
        let mut request = ureq::http::Request::builder().method(method).uri(url);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = match method {
            "GET" => agent.run(request.body(()).unwrap()),
            _ => agent.run(request.body(body).unwrap()),
        };
        let mut answer = answer.unwrap_or_else(|error| panic!("{method} {path}: {error}"));
        let header = |name: &str| answer.headers().get(name).map(|value| value.to_str().unwrap().to_owned());
        Response {
            status: answer.status().as_u16(),
            content_type: header("content-type"),
            content_encoding: header("content-encoding"),
            body: answer.body_mut().with_config().limit(1 << 30).read_to_vec().unwrap(),
        }
    }

    /// Stops the collector and waits until it has let go of its directory.
    pub fn stop(mut self) {
        self.halt();
    }

    fn halt(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(ended.is_ok() || std::thread::panicking(), "the collector panicked");
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.halt();
    }
}

/// An answer, read to its end.
#[derive(Debug, Clone, PartialEq)]
pub struct Response {
    pub status: u16,
    pub content_type: Option<String>,
    pub content_encoding: Option<String>,
    pub body: Vec<u8>,
}

impl Response {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).expect("the answer is text")
    }

    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// The message of an error answer.
    pub fn message(&self) -> String {
        self.json()["message"].as_str().unwrap_or_else(|| panic!("no message: {}", self.text())).to_owned()
    }
}

/// One recorded exchange with a real Pyroscope.
pub struct Exchange {
    pub name: String,
    directory: PathBuf,
    pub request: Value,
    pub response: Value,
}

/// Where the recorded exchanges lie, or those in a directory below.
pub fn recorded(below: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/recorded").join(below)
}

/// The recorded exchanges of a directory in their order.
pub fn exchanges(below: &str) -> Vec<Exchange> {
    let directory = recorded(below);
    let entries = std::fs::read_dir(&directory).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    files.sort();
    files.iter().map(|path| Exchange::read(path)).collect()
}

impl Exchange {
    fn read(path: &Path) -> Self {
        let mut whole: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
        Exchange {
            name: path.file_stem().unwrap().to_str().unwrap().to_owned(),
            directory: path.parent().unwrap().to_owned(),
            request: whole["request"].take(),
            response: whole["response"].take(),
        }
    }

    pub fn is_upload(&self) -> bool {
        self.name.ends_with("-ingest")
    }

    pub fn path(&self) -> &str {
        self.request["path"].as_str().unwrap()
    }

    pub fn body(&self) -> Vec<u8> {
        if let Some(file) = self.request["body_file"].as_str() {
            return std::fs::read(self.directory.join(file)).unwrap();
        }
        if let Some(text) = self.request["body_base64"].as_str() {
            return BASE64_STANDARD.decode(text).unwrap();
        }
        match &self.request["body"] {
            Value::Null => Vec::new(),
            // The recorder was Python's, which writes a space after a colon; positions in errors count it.
            body => body.to_string().replacen("\":", "\": ", 1).into_bytes(),
        }
    }

    pub fn headers(&self) -> Vec<(&str, &str)> {
        let headers = self.request["headers"].as_object().unwrap();
        headers.iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect()
    }

    /// Sends the recorded request.
    pub fn replay(&self, server: &Server) -> Response {
        let method = self.request["method"].as_str().unwrap();
        server.send(method, self.path(), &self.headers(), &self.body())
    }
}

/// A collector that holds the recorded uploads of a directory, at the time they were recorded.
pub fn loaded(below: &str, now_ns: i64) -> (TempDir, Server) {
    let dir = TempDir::new().unwrap();
    let server = Server::start(dir.path(), now_ns);
    upload(&server, below);
    (dir, server)
}

/// Sends the recorded uploads of a directory.
pub fn upload(server: &Server, below: &str) {
    let exchanges = exchanges(below);
    let uploads: Vec<_> = exchanges.iter().filter(|exchange| exchange.is_upload()).collect();
    assert!(uploads.len() >= 2, "there are recorded uploads");
    for exchange in uploads {
        let answer = exchange.replay(server);
        assert_eq!(answer.status, 200, "{}: {}", exchange.name, answer.text());
    }
}
