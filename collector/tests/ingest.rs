//! Uploads of every kind: well formed in each way, and bad in every way we could think of.

mod support;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};
use support::*;
use tempfile::TempDir;

const FROM_S: i64 = 1_795_368_199;

fn path(parameters: &str) -> String {
    format!("/ingest?name=bank%7Benv%3Dtest%7D&from={FROM_S}&until={}&sampleRate=100&{parameters}", FROM_S + 10)
}

/// The parts of a recorded upload as they were sent.
fn recorded_part(name: &str) -> Vec<u8> {
    let upload = if name == "labels" { "labels/upload-2.multipart" } else { "upload-1.multipart" };
    let body = std::fs::read(recorded(upload)).unwrap();
    let head = format!("name=\"{name}\"; filename=\"{name}\"");
    let find = |bytes: &[u8], wanted: &[u8]| bytes.windows(wanted.len()).position(|window| window == wanted);
    let head = find(&body, head.as_bytes()).unwrap();
    let start = head + find(&body[head..], b"\r\n\r\n").unwrap() + 4;
    let length = find(&body[start..], b"\r\n--").unwrap();
    body[start..start + length].to_vec()
}

fn plain(gzip: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(gzip).read_to_end(&mut plain).unwrap();
    plain
}

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn form(parts: &[(&str, &[u8])]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, content) in parts {
        let head = format!("--x\r\nContent-Disposition: form-data; name=\"{name}\"; filename=\"{name}\"\r\n\r\n");
        body.extend([head.as_bytes(), content, b"\r\n"].concat());
    }
    body.extend(b"--x--\r\n");
    body
}

fn send_form(server: &Server, path: &str, parts: &[(&str, &[u8])]) -> Response {
    server.send("POST", path, &[("content-type", "multipart/form-data; boundary=x")], &form(parts))
}

fn send_raw(server: &Server, path: &str, body: &[u8]) -> Response {
    server.send("POST", path, &[("content-type", "application/octet-stream")], body)
}

/// The CPU time that the collector holds in all.
fn cpu_ns(server: &Server) -> i64 {
    let request = json!({"profileTypeID": "process_cpu:cpu:nanoseconds:cpu:nanoseconds", "labelSelector": "{}"});
    let answer = server.connect("SelectMergeStacktraces", &request).json();
    answer["flamegraph"]["total"].as_str().map_or(0, |total| total.parse().unwrap())
}

fn start() -> (TempDir, Server) {
    let dir = TempDir::new().unwrap();
    let server = Server::start(dir.path(), RECORDED_NOW_NS);
    (dir, server)
}

fn assert_holds_nothing(server: &Server) {
    assert_eq!(server.get("/pyroscope/label-values?label=service_name").json(), json!([]));
    assert_eq!(server.connect("GetProfileStats", &json!({})).json(), json!({}));
}

#[test]
fn each_form_of_the_same_recording_counts_the_same() {
    let recording = recorded_part("jfr");
    let unzipped = plain(&recording);
    let (half, rest) = unzipped.split_at(unzipped.len() / 2);
    let two_members = [gzip(half), gzip(rest)].concat();
    let labels = recorded_part("labels");
    for (name, parts) in [
        ("gzip", vec![("jfr", &recording[..])]),
        ("plain", vec![("jfr", &unzipped[..])]),
        ("two gzip members", vec![("jfr", &two_members[..])]),
        ("with labels", vec![("labels", &labels[..]), ("jfr", &recording[..])]),
        ("unknown parts", vec![("other", b"x"), ("jfr", &recording[..])]),
    ] {
        let (_dir, server) = start();
        let answer = send_form(&server, &path("format=jfr"), &parts);
        assert_eq!((answer.status, answer.text()), (200, ""), "{name}");
        assert_eq!(cpu_ns(&server), 2_520_000_000, "{name}");
    }
    for body in [&unzipped, &recording] {
        let (_dir, server) = start();
        let answer = send_raw(&server, &path("").replace("/ingest", "/pyroscope/ingest"), body);
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(cpu_ns(&server), 2_520_000_000);
    }
}

