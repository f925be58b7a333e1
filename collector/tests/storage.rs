//! What is on disk: restart, damage, retention, a full disk, one owner, and many senders and askers at once.

mod support;

use collector::{Config, Disk, DiskFile, LocalDisk, ServeError, serve_blocking};
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use support::*;
use tempfile::TempDir;

/// Every answer that does not depend on damage or retention.
fn all_answers(server: &Server) -> Vec<(String, Response)> {
    let questions = exchanges("");
    let questions = questions.iter().filter(|exchange| !exchange.is_upload() && !exchange.path().contains("ingest"));
    questions.map(|exchange| (exchange.name.clone(), exchange.replay(server))).collect()
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let list = |dir: PathBuf| fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect::<Vec<_>>();
    let mut files: Vec<_> = list(dir.join("uploads")).into_iter().flat_map(list).collect();
    files.sort();
    files
}

/// CPU time per service.
fn cpu_ns(server: &Server) -> Vec<(String, i64)> {
    let request = json!({
        "profileTypeID": "process_cpu:cpu:nanoseconds:cpu:nanoseconds", "labelSelector": "{}", "step": 1,
        "groupBy": ["service_name"],
    });
    let answer = server.connect("SelectSeries", &request).json();
    let total = |series: &Value| {
        let points = series["points"].as_array().unwrap();
        points.iter().map(|point| point["value"].as_i64().unwrap()).sum()
    };
    let name = |series: &Value| series["labels"][0]["value"].as_str().unwrap().to_owned();
    let mut totals: Vec<_> =
        answer["series"].as_array().unwrap_or(&Vec::new()).iter().map(|s| (name(s), total(s))).collect();
    totals.sort();
    totals
}

fn flame_total(server: &Server) -> i64 {
    let request = json!({"profileTypeID": "process_cpu:cpu:nanoseconds:cpu:nanoseconds", "labelSelector": "{}"});
    let answer = server.connect("SelectMergeStacktraces", &request).json();
    answer["flamegraph"]["total"].as_str().map_or(0, |total| total.parse().unwrap())
}

#[test]
fn a_restart_loses_nothing() {
    let (dir, server) = loaded("", RECORDED_NOW_NS);
    let before = all_answers(&server);
    assert!(before.len() > 40);
    server.stop();
    let leftover = dir.path().join("incoming/0.part");
    fs::write(&leftover, b"half an upload").unwrap();
    let server = Server::start(dir.path(), RECORDED_NOW_NS);
    assert_eq!(all_answers(&server), before);
    assert!(!leftover.exists());
    upload(&server, "");
    assert_eq!(all_answers(&server), before, "uploads that are held already are recognised after a restart too");
}

#[test]
fn damaged_files_are_left_out_and_the_rest_is_answered() {
    let (dir, server) = loaded("", RECORDED_NOW_NS);
    server.stop();
    let files = files(dir.path());
    let name = |path: &Path| path.to_str().unwrap().contains("bank-order-service");
    let (order, payment): (Vec<_>, Vec<_>) = files.into_iter().partition(|path| name(path));
    assert_eq!((order.len(), payment.len()), (2, 2));
    let torn = fs::read(&order[0]).unwrap();
    fs::write(&order[0], &torn[..torn.len() / 2]).unwrap();
    let mut header_damaged = fs::read(&payment[0]).unwrap();
    header_damaged[40] ^= 1;
    fs::write(&payment[0], header_damaged).unwrap();
    fs::write(order[0].with_file_name("notes.txt"), b"not an upload").unwrap();
    let server = Server::start(dir.path(), RECORDED_NOW_NS);
    let expected =
        [("bank-order-service".to_owned(), 5_530_000_000), ("bank-payment-service".to_owned(), 7_470_000_000)];
    assert_eq!(cpu_ns(&server), expected);
    assert_eq!(flame_total(&server), 13_000_000_000);
    assert!(order[0].exists() && payment[0].exists(), "damaged files are not deleted");
    server.stop();

    // Damage behind the header shows only when the recording is read.
    let mut body_damaged = fs::read(&order[1]).unwrap();
    let last = body_damaged.len() - 1;
    body_damaged[last] ^= 1;
    fs::write(&order[1], body_damaged).unwrap();
    let server = Server::start(dir.path(), RECORDED_NOW_NS);
    assert_eq!(flame_total(&server), 7_470_000_000);
    assert_eq!(flame_total(&server), 7_470_000_000);
}

#[test]
fn uploads_expire_by_age() {
    let dir = TempDir::new().unwrap();
    let keep = |config: &mut Config| config.retention_age = Duration::from_secs(7_200);
    let server = Server::start_with(dir.path(), RECORDED_NOW_NS, keep);
    upload(&server, "");
    assert_eq!(files(dir.path()).len(), 4);
    // Two hours after the third upload, which makes the first three too old.
    let late_ns = (1_795_368_211 + 7_201) * 1_000_000_000;
    server.clock.0.store(late_ns, Ordering::Relaxed);
    let fresh = exchanges("").into_iter().find(|exchange| exchange.name == "03-ingest").unwrap();
    let path = fresh.path().replace("from=1795368211", &format!("from={}", late_ns / 1_000_000_000));
    assert_eq!(server.send("POST", &path, &fresh.headers(), &fresh.body()).status, 200);
    assert_eq!(files(dir.path()).len(), 2);
    assert_eq!(cpu_ns(&server), [("bank-payment-service".to_owned(), 14_970_000_000)]);
    let names = json!({"names": ["bank-payment-service"]});
    assert_eq!(server.connect("LabelValues", &json!({"name": "service_name"})).json(), names);
    server.stop();
    let server = Server::start_with(dir.path(), late_ns + 7_200_000_000_000, keep);
    assert_eq!(cpu_ns(&server), [("bank-payment-service".to_owned(), 7_500_000_000)], "also at start");
}

