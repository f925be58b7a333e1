//! Tests of reading uploads.

use std::collections::BTreeMap;

use jfr::{ChunkBuilder, ChunkTimes, Frame, FrameType, IdSource, ThreadInfo};

use super::Profile;
use crate::server::Upload;

fn upload() -> Upload {
    let mut chunk = ChunkBuilder::new(IdSource::default());
    let class = chunk.class("bank/Pay");
    let leaf = chunk.method(class, "hash", "()V", 1, false);
    let root = chunk.method(class, "main", "()V", 1, false);
    let frame = |method| Frame { method, line: 1, bci: 0, kind: FrameType::JitCompiled };
    let stack = chunk.stack_trace(false, &[frame(leaf), frame(root)]);
    let info = ThreadInfo { os_name: "main", os_thread_id: 7, java_name: Some("main"), java_thread_id: 1 };
    let thread = chunk.thread(info);
    chunk.execution_sample(1 << 26, thread, stack);
    chunk.execution_sample(3 << 25, thread, stack);
    for (name, value) in
        [("handler_entries", 6), ("samples", 2), ("carried.early", 1), ("dropped.ring_full", 2), ("dropped.busy", 1)]
    {
        chunk.counter(name, value);
    }
    let times = ChunkTimes { start_epoch_ns: 1_700_000_000_000_000_000, start_ticks: 0, duration_ns: 100_000_000 };
    let parts = BTreeMap::from([("jfr".to_owned(), chunk.finish(times))]);
    let query = BTreeMap::from([("sampleRate".to_owned(), "100".to_owned())]);
    Upload { query, parts, ..Upload::default() }
}

#[test]
fn samples_are_summed_by_frame_and_counters_add_up() {
    let profile = Profile::read(&[upload()]).unwrap();
    assert_eq!(profile.total_ns(), 20e6);
    assert_eq!(profile.ns_under("bank/Pay.main"), 20e6);
    assert_eq!(profile.ns_where(|sample| sample.root() == "bank/Pay.hash"), 0.0);
    assert_eq!(profile.samples().next().unwrap().epoch_ns, 1_700_000_000_000_000_000 + (1 << 26));
    assert_eq!(profile.counter("samples").unwrap(), 2.0);
    assert!(profile.counter("none").unwrap_err().to_string().contains("handler_entries"));
    profile.intervals[0].check_complete().unwrap();
}

#[test]
fn an_uncounted_loss_is_an_error() {
    let mut profile = Profile::read(&[upload()]).unwrap();
    profile.intervals[0].counters.insert("handler_entries".to_owned(), 60);
    let error = profile.intervals[0].check_complete().unwrap_err();
    assert!(error.to_string().contains("60 entries are not 2 samples, 1 carried and 3 drops"), "{error}");
    profile.intervals[0].counters.insert("handler_entries".to_owned(), 5);
    assert!(profile.intervals[0].check_complete().is_err());
}