#[test]
fn the_sample_rate_scales_cpu_time() {
    for (rate, expected) in [("50", 5_040_000_000), ("1000", 252_000_000), ("0", 0), ("-5", 2_520_000_000)] {
        let (_dir, server) = start();
        let path = path("").replace("sampleRate=100", &format!("sampleRate={rate}"));
        assert_eq!(send_form(&server, &path, &[("jfr", &recorded_part("jfr"))]).status, 200);
        assert_eq!(cpu_ns(&server), expected, "{rate}");
    }
}

#[test]
fn a_repeated_upload_counts_once() {
    let (_dir, server) = start();
    let recording = recorded_part("jfr");
    for _ in 0..3 {
        assert_eq!(send_form(&server, &path(""), &[("jfr", &recording)]).status, 200);
    }
    assert_eq!(cpu_ns(&server), 2_520_000_000);
    let later = path("").replace(&format!("from={FROM_S}"), &format!("from={}", FROM_S + 1));
    assert_eq!(send_form(&server, &later, &[("jfr", &recording)]).status, 200);
    assert_eq!(cpu_ns(&server), 5_040_000_000);
}

#[test]
fn a_recording_cut_anywhere_is_refused_and_nothing_is_kept() {
    let (_dir, server) = start();
    let recording = plain(&recorded_part("jfr"));
    for step in 1..60 {
        let cut = recording.len() * step / 60;
        let answer = send_raw(&server, &path(""), &recording[..cut]);
        assert_eq!(answer.status, 422, "cut at {cut}");
        assert!(!answer.message().is_empty());
    }
    let zipped = recorded_part("jfr");
    for step in 0..20 {
        let cut = zipped.len() * step / 20;
        assert_eq!(send_form(&server, &path(""), &[("jfr", &zipped[..cut])]).status, 422, "cut at {cut}");
    }
    assert_holds_nothing(&server);
}

#[test]
fn damaged_recordings_never_stop_the_collector() {
    let (_dir, server) = start();
    let recording = plain(&recorded_part("jfr"));
    // A fixed sequence, so that a failure can be repeated (Numerical Recipes' linear congruential generator).
    let mut state = 1u32;
    let mut random = |below: usize| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 8) as usize % below
    };
    for round in 0..60 {
        let mut damaged = recording.clone();
        for _ in 0..=round % 5 {
            let at = random(damaged.len());
            damaged[at] = random(256) as u8;
        }
        let answer = send_raw(&server, &path(""), &damaged);
        assert!(matches!(answer.status, 200 | 413 | 422), "round {round}: {} {}", answer.status, answer.text());
    }
    assert_eq!(server.get("/ready").text(), "ready");
}

#[test]
fn bodies_that_are_no_recording_are_refused_with_a_reason() {
    let (_dir, server) = start();
    let class_file = [0xCA, 0xFE, 0xBA, 0xBE, 0, 0, 0, 65];
    let header_only = [b"FLR\0\0\x02\0\0".as_slice(), &[0xFF; 60]].concat();
    let garbage_gzip = [b"\x1f\x8b\x08\x00".as_slice(), &[7; 100]].concat();
    let gzip_of_text = gzip(b"hello");
    for (name, body) in [
        ("text", b"hello".as_slice()),
        ("a class file", &class_file),
        ("a header that lies", &header_only),
        ("no gzip", &garbage_gzip),
        ("gzip of text", &gzip_of_text),
        ("one byte", b"F"),
    ] {
        for answer in [send_raw(&server, &path(""), body), send_form(&server, &path(""), &[("jfr", body)])] {
            assert_eq!(answer.status, 422, "{name}: {}", answer.text());
            assert_eq!(answer.json()["code"], "unknown", "{name}");
            assert!(answer.message().len() > 10, "{name}: {}", answer.text());
        }
    }
    let bad_labels = send_form(&server, &path(""), &[("labels", b"\xff\xff\xff"), ("jfr", &recorded_part("jfr"))]);
    assert_eq!(bad_labels.status, 422);
    assert!(bad_labels.message().contains("labels part"), "{}", bad_labels.text());
    let missing = send_form(&server, &path(""), &[("labels", b"")]);
    assert!(missing.message().contains("jfr field is required"), "{}", missing.text());
    assert_eq!(send_raw(&server, &path(""), b"").status, 200, "an empty body is accepted, as Pyroscope does");
    assert_holds_nothing(&server);
}

