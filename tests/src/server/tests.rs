//! Tests of the recording server itself, spoken to over a plain socket.

use std::io::{Read, Write};
use std::net::TcpStream;

use super::{Behaviour, Server};

const BODY: &str = "--b\r\nContent-Disposition: form-data; name=\"jfr\"; filename=\"jfr\"\r\n\r\nFLR\r\n--b--\r\n";

fn post(server: &Server, path: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(server.url.trim_start_matches("http://")).unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Type: multipart/form-data; boundary=b\r\nContent-Length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

#[test]
fn an_upload_is_recorded_with_its_parameters_and_parts() {
    let server = Server::start().unwrap();
    assert!(post(&server, "/ingest?name=a%7Bb%3Dc%7D&from=1", BODY).starts_with("HTTP/1.1 200"));
    let uploads = server.uploads().unwrap();
    assert_eq!(uploads.len(), 1);
    assert_eq!(uploads[0].parameter("name").unwrap(), "a{b=c}");
    assert_eq!(uploads[0].jfr().unwrap(), b"FLR");
    assert!(uploads[0].parameter("until").is_err());
}

#[test]
fn a_script_is_followed_and_then_left() {
    let script = [Behaviour::Refuse(500), Behaviour::SlowDown(7)];
    let server = Server::scripted(&script, Behaviour::Accept).unwrap();
    assert!(post(&server, "/ingest", BODY).starts_with("HTTP/1.1 500"));
    assert!(post(&server, "/ingest", BODY).contains("retry-after: 7"));
    assert!(post(&server, "/ingest", BODY).starts_with("HTTP/1.1 200"));
    assert_eq!((server.attempts().unwrap().len(), server.uploads().unwrap().len()), (3, 1));
}

#[test]
fn a_request_that_is_no_upload_is_an_error() {
    let server = Server::start().unwrap();
    assert!(post(&server, "/elsewhere", BODY).starts_with("HTTP/1.1 404"));
    assert!(server.uploads().unwrap_err().to_string().contains("POST /elsewhere"));
}
