//! A small HTTP server on the loopback interface that does what a test tells it, and remembers what it was sent.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// One request, whole.
#[derive(Clone, Debug)]
pub struct Request {
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
    }

    /// The parts of a multipart body: head and content of each.
    pub fn parts(&self) -> Vec<(String, Vec<u8>)> {
        let kind = self.header("content-type").unwrap();
        let boundary = kind.strip_prefix("multipart/form-data; boundary=").unwrap();
        let body = self.body.strip_suffix(format!("\r\n--{boundary}--\r\n").as_bytes()).unwrap();
        let body = [b"\r\n", body].concat();
        let parts = split(&body, format!("\r\n--{boundary}\r\n").as_bytes());
        let part = |part: &Vec<u8>| {
            let pieces = split(part, b"\r\n\r\n");
            (String::from_utf8(pieces[0].clone()).unwrap(), part[pieces[0].len() + 4..].to_vec())
        };
        parts[1..].iter().map(part).collect()
    }
}

/// What the server does with a request.
pub enum Action {
    /// Sends these bytes. What is no whole answer ends with the connection.
    Answer(Vec<u8>),
    /// Closes the connection.
    Close,
    /// Says nothing for ten seconds.
    Hang,
}

/// A running server. It stays until the process ends.
pub struct TestServer {
    pub address: String,
    requests: Arc<Mutex<Vec<Request>>>,
    connections: Arc<AtomicUsize>,
}

impl TestServer {
    pub fn start(action: impl Fn(&Request) -> Action + Send + Sync + 'static) -> Self {
        Self::serve(TcpListener::bind("127.0.0.1:0").unwrap(), action)
    }

    pub fn start_at(address: &str, action: impl Fn(&Request) -> Action + Send + Sync + 'static) -> Self {
        Self::serve(TcpListener::bind(address.trim_start_matches("http://")).unwrap(), action)
    }

    /// An address where nothing listens.
    pub fn free_address() -> String {
        format!("http://{}", TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap())
    }

    pub fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }

    fn serve(listener: TcpListener, action: impl Fn(&Request) -> Action + Send + Sync + 'static) -> Self {
        let address = format!("http://{}", listener.local_addr().unwrap());
        let (requests, connections, action) =
            (Arc::new(Mutex::default()), Arc::new(AtomicUsize::new(0)), Arc::new(action));
        let (seen, opened) = (requests.clone(), connections.clone());
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                opened.fetch_add(1, Ordering::SeqCst);
                let (seen, action) = (seen.clone(), action.clone());
                thread::spawn(move || converse(stream, &seen, &*action));
            }
        });
        Self { address, requests, connections }
    }
}

fn converse(mut stream: TcpStream, seen: &Mutex<Vec<Request>>, action: &(dyn Fn(&Request) -> Action + Send + Sync)) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    while let Some(request) = request(&mut reader) {
        let action = action(&request);
        seen.lock().unwrap().push(request);
        match action {
            Action::Answer(bytes) => {
                if stream.write_all(&bytes).is_err() || !bytes.windows(4).any(|window| window == b"\r\n\r\n") {
                    return;
                }
            }
            Action::Close => return,
            Action::Hang => thread::sleep(Duration::from_secs(10)),
        }
    }
}

fn request(reader: &mut impl BufRead) -> Option<Request> {
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok().filter(|bytes| *bytes > 0)?;
        match line.trim_end() {
            "" => break,
            line => lines.push(line.to_owned()),
        }
    }
    let headers = lines.iter().skip(1).filter_map(|line| line.split_once(": "));
    let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let mut request = Request { line: lines.first()?.clone(), headers, body: Vec::new() };
    let length = request.header("content-length").and_then(|length| length.parse().ok()).unwrap_or(0);
    request.body.resize(length, 0);
    reader.read_exact(&mut request.body).ok()?;
    Some(request)
}

fn split(data: &[u8], by: &[u8]) -> Vec<Vec<u8>> {
    let mut pieces = vec![Vec::new()];
    let mut at = 0;
    while at < data.len() {
        if data[at..].starts_with(by) {
            pieces.push(Vec::new());
            at += by.len();
        } else {
            pieces.last_mut().unwrap().push(data[at]);
            at += 1;
        }
    }
    pieces
}
