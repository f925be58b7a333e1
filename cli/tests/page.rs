//! The flame graph page: its modules under node, and the whole of it in a headless Chromium on a running server that
//! holds the recorded uploads.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::running_server::RunningServer;
use flate2::read::GzDecoder;

const WHAT_TO_INSTALL: &str = "the page's tests need node 20 or later and Chromium \
    (Debian: apt-get install --no-install-recommends nodejs chromium); CHROMIUM may name another browser of its kind";

/// A type of the recording, and markup of the same length that takes its place.
const TYPE: &[u8] = b"BankMix$NotificationVerticle";
const MARKUP: &[u8] = b"<img src=x onerror=hacked()>";

/// How many seconds ago each recorded upload is put. The comparison in the browser test has the first in the first half
/// of five minutes and the second in the second half.
const AGES_S: [(&str, u64); 4] = [("01", 200), ("02", 60), ("03", 60), ("04", 50)];

fn page_dir() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../collector/page")
}

fn recorded(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../collector/tests/recorded").join(name);
    fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Runs node's test runner on files; what it says is shown where it fails.
fn node_test(files: &[PathBuf], environment: &[(&str, &str)]) {
    let output = Command::new("node").arg("--test").args(files).envs(environment.iter().copied()).output();
    let output = output.unwrap_or_else(|error| panic!("cannot run node: {error}; {WHAT_TO_INSTALL}"));
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{said}\n{}\n{WHAT_TO_INSTALL}", String::from_utf8_lossy(&output.stderr));
    let passed = said.lines().filter_map(|line| line.trim_start_matches(['#', 'ℹ', ' ']).strip_prefix("pass ")).next();
    assert_ne!(passed.unwrap_or("0"), "0", "no test ran: {said}");
}

/// One recorded upload: its address with times moved to `age_s` seconds ago, its content type and body.
struct Upload {
    path: String,
    content_type: String,
    body: Vec<u8>,
}

fn upload(number: &str, age_s: u64) -> Upload {
    let exchange: serde_json::Value =
        serde_json::from_slice(&recorded(&format!("{number}-ingest.json"))).expect("JSON");
    let request = &exchange["request"];
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let until = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock").as_secs() - age_s;
    let moved = |parameter: &str| match parameter.split_once('=') {
        Some(("from", _)) => format!("from={}", until - 5),
        Some(("until", _)) => format!("until={until}"),
        _ => parameter.to_owned(),
    };
    let path = text(&request["path"]);
    let (route, query) = path.split_once('?').expect("a query");
    let query: Vec<String> = query.split('&').map(moved).collect();
    Upload {
        path: format!("{route}?{}", query.join("&")),
        content_type: text(&request["headers"]["Content-Type"]),
        body: recorded(&text(&request["body_file"])),
    }
}

/// The same upload from a service of another name, with markup as the name of a type.
fn hostile(upload: &Upload) -> Upload {
    let start = upload.body.windows(2).position(|pair| pair == [0x1f, 0x8b]).expect("a gzip part");
    let mut recording = Vec::new();
    GzDecoder::new(&upload.body[start..]).read_to_end(&mut recording).expect("a recording");
    let at = recording.windows(TYPE.len()).position(|window| window == TYPE).expect("the type");
    recording[at..at + TYPE.len()].copy_from_slice(MARKUP);
    let (route, query) = upload.path.split_once('?').expect("a query");
    let renamed = |parameter: &str| match parameter.starts_with("name=") {
        true => "name=hostile-service{env=<img>}"
            .replace('{', "%7B")
            .replace('}', "%7D")
            .replace('<', "%3C")
            .replace('>', "%3E"),
        false => parameter.to_owned(),
    };
    let query: Vec<String> = query.split('&').map(renamed).collect();
    Upload {
        path: format!("{route}?{}", query.join("&")),
        content_type: "application/octet-stream".to_owned(),
        body: recording,
    }
}

fn send(server: &str, upload: &Upload) {
    let request = ureq::post(format!("{server}{}", upload.path)).header("content-type", &upload.content_type);
    let response = request.send(&upload.body[..]).unwrap_or_else(|error| panic!("{}: {error}", upload.path));
    assert_eq!(response.status(), 200);
}

#[test]
fn the_modules_of_the_page_pass_their_tests() {
    let tests =
        fs::read_dir(page_dir().join("tests")).expect("a directory").map(|entry| entry.expect("an entry").path());
    let files: Vec<PathBuf> = tests.filter(|path| path.to_string_lossy().ends_with(".test.mjs")).collect();
    assert!(files.len() >= 4, "{files:?}");
    node_test(&files, &[]);
}

#[test]
fn the_page_works_in_a_browser() {
    let data = tempfile::tempdir().expect("a directory");
    let server = RunningServer::start(data.path());
    for (number, age_s) in AGES_S {
        let upload = upload(number, age_s);
        send(&server.url, &upload);
        if number == "01" {
            send(&server.url, &hostile(&upload));
        }
    }
    node_test(&[page_dir().join("tests/browser/page.browser.mjs")], &[("PYRITE_URL", &server.url)]);
}
