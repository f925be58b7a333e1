//! `pyrite top` against answers recorded from a real Pyroscope server.

use std::process::{Command, Output};

use crate::recorded_server::RecordedServer;

/// The recorded range, which is also what the recorded queries asked for.
const RANGE: [&str; 4] = ["--from", "1795368194", "--until", "1795368226"];

fn top(server: &str, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_pyrite"))
        .args(["top", "--server", server])
        .args(arguments)
        .output()
        .expect("pyrite runs")
}

fn stdout(output: &Output) -> &str {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    std::str::from_utf8(&output.stdout).expect("UTF-8")
}

fn failure(output: &Output) -> &str {
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.stdout.is_empty());
    std::str::from_utf8(&output.stderr).expect("UTF-8")
}

#[test]
fn cpu_leads_with_what_used_most_itself() {
    let server = RecordedServer::start(&[("/pyroscope/render", "27-render-cpu")]);
    let output = top(&server.url(), &[&["--service", "bank-order-service", "--limit", "3"], &RANGE[..]].concat());
    assert_eq!(
        stdout(&output),
        "bank-order-service: 8.05 s of CPU time, 2026-11-22T17:23:14Z to 2026-11-22T17:23:46Z\n\n\
         \x20SELF%    SELF  TOTAL%  FUNCTION\n\
         32.0 %  2.58 s  32.0 %  sha256_implCompressMB\n\
         27.1 %  2.18 s  27.1 %  other\n\
         10.2 %  820 ms  10.2 %  sha256_implCompress\n"
    );
}

#[test]
fn total_order_leads_with_what_called_most() {
    let server = RecordedServer::start(&[("/pyroscope/render", "27-render-cpu")]);
    let output =
        top(&server.url(), &[&["--service", "bank-order-service", "--total", "--limit", "2"], &RANGE[..]].concat());
    let text = stdout(&output);
    assert!(text.contains("88.6 %  7.13 s  0.0 %  java.lang.Thread.run\n"), "{text}");
}

#[test]
fn json_agrees_with_the_recorded_sums() {
    let server = RecordedServer::start(&[("/pyroscope/render", "28-render-alloc_bytes")]);
    let output = top(
        &server.url(),
        &[&["--service", "bank-order-service", "--type", "alloc", "--json", "--limit", "1000"], &RANGE[..]].concat(),
    );
    let report: serde_json::Value = serde_json::from_str(stdout(&output)).expect("JSON");
    assert_eq!(report["unit"], "bytes");
    assert_eq!(report["total"], 6_605_504_512_i64);
    let functions = report["functions"].as_array().expect("a list");
    let selves: i64 = functions.iter().map(|function| function["self"].as_i64().expect("a number")).sum();
    assert_eq!(selves, 6_605_504_512, "self values add up to the whole");
    assert_eq!(functions[0]["self"], 1_504_182_272, "maxSelf of the recorded answer");
}

#[test]
fn the_query_is_what_pyroscope_expects() {
    let server = RecordedServer::start(&[("/pyroscope/render", "31-render-mutex_delay")]);
    let output = top(&server.url(), &[&["--service", "bank-order-service", "--type", "mutex"], &RANGE[..]].concat());
    assert!(stdout(&output).contains("13.7 s  100.0 %  BankMix$OrderVerticle.processOrdersSynchronized"));
    let asked = server.requests();
    assert_eq!(asked.len(), 1, "{asked:?}");
    let line =
        asked[0].replace("%3A", ":").replace("%7B", "{").replace("%7D", "}").replace("%22", "\"").replace("%3D", "=");
    for part in [
        "query=mutex:delay:nanoseconds:mutex:count{service_name=\"bank-order-service\"}",
        "from=1795368194000",
        "until=1795368226000",
        "format=json",
    ] {
        assert!(line.contains(part), "{part} is missing in {line}");
    }
}

#[test]
fn without_a_service_there_is_a_choice() {
    let server = RecordedServer::start(&[("LabelValues", "09-LabelValues-service")]);
    let output = top(&server.url(), &RANGE);
    let message = failure(&output);
    assert!(message.contains("--service"), "{message}");
    assert!(message.contains("\n  bank-order-service\n  bank-payment-service"), "{message}");
}

#[test]
fn an_unknown_service_lists_the_known_ones() {
    let server = RecordedServer::start(&[
        ("/pyroscope/render", "40-error-render-unknown-service"),
        ("LabelValues", "09-LabelValues-service"),
    ]);
    let output = top(&server.url(), &[&["--service", "nobody"], &RANGE[..]].concat());
    let message = failure(&output);
    assert!(message.contains("no service named nobody"), "{message}");
    assert!(message.contains("bank-payment-service"), "{message}");
}

#[test]
fn a_type_that_was_not_sent_lists_those_that_were() {
    let server = RecordedServer::start(&[
        ("/pyroscope/render", "40-error-render-unknown-service"),
        ("LabelValues", "09-LabelValues-service"),
        ("Series", "14-Series"),
    ]);
    let output = top(
        &server.url(),
        &[&["--service", "bank-order-service", "--type", "memory:live:count:objects:count"], &RANGE[..]].concat(),
    );
    let message = failure(&output);
    assert!(message.contains("sent no memory:live:count:objects:count samples"), "{message}");
    assert!(message.contains("\n  cpu\n"), "{message}");
}

#[test]
fn a_refusal_is_told_in_the_servers_words() {
    let server = RecordedServer::start(&[("/pyroscope/render", "41-error-render-bad-query")]);
    let output = top(&server.url(), &["--service", "x"]);
    let message = failure(&output);
    assert!(message.contains("status 400: failed to parse \"query\""), "{message}");
}

#[test]
fn a_server_of_another_kind_is_told_apart() {
    let server = RecordedServer::start(&[]);
    let output = top(&server.url(), &["--service", "x"]);
    let message = failure(&output);
    assert!(message.contains("neither a pyrite nor a Pyroscope server"), "{message}");
}

#[test]
fn a_server_that_does_not_run_is_named_with_the_remedy() {
    // A port that was free a moment ago: nobody listens on it.
    let free = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port").local_addr().expect("an address");
    let output = top(&format!("http://{free}"), &[]);
    let message = failure(&output);
    assert!(message.contains(&free.to_string()), "{message}");
    assert!(message.contains("connection refused") && message.contains("pyrite serve"), "{message}");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let server = RecordedServer::start(&[("/pyroscope/render", "27-render-cpu")]);
    let mut child = Command::new(env!("CARGO_BIN_EXE_pyrite"))
        .args(["top", "--server", &server.url(), "--service", "bank-order-service", "--limit", "1000", "--json"])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("pyrite runs");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("pyrite ends");
    assert!(output.status.success());
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
}
