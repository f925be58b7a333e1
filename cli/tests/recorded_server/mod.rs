//! A server of one test: it answers from recorded exchanges and remembers what it was asked.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread;

pub struct RecordedServer {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

/// A part of a path, and the status and body to answer with.
type Answer = (&'static str, u16, String);

impl RecordedServer {
    /// Answers each path that contains the first of a pair with the recorded exchange named by the second; anything
    /// else with a plain 404. The thread lives as long as the test's process.
    pub fn start(exchanges: &[(&'static str, &str)]) -> RecordedServer {
        let answers: Vec<Answer> = exchanges.iter().map(|(path, name)| load(path, name)).collect();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let line = answer(&stream, &answers);
                seen.lock().expect("no panic").push(line);
            }
        });
        RecordedServer { address, requests }
    }

    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The request lines so far.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no panic").clone()
    }
}

fn load(path: &'static str, name: &str) -> Answer {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../collector/tests/recorded").join(format!("{name}.json"));
    let exchange: serde_json::Value = serde_json::from_slice(&fs::read(&file).expect("a recording")).expect("JSON");
    let response = &exchange["response"];
    let status = response["status"].as_u64().and_then(|status| u16::try_from(status).ok()).expect("a status");
    (path, status, response["json"].to_string())
}

/// Reads one request, answers it, closes the connection, and returns the request line.
fn answer(mut stream: &TcpStream, answers: &[Answer]) -> String {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line).expect("a request line");
    let mut length = 0;
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).expect("a header");
        if let Some(value) = header.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().expect("a length");
        }
        if header.trim().is_empty() {
            break;
        }
    }
    reader.read_exact(&mut vec![0; length]).expect("the body");
    let found = answers.iter().find(|(path, ..)| line.contains(path));
    let (status, body) = found.map_or((404, "404 page not found\n"), |(_, status, body)| (*status, body.as_str()));
    let head = format!("HTTP/1.1 {status} Recorded\r\ncontent-length: {}\r\nconnection: close\r\n\r\n", body.len());
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(body.as_bytes())).expect("the client reads");
    line
}