#[test]
fn uploads_expire_by_size_oldest_first() {
    let (dir, server) = loaded("", RECORDED_NOW_NS);
    let sizes: Vec<u64> = files(dir.path()).iter().map(|path| path.metadata().unwrap().len()).collect();
    server.stop();
    let all: u64 = sizes.iter().sum();
    let server = Server::start_with(dir.path(), RECORDED_NOW_NS, |config| config.retention_bytes = all - 1);
    let held = [("bank-order-service".to_owned(), 5_530_000_000), ("bank-payment-service".to_owned(), 14_970_000_000)];
    assert_eq!(cpu_ns(&server), held);
    assert_eq!(files(dir.path()).len(), 3);
}

/// A disk that is full from some moment on. The kernel itself says so: writes go to `/dev/full`.
#[derive(Default)]
struct FillingDisk(AtomicBool);

impl Disk for FillingDisk {
    fn create(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        if !self.0.load(Ordering::Relaxed) {
            return LocalDisk.create(path);
        }
        // The part exists, as it would on a disk that fills up while it is written.
        drop(LocalDisk.create(path)?);
        Ok(Box::new(File::options().write(true).open("/dev/full")?))
    }
}

#[test]
fn a_full_disk_refuses_uploads_and_keeps_what_is_there() {
    let dir = TempDir::new().unwrap();
    let disk = Arc::new(FillingDisk::default());
    let on_it = disk.clone();
    let server = Server::start_with(dir.path(), RECORDED_NOW_NS, |config| config.disk = on_it);
    let uploads: Vec<_> = exchanges("").into_iter().filter(Exchange::is_upload).collect();
    assert_eq!(uploads[0].replay(&server).status, 200);
    let before = cpu_ns(&server);
    disk.0.store(true, Ordering::Relaxed);
    for refused in &uploads[1..] {
        let answer = refused.replay(&server);
        assert_eq!(answer.status, 507, "{}", answer.text());
        assert!(answer.message().starts_with("the disk is full"), "{}", answer.text());
        assert_eq!(answer.json()["code"], "resource_exhausted");
    }
    assert_eq!(cpu_ns(&server), before);
    assert_eq!(flame_total(&server), 2_520_000_000);
    assert_eq!(fs::read_dir(dir.path().join("incoming")).unwrap().count(), 0, "no part is left behind");
    disk.0.store(false, Ordering::Relaxed);
    assert_eq!(uploads[1].replay(&server).status, 200, "once there is room again");
    assert_eq!(flame_total(&server), 8_050_000_000);
}

#[test]
fn a_directory_has_one_owner() {
    let dir = TempDir::new().unwrap();
    let server = Server::start(dir.path(), RECORDED_NOW_NS);
    let config = Config::new("127.0.0.1:0".parse().unwrap(), dir.path());
    let second = serve_blocking(config, |_| {}, async {});
    let error = second.unwrap_err();
    assert!(matches!(error, ServeError::DataDirectoryInUse { .. }), "{error}");
    assert!(error.to_string().contains("--data"), "{error}");
    server.stop();
    Server::start(dir.path(), RECORDED_NOW_NS).stop();
}

#[test]
fn what_cannot_be_opened_is_said_with_what_to_change() {
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("file");
    fs::write(&file, b"").unwrap();
    let config = Config::new("127.0.0.1:0".parse().unwrap(), &file);
    let error = serve_blocking(config, |_| {}, async {}).unwrap_err();
    assert!(matches!(error, ServeError::DataDirectory { .. }) && error.to_string().contains("--data"), "{error}");
    let server = Server::start(dir.path(), 0);
    let taken = Config::new(server.address, dir.path().join("other"));
    let error = serve_blocking(taken, |_| {}, async {}).unwrap_err();
    assert!(matches!(error, ServeError::Listen { .. }) && error.to_string().contains("--listen"), "{error}");
}

#[test]
fn many_senders_and_askers_at_once() {
    const SENDERS: i64 = 4;
    const EACH: i64 = 12;
    let dir = TempDir::new().unwrap();
    // A cache for a few uploads only, so that reading from disk is part of the game.
    let server = Server::start_with(dir.path(), RECORDED_NOW_NS, |config| config.cache_bytes = 300_000);
    let uploads = exchanges("");
    let first = uploads.iter().find(|exchange| exchange.name == "01-ingest").unwrap();
    let (body, headers) = (first.body(), first.headers());
    std::thread::scope(|scope| {
        let (server, body, headers) = (&server, &body, &headers);
        for sender in 0..SENDERS {
            scope.spawn(move || {
                for number in 0..EACH {
                    let from = format!("from={}", 1_795_368_000 + sender * EACH + number);
                    let path = first.path().replace("from=1795368199", &from);
                    assert_eq!(server.send("POST", &path, headers, body).status, 200);
                }
            });
        }
        for _ in 0..3 {
            scope.spawn(move || {
                let mut last = 0;
                for _ in 0..15 {
                    let total = flame_total(server);
                    assert!(total >= last && total % 2_520_000_000 == 0, "{total} after {last}");
                    last = total;
                }
            });
        }
    });
    assert_eq!(flame_total(&server), SENDERS * EACH * 2_520_000_000);
    assert_eq!(files(dir.path()).len() as i64, SENDERS * EACH);
}
