//! Pyroscope's generated Connect client, in Go and in binary, must read what the JSON codec says.

mod support;

use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;
use support::*;

const CPU: &str = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";
const SELECTOR: &str = "{service_name=\"bank-order-service\"}";
const START_MS: i64 = 1_795_368_194_000;
const END_MS: i64 = 1_795_368_226_000;

/// Builds the client once; its modules are pinned in `go.sum`.
fn build(into: &Path) {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/go-client");
    let built = Command::new("go").args(["build", "-o"]).arg(into).arg(".").current_dir(source).output();
    let built = built.unwrap_or_else(|error| {
        panic!("go cannot be started ({error}): install Go 1.25 or later, for example Debian's golang-go or a release from go.dev")
    });
    assert!(built.status.success(), "the Go client does not build: {}", String::from_utf8_lossy(&built.stderr));
}

fn ask(client: &Path, server: &Server, compression: &str) -> Value {
    let url = format!("http://{}", server.address);
    let mut command = Command::new(client);
    command.args([&url, &START_MS.to_string(), &END_MS.to_string(), CPU, SELECTOR, compression]);
    let output = command.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn a_generated_client_reads_the_same_in_binary() {
    let (dir, server) = loaded("", RECORDED_NOW_NS);
    let client = dir.path().join("go-client");
    build(&client);
    let range = json!({"start": START_MS, "end": END_MS});
    let query =
        json!({"profileTypeID": CPU, "labelSelector": SELECTOR, "maxNodes": 128, "start": START_MS, "end": END_MS});
    let with = |base: &Value, more: Value| {
        let mut request = base.clone();
        request.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        request
    };
    let questions = [
        ("ProfileTypes", range.clone()),
        ("LabelValues", with(&range, json!({"name": "service_name"}))),
        ("LabelNames", range.clone()),
        ("Series", with(&range, json!({"matchers": [SELECTOR], "labelNames": ["env"]}))),
        ("SelectMergeStacktraces", query.clone()),
        ("SelectMergeProfile", query.clone()),
        ("SelectSeries", with(&query, json!({"step": 5, "groupBy": ["service_name"]}))),
        ("Diff", json!({"left": query, "right": query})),
        ("GetProfileStats", json!({})),
    ];
    for compression in ["", "gzip"] {
        let answers = ask(&client, &server, compression);
        for (method, request) in &questions {
            let expected = server.connect(method, request);
            assert_eq!(expected.status, 200, "{method}");
            assert!(expected.body.len() > 10, "{method}");
            assert_eq!(answers[method], expected.json(), "{method} {compression}");
        }
        assert_eq!(answers["Refusal"]["code"], "invalid_argument");
        let message = answers["Refusal"]["message"].as_str().unwrap();
        assert!(message.contains("got(1): \"nope\""), "{message}");
    }
}