#[test]
fn a_gzip_bomb_is_refused_without_being_unpacked() {
    let (_dir, server) = start();
    let bomb = gzip(&vec![0; 200 << 20]);
    assert!(bomb.len() < 2 << 20, "{} bytes become 200 MiB", bomb.len());
    let nested = [recorded_part("jfr"), bomb.clone()].concat();
    let recording = recorded_part("jfr");
    for parts in
        [vec![("jfr", &bomb[..])], vec![("jfr", &nested[..])], vec![("labels", &bomb[..]), ("jfr", &recording[..])]]
    {
        let answer = send_form(&server, &path(""), &parts);
        assert_eq!(answer.status, 413, "{}", answer.text());
        assert!(answer.message().contains("67108864 bytes once decompressed"), "{}", answer.text());
    }
    let query = server.send(
        "POST",
        "/querier.v1.QuerierService/LabelNames",
        &[("content-type", "application/json"), ("content-encoding", "gzip")],
        &bomb[..bomb.len().min(1 << 20)],
    );
    assert_eq!(query.status, 400, "{}", query.text());
    assert_holds_nothing(&server);
}

#[test]
fn limits_are_told_in_the_refusal() {
    let dir = TempDir::new().unwrap();
    let server = Server::start_with(dir.path(), LABELS_NOW_NS, |config| {
        config.max_body_bytes = 100_000;
        config.max_series = 3;
    });
    let answer = send_raw(&server, &path(""), &[b'x'; 100_001]);
    assert_eq!(answer.status, 413);
    assert!(answer.message().contains("larger than 100000 bytes"), "{}", answer.text());
    let uploads = exchanges("labels");
    let answer = uploads.iter().find(|exchange| exchange.name == "02-ingest").unwrap().replay(&server);
    assert_eq!(answer.status, 422, "{}", answer.text());
    assert!(answer.message().contains("more than 3 series"), "{}", answer.text());
    assert_holds_nothing(&server);
}

#[test]
fn the_window_reaches_an_hour_back_and_ten_minutes_ahead() {
    let (_dir, server) = start();
    let now_s = RECORDED_NOW_NS / 1_000_000_000;
    let recording = recorded_part("jfr");
    for (offset_s, status) in [(-3_600, 422), (-3_599, 200), (600, 200), (601, 422)] {
        let path = format!("/ingest?name=bank&from={}", now_s + offset_s);
        let answer = send_form(&server, &path, &[("jfr", &recording)]);
        assert_eq!(answer.status, status, "{offset_s}: {}", answer.text());
    }
    let without_a_time = send_form(&server, "/ingest?name=bank", &[("jfr", &recording)]);
    assert_eq!(without_a_time.status, 200, "no time means now");
}

#[test]
fn bad_parameters_are_refused_before_the_body_is_looked_at() {
    let (_dir, server) = start();
    for (path, reason) in [
        ("/ingest?from=1", "name: service name is required"),
        ("/ingest?name=a%20b", "name: ' ' is not allowed in an application name"),
        ("/ingest?name=a%7Bb-c%3Dd%7D", "name: \"b-c\" is not a label name"),
        ("/ingest?name=a&from=soon", "from: \"soon\" is not a time"),
        ("/ingest?name=a&format=pprof", "format: \"pprof\" is not supported"),
    ] {
        let answer = send_raw(&server, path, b"hello");
        assert_eq!((answer.status, answer.json()["code"].as_str()), (400, Some("invalid_argument")), "{path}");
        assert!(answer.message().starts_with(reason), "{path}: {}", answer.text());
    }
    assert_eq!(server.get("/ingest?name=a").status, 405);
}

#[test]
fn a_body_that_does_not_arrive_is_given_up() {
    let dir = TempDir::new().unwrap();
    let limit = Duration::from_millis(300);
    let server = Server::start_with(dir.path(), RECORDED_NOW_NS, |config| config.request_timeout = limit);
    let started = Instant::now();
    let mut stream = TcpStream::connect(server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let head = format!("POST {} HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nabc", path(""));
    stream.write_all(head.as_bytes()).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).unwrap();
    assert!(matches!(&answer[9..], b"408" | b"504"), "{}", String::from_utf8_lossy(&answer));
    assert!(started.elapsed() >= limit);
    assert_holds_nothing(&server);
}
