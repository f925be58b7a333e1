//! An index of three uploads.

use super::super::file::HeaderSeries;
use super::*;
use crate::model::Labels;

fn header(from_ns: i64, env: &str) -> Header {
    let totals = vec![("a:b:c:d:e".parse().unwrap(), 7)];
    Header {
        app: "bank".into(),
        labels: Labels::default(),
        from_ns,
        until_ns: from_ns,
        sample_rate_hz: 100,
        recording_bytes: 0,
        label_snapshot_bytes: 0,
        body_crc: 0,
        fingerprint: from_ns as u64,
        series: vec![HeaderSeries { labels: Labels::from_pairs([("env", env)]), totals }],
    }
}

fn index() -> Index {
    let mut index = Index::default();
    for (id, time_ms, env) in [(1, 10, "a"), (2, 20, "a"), (3, 30, "b")] {
        index.insert(id, PathBuf::new(), &header(time_ms * NS_PER_MS, env), 100);
    }
    index
}

fn ids(uploads: &[Arc<Upload>]) -> Vec<u64> {
    uploads.iter().map(|upload| upload.id).collect()
}

#[test]
fn ranges_include_both_ends() {
    let index = index();
    let range = |start_ms, end_ms| ids(&index.range(TimeRange { start_ms, end_ms }));
    assert_eq!(range(10, 20), [1, 2]);
    assert_eq!(range(11, 29), [2]);
    assert_eq!(ids(&index.range(TimeRange::ALL)), [1, 2, 3]);
    assert_eq!(index.bounds_ms(), Some((10, 30)));
}

#[test]
fn equal_series_are_held_once_and_forgotten_with_their_last_upload() {
    let mut index = index();
    assert_eq!(index.series(TimeRange::ALL).len(), 2);
    assert_eq!(index.keys.len(), 2);
    assert_eq!(ids(&index.expire(21 * NS_PER_MS, u64::MAX)), [1, 2]);
    assert_eq!(index.keys.len(), 1);
}

#[test]
fn expires_by_bytes_from_the_oldest() {
    let mut index = index();
    assert_eq!(ids(&index.expire(0, 250)), [1]);
    assert!(index.expire(0, 200).is_empty());
    assert_eq!(ids(&index.expire(0, 0)), [2, 3]);
    assert_eq!(index.size_bytes, 0);
}

#[test]
fn a_repeated_upload_is_recognised() {
    let index = index();
    let time = 10 * NS_PER_MS;
    assert!(index.holds(time, time as u64));
    assert!(!index.holds(time, 1) && !index.holds(time + 1, time as u64));
}
