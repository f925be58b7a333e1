//! Real uploads of pyroscope-java 2.9.2 on JDK 25, with the figures that the JDK's `jfr summary` and Pyroscope 2.2.1 gave.

mod support;

use std::collections::BTreeMap;
use std::io::Write;

use jfr::reader::StackFrame;
use jfr::{Event, Limits, read, summary};
use support::{UPLOADS, fixture, rewrite_with_estimate, totals};

/// Event counts that JDK 25's `jfr summary` printed, metadata and checkpoint left out.
const COUNTS: [&[(&str, u64)]; 4] = [
    &[
        ("jdk.ActiveRecording", 1),
        ("jdk.ActiveSetting", 28),
        ("jdk.CPUInformation", 1),
        ("jdk.CPULoad", 2),
        ("jdk.ExecutionSample", 252),
        ("jdk.GCHeapSummary", 2),
        ("jdk.InitialSystemProperty", 24),
        ("jdk.JVMInformation", 1),
        ("jdk.JavaMonitorEnter", 194),
        ("jdk.NativeLibrary", 18),
        ("jdk.OSInformation", 1),
        ("jdk.ObjectAllocationInNewTLAB", 3335),
        ("jdk.ThreadPark", 466),
    ],
    &[
        ("jdk.ActiveRecording", 1),
        ("jdk.ActiveSetting", 28),
        ("jdk.CPUInformation", 1),
        ("jdk.CPULoad", 4),
        ("jdk.ExecutionSample", 553),
        ("jdk.GCHeapSummary", 4),
        ("jdk.InitialSystemProperty", 24),
        ("jdk.JVMInformation", 1),
        ("jdk.JavaMonitorEnter", 430),
        ("jdk.NativeLibrary", 19),
        ("jdk.OSInformation", 1),
        ("jdk.ObjectAllocationInNewTLAB", 9264),
        ("jdk.ThreadPark", 1169),
    ],
    &[
        ("jdk.ActiveRecording", 1),
        ("jdk.ActiveSetting", 25),
        ("jdk.CPUInformation", 1),
        ("jdk.CPULoad", 4),
        ("jdk.GCHeapSummary", 4),
        ("jdk.InitialSystemProperty", 22),
        ("jdk.JVMInformation", 1),
        ("jdk.NativeLibrary", 18),
        ("jdk.OSInformation", 1),
        ("profiler.WallClockSample", 4134),
    ],
    &[
        ("jdk.ActiveRecording", 1),
        ("jdk.ActiveSetting", 25),
        ("jdk.CPUInformation", 1),
        ("jdk.CPULoad", 4),
        ("jdk.GCHeapSummary", 4),
        ("jdk.InitialSystemProperty", 22),
        ("jdk.JVMInformation", 1),
        ("jdk.NativeLibrary", 19),
        ("jdk.OSInformation", 1),
        ("profiler.WallClockSample", 4296),
    ],
];

#[test]
fn event_counts_are_those_of_the_jdk() {
    for (name, expected) in UPLOADS.iter().zip(COUNTS) {
        let recording = read(&fixture(name), &Limits::default()).unwrap();
        let expected = expected.iter().map(|(name, count)| ((*name).to_owned(), *count)).collect();
        assert_eq!(summary(&recording), expected, "{name}");
    }
}

/// Totals that Pyroscope's parser gave at 100 Hz. The two uploads of the order service are what the recorded answers sum:
/// 8.05 s of CPU.
const TOTALS: [&[(&str, i64)]; 4] = [
    &[
        ("block:contentions", 466),
        ("block:delay", 3_751_804_712),
        ("memory:alloc_in_new_tlab_bytes", 1_748_500_480),
        ("memory:alloc_in_new_tlab_objects", 3_335),
        ("mutex:contentions", 194),
        ("mutex:delay", 3_937_831_801),
        ("process_cpu:cpu", 2_520_000_000),
    ],
    &[
        ("block:contentions", 1_169),
        ("block:delay", 9_413_481_985),
        ("memory:alloc_in_new_tlab_bytes", 4_857_004_032),
        ("memory:alloc_in_new_tlab_objects", 9_264),
        ("mutex:contentions", 430),
        ("mutex:delay", 9_723_603_183),
        ("process_cpu:cpu", 5_530_000_000),
    ],
    &[("process_cpu:cpu", 7_500_000_000), ("wall:wall", 149_850_000_000)],
    &[("process_cpu:cpu", 7_470_000_000), ("wall:wall", 161_800_000_000)],
];

#[test]
fn totals_are_those_of_pyroscope() {
    for (name, expected) in UPLOADS.iter().zip(TOTALS) {
        let recording = read(&fixture(name), &Limits::default()).unwrap();
        let expected = expected.iter().map(|(name, total)| ((*name).to_owned(), *total)).collect();
        assert_eq!(totals(&recording), expected, "{name}");
    }
    let cpu = |upload: usize| TOTALS[upload].iter().find(|(name, _)| *name == "process_cpu:cpu").unwrap().1;
    assert_eq!(cpu(0) + cpu(1), 8_050_000_000);
}

#[test]
fn names_resolve() {
    let recording = read(&fixture(UPLOADS[0]), &Limits::default()).unwrap();
    let chunk = &recording.chunks[0];
    let mut hashing = 0;
    for event in chunk.events() {
        let Event::ExecutionSample(sample) = event else {
            continue;
        };
        let trace = chunk.stack_trace(sample.stack).unwrap();
        assert!(trace.frames.iter().all(|frame| !frame.method_name().is_empty()));
        assert!(chunk.thread(sample.thread).unwrap().os_name.is_some());
        let is_hash =
            |frame: &StackFrame| frame.class_name() == "BankMix$PaymentVerticle" && frame.method_name() == "sha256";
        hashing += usize::from(trace.frames.iter().any(is_hash));
    }
    assert!(hashing > 50, "{hashing} samples below sha256");
}

#[test]
fn writing_anew_is_a_third_smaller() {
    for name in UPLOADS {
        let original = fixture(name);
        let (anew, estimate) = rewrite_with_estimate(&original);
        assert!(
            anew.len() <= estimate && estimate < anew.len() * 2,
            "{name}: {} bytes, estimated {estimate}",
            anew.len()
        );
        assert!(anew.len() * 100 < original.len() * 70, "{name}: {} of {} bytes", anew.len(), original.len());
        assert!(gzipped(&anew) * 100 < gzipped(&original) * 75, "{name}: {} of {}", gzipped(&anew), gzipped(&original));
    }
}

fn gzipped(bytes: &[u8]) -> usize {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap().len()
}

/// CPU time per span over both uploads that carry labels, as Pyroscope answered for each span. Their writer puts the
/// context fields plainly after the others.
#[test]
fn spans_are_those_of_pyroscope() {
    let mut cpu_ns = BTreeMap::new();
    for name in ["labels-1.jfr.gz", "labels-2.jfr.gz"] {
        let recording = read(&fixture(name), &Limits::default()).unwrap();
        for event in recording.chunks.iter().flat_map(|chunk| chunk.events()) {
            if let Event::ExecutionSample(sample) = event {
                *cpu_ns.entry(sample.context.span_id).or_insert(0) += 10_000_000_u64;
            }
        }
    }
    assert_eq!(cpu_ns[&0x1111_2222_3333_4444], 7_220_000_000);
    assert_eq!(cpu_ns[&0x5555_6666_7777_8888], 3_100_000_000);
}
