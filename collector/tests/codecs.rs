//! The Connect protocol as it goes over the wire: codecs, compression, and requests that are wrong.

mod support;

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::json;
use std::io::{Read, Write};
use support::*;

const LABEL_VALUES: &str = "/querier.v1.QuerierService/LabelValues";
const JSON: (&str, &str) = ("content-type", "application/json");
const PROTO: (&str, &str) = ("content-type", "application/proto");

fn gzip(plain: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(plain).unwrap();
    encoder.finish().unwrap()
}

fn gunzip(bytes: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut plain).unwrap();
    plain
}

/// A length-delimited field of a protobuf message.
fn field(number: u8, content: &[u8]) -> Vec<u8> {
    [&[number << 3 | 2, u8::try_from(content.len()).unwrap()], content].concat()
}

#[test]
fn binary_requests_and_answers_have_pyroscopes_field_numbers() {
    let (_dir, server) = loaded("", RECORDED_NOW_NS);
    // LabelValuesRequest: 1 name, 2 matchers, 3 start, 4 end.
    let mut request = field(1, b"service_name");
    request.extend(field(2, br#"{env="staging"}"#));
    request.extend([3 << 3, 1]);
    request.extend([4 << 3, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x7F]);
    let answer = server.send("POST", LABEL_VALUES, &[PROTO], &request);
    assert_eq!((answer.status, answer.content_type.as_deref()), (200, Some("application/proto")));
    assert_eq!(answer.body, field(1, b"bank-payment-service"));
    let zipped = server.send("POST", LABEL_VALUES, &[PROTO, ("content-encoding", "gzip")], &gzip(&request));
    assert_eq!(zipped.body, answer.body);
}

#[test]
fn json_requests_take_either_spelling() {
    let (_dir, server) = loaded("", RECORDED_NOW_NS);
    let cpu = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";
    let camel = json!({"profileTypeID": cpu, "labelSelector": "{}", "maxNodes": "16", "start": "1795368194000", "end": 1_795_368_226_000_i64});
    let snake = json!({"profile_typeID": cpu, "label_selector": "{}", "max_nodes": 16, "start": 1_795_368_194_000_i64, "end": "1795368226000", "new_field": [1]});
    let answers = [camel, snake].map(|request| server.connect("SelectMergeStacktraces", &request));
    assert_eq!(answers[0].status, 200, "{}", answers[0].text());
    assert_eq!(answers[0], answers[1]);
}

#[test]
fn answers_are_compressed_when_the_client_says_so() {
    let (_dir, server) = loaded("", RECORDED_NOW_NS);
    let request = br#"{"name":"__profile_type__"}"#;
    let plain = server.send("POST", LABEL_VALUES, &[JSON], request);
    assert_eq!(plain.content_encoding, None);
    let zipped = server.send("POST", LABEL_VALUES, &[JSON, ("accept-encoding", "gzip")], request);
    assert_eq!(zipped.content_encoding.as_deref(), Some("gzip"));
    assert_eq!(gunzip(&zipped.body), plain.body);
    let both = [JSON, ("accept-encoding", "gzip"), ("content-encoding", "gzip")];
    assert_eq!(server.send("POST", LABEL_VALUES, &both, &gzip(request)).body, zipped.body);
}

#[test]
fn wrong_requests_are_told_apart() {
    let (_dir, server) = loaded("", RECORDED_NOW_NS);
    let send = |headers: &[(&str, &str)], body: &[u8]| server.send("POST", LABEL_VALUES, headers, body);
    assert_eq!(send(&[("content-type", "text/plain")], b"{}").status, 415);
    assert_eq!(send(&[("content-type", "application/grpc")], b"{}").status, 415);
    assert_eq!(server.get(LABEL_VALUES).status, 405);
    let brotli = send(&[JSON, ("content-encoding", "br")], b"{}");
    assert_eq!((brotli.status, brotli.json()["code"].as_str()), (501, Some("unimplemented")));
    let not_gzip = send(&[JSON, ("content-encoding", "gzip")], b"\x1f\x8bno");
    assert_eq!((not_gzip.status, not_gzip.json()["code"].as_str()), (400, Some("invalid_argument")));
    for (headers, body) in [
        ([PROTO], &b"\xff\xff"[..]),
        ([PROTO], b"\x0a\x05ab"),
        ([JSON], b"{"),
        ([JSON], b"\xff"),
        ([JSON], b"[]"),
        ([JSON], b""),
    ] {
        let answer = send(&headers, body);
        assert_eq!((answer.status, answer.json()["code"].as_str()), (400, Some("invalid_argument")), "{body:?}");
        assert_eq!(answer.content_type.as_deref(), Some("application/json"), "errors are JSON in both codecs");
    }
    assert_eq!(send(&[JSON], &[b' '; 2 << 20]).status, 413);
}

#[test]
fn what_is_not_supported_is_said_instead_of_ignored() {
    let (_dir, server) = loaded("", RECORDED_NOW_NS);
    let base =
        json!({"profileTypeID": "process_cpu:cpu:nanoseconds:cpu:nanoseconds", "labelSelector": "{}", "step": 15});
    for (method, name, value, status) in [
        ("SelectMergeStacktraces", "format", json!("PROFILE_FORMAT_TREE"), 501),
        ("SelectMergeStacktraces", "format", json!("PROFILE_FORMAT_POEM"), 400),
        ("SelectMergeStacktraces", "stackTraceSelector", json!({"callSite": [{"name": "main"}]}), 501),
        ("SelectMergeStacktraces", "profileIdSelector", json!(["x"]), 501),
        ("SelectMergeStacktraces", "traceIdSelector", json!(["x"]), 501),
        ("SelectMergeStacktraces", "spanSelector", json!(["x"]), 400),
        ("SelectMergeStacktraces", "maxNodes", json!(-1), 400),
        ("SelectMergeProfile", "stackTraceSelector", json!({"goPgo": {"keepLocations": 5}}), 501),
        ("SelectSeries", "step", json!(0), 400),
        ("SelectSeries", "aggregation", json!(7), 501),
        ("Diff", "left", json!({}), 400),
    ] {
        let mut request = base.clone();
        request[name] = value;
        let answer = server.connect(method, &request);
        assert_eq!(answer.status, status, "{method} {name}: {}", answer.text());
        assert!(answer.message().len() > 5, "{method} {name}");
    }
    let mut dot = base.clone();
    dot["format"] = json!("PROFILE_FORMAT_DOT");
    let dot = server.connect("SelectMergeStacktraces", &dot).json();
    assert!(dot["dot"].as_str().unwrap().starts_with("digraph"), "{dot}");
}

#[test]
fn both_sides_of_a_difference_may_be_asked_for_with_one_query() {
    let (_dir, server) = loaded("", RECORDED_NOW_NS);
    let query = "process_cpu%3Acpu%3Ananoseconds%3Acpu%3Ananoseconds%7Bservice_name%3D%22bank-order-service%22%7D";
    let ranges = "leftFrom=1795368194&leftUntil=1795368200&rightFrom=1795368201&rightUntil=1795368226";
    let left_only = server.get(&format!("/pyroscope/render-diff?leftQuery={query}&{ranges}"));
    let right_only = server.get(&format!("/pyroscope/render-diff?rightQuery={query}&{ranges}"));
    let both = server.get(&format!("/pyroscope/render-diff?leftQuery={query}&rightQuery={query}&{ranges}"));
    assert_eq!(both.status, 200, "{}", both.text());
    assert_eq!(both.json()["leftTicks"], 2_520_000_000_i64);
    assert_eq!(both.json()["rightTicks"], 5_530_000_000_i64);
    assert_eq!(both, left_only);
    assert_eq!(both, right_only);
    let neither = server.get(&format!("/pyroscope/render-diff?{ranges}"));
    assert_eq!((neither.status, neither.message().as_str()), (400, "\"leftQuery\" is required"));
    let other_type = query.replace("process_cpu%3Acpu", "wall%3Awall");
    let mixed = server.get(&format!("/pyroscope/render-diff?leftQuery={query}&rightQuery={other_type}&{ranges}"));
    assert_eq!(mixed.status, 400, "{}", mixed.text());
}

#[test]
fn ranges_without_ends_are_everything_that_is_held() {
    let (_dir, server) = loaded("", RECORDED_NOW_NS);
    let query = "query=process_cpu%3Acpu%3Ananoseconds%3Acpu%3Ananoseconds%7B%7D";
    for range in ["from=0&until=0", "from=0&until=now", "from=1795368000&until=0", "from=now-200y&until=now%2B100y"] {
        let answer = server.get(&format!("/pyroscope/render?{query}&{range}"));
        assert_eq!(answer.status, 200, "{range}: {}", answer.text());
        assert_eq!(answer.json()["flamebearer"]["numTicks"], 23_020_000_000_i64, "{range}");
        let samples = answer.json()["timeline"]["samples"].as_array().unwrap().clone();
        assert_eq!(samples.iter().map(|sample| sample.as_i64().unwrap()).sum::<i64>(), 23_020_000_000, "{range}");
        assert!(samples.len() < 10_000, "{range}: {}", samples.len());
    }
    let cpu = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";
    for (start, end) in [(0, 0), (i64::MIN, i64::MAX), (1, i64::MAX), (i64::MIN, 1_795_368_300_000)] {
        let request = json!({"profileTypeID": cpu, "labelSelector": "{}", "step": 15, "start": start, "end": end});
        for method in ["SelectMergeStacktraces", "SelectMergeProfile", "SelectSeries"] {
            let answer = server.connect(method, &request);
            assert_eq!(answer.status, 200, "{method} {start} {end}: {}", answer.text());
            assert!(answer.body.len() > 60, "{method} {start} {end}: {}", answer.text());
        }
    }
}

#[test]
fn the_page_is_served_beside_the_api() {
    let dir = tempfile::TempDir::new().unwrap();
    let server = Server::start(dir.path(), RECORDED_NOW_NS);
    let page = server.get("/");
    assert_eq!((page.status, page.content_type.as_deref()), (200, Some("text/html; charset=utf-8")));
    assert!(page.text().contains("<html"));
    let zipped = server.send("GET", "/", &[("accept-encoding", "gzip")], b"");
    assert_eq!(gunzip(&zipped.body), page.body);
}
