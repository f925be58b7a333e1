//! `pyrite serve` as a process: what it prints, how it ends, and what it refuses.

use std::net::TcpListener;
use std::process::Command;

use crate::running_server::{RunningServer, command};

#[test]
fn it_says_where_it_is_what_it_keeps_and_how_to_send() {
    let data = tempfile::tempdir().expect("a directory");
    let server = RunningServer::start(data.path());
    let lines: Vec<&str> = server.greeting.lines().collect();
    assert!(lines[0].starts_with("pyrite: serving at http://127.0.0.1:"), "{}", server.greeting);
    assert!(lines[1].contains(data.path().to_str().expect("UTF-8")) && lines[1].contains("7days"), "{}", lines[1]);
    assert!(
        lines[2].contains("-agentpath:") && lines[2].contains(&format!("server.address={}", server.url)),
        "{}",
        lines[2]
    );
    let page = ureq::get(&server.url).call().expect("the page").body_mut().read_to_string().expect("a text");
    assert!(page.contains("<title>Pyrite</title>"));
    let ready = ureq::get(format!("{}/ready", server.url)).call().expect("an answer");
    assert_eq!(ready.status(), 200);
}

#[test]
fn both_signals_end_it_in_good_order() {
    for signal in ["TERM", "INT"] {
        let data = tempfile::tempdir().expect("a directory");
        let server = RunningServer::start(data.path());
        ureq::get(&server.url).call().expect("the page");
        let (status, said) = server.end_with(signal);
        assert!(status.success(), "{signal}: {status}");
        assert_eq!(said, "pyrite: ending\n");
    }
}

#[test]
fn a_taken_port_is_said_with_the_remedy() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let data = tempfile::tempdir().expect("a directory");
    let output = command(data.path()).args(["--listen", &address]).output().expect("pyrite runs");
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains(&format!("{address} is in use")) && message.contains("--listen 127.0.0.1:"), "{message}");
}

#[test]
fn a_taken_directory_is_said_with_the_remedy() {
    let data = tempfile::tempdir().expect("a directory");
    let _first = RunningServer::start(data.path());
    let output = command(data.path()).args(["--listen", "127.0.0.1:0"]).output().expect("pyrite runs");
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("in use by another collector") && message.contains("--data"), "{message}");
}

#[test]
fn a_directory_that_cannot_be_made_is_said_with_the_remedy() {
    let data = tempfile::tempdir().expect("a directory");
    let file = data.path().join("file");
    std::fs::write(&file, "in the way").expect("a file");
    let output = command(&file.join("below")).args(["--listen", "127.0.0.1:0"]).output().expect("pyrite runs");
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.contains("file") && message.contains("--data"), "{message}");
}

#[test]
fn without_an_option_data_goes_where_the_desktop_specification_says() {
    let home = tempfile::tempdir().expect("a directory");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("an address").to_string();
    let output = Command::new(env!("CARGO_BIN_EXE_pyrite"))
        .args(["serve", "--listen", &address])
        .env_remove("XDG_DATA_HOME")
        .env("HOME", home.path())
        .output()
        .expect("pyrite runs");
    // The port is taken, so it ends; the directory was opened before.
    assert_eq!(output.status.code(), Some(1));
    assert!(home.path().join(".local/share/pyrite").is_dir());
}

#[test]
fn bad_options_name_what_is_allowed() {
    let rows = [
        (["--listen", "here"], "127.0.0.1:4040"),
        (["--retention-age", "soon"], "7d"),
        (["--retention-bytes", "much"], "2GiB"),
    ];
    for (arguments, allowed) in rows {
        let output =
            Command::new(env!("CARGO_BIN_EXE_pyrite")).arg("serve").args(arguments).output().expect("pyrite runs");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let message = String::from_utf8_lossy(&output.stderr);
        assert!(message.contains(allowed), "{message}");
    }
}
