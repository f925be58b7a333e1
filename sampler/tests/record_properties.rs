//! What a handler writes to the ring is what the drain reads, for every field at its bounds.
#![cfg(not(loom))]

use std::sync::atomic::AtomicU64;

use sampler::record::{HEADER_WORDS, JAVA_FRAME_WORDS, SampleHeader, SampleRecord};
use sampler::ring::Ring;

type TestRing = Ring<Vec<AtomicU64>>;

/// Frames of the largest sample; an interpreter that checks every access needs its time.
const MOST_NATIVE: u64 = if cfg!(miri) { 12 } else { 128 };
const MOST_JAVA: i32 = if cfg!(miri) { 20 } else { 1_000 };
const RING_WORDS: usize = if cfg!(miri) { 1 << 7 } else { 1 << 12 };

fn ring() -> TestRing {
    Ring::new((0..RING_WORDS).map(|_| AtomicU64::new(0)).collect()).expect("a power of two")
}

const HEADER: SampleHeader = SampleHeader {
    time_ns: 1,
    slot: 2,
    generation: 3,
    weight: 4,
    java: 0,
    native: 0,
    native_end: 0,
    is_java_thread: false,
    sp: 8,
};

/// Puts a sample as a handler does.
fn put(ring: &TestRing, header: SampleHeader, native: &[u64], java: &[(u64, i32)]) {
    let mut record = ring.reserve(HEADER_WORDS + header.frame_words()).expect("there is room");
    header.encode().into_iter().chain(native.iter().copied()).for_each(|word| record.put(word));
    for (method, bci) in java {
        record.put(*method);
        record.put(u64::from(*bci as u32));
    }
    record.publish();
}

/// A sample as the drain reads it: header, native pcs, Java frames.
type Taken = (SampleHeader, Vec<u64>, Vec<(u64, i32)>);

/// Takes the next sample out of the ring.
fn take(ring: &TestRing) -> Option<Taken> {
    let mut taken = None;
    ring.consume(|words| {
        let record = SampleRecord::new(words);
        taken = Some((record.header, record.native().collect(), record.java().collect()));
    });
    taken
}

#[test]
fn every_field_survives_at_its_bounds() {
    let ring = ring();
    let headers = [
        HEADER,
        SampleHeader { time_ns: 0, slot: 0, generation: 0, weight: 0, sp: 0, ..HEADER },
        SampleHeader { time_ns: u64::MAX, ..HEADER },
        SampleHeader { slot: u32::MAX, ..HEADER },
        SampleHeader { generation: u16::MAX, ..HEADER },
        SampleHeader { weight: u32::MAX, java: -1, ..HEADER },
        SampleHeader { java: i32::MIN, is_java_thread: true, ..HEADER },
        SampleHeader { native_end: u8::MAX, ..HEADER },
        SampleHeader { sp: (1 << 47) - 8, is_java_thread: true, ..HEADER },
    ];
    for header in headers {
        put(&ring, header, &[], &[]);
        assert_eq!(take(&ring), Some((header, vec![], vec![])));
    }
}

#[test]
fn frames_come_back_in_order_and_apart() {
    let ring = ring();
    for (native, java) in [(0, 0), (1, 0), (0, 1), (MOST_NATIVE, MOST_JAVA), (3, 5)] {
        let pcs: Vec<u64> = (0..native).map(|at| u64::MAX - at).collect();
        let frames: Vec<(u64, i32)> = (0..java).map(|at| (0x7f00_0000_0000 + at as u64, at - 3)).collect();
        let header = SampleHeader { native: native as u16, java, ..HEADER };
        assert_eq!(header.frame_words(), pcs.len() + JAVA_FRAME_WORDS * frames.len());
        put(&ring, header, &pcs, &frames);
        put(&ring, HEADER, &[], &[]);
        assert_eq!(take(&ring), Some((header, pcs, frames)));
        assert_eq!(take(&ring), Some((HEADER, vec![], vec![])), "the next record begins where this one ends");
    }
    assert_eq!(take(&ring), None);
}

#[test]
fn a_failed_java_walk_has_no_frames() {
    for java in [-1, -9, i32::MIN] {
        let header = SampleHeader { java, native: 2, ..HEADER };
        assert_eq!(header.frame_words(), 2);
        let ring = ring();
        put(&ring, header, &[10, 20], &[]);
        assert_eq!(take(&ring), Some((header, vec![10, 20], vec![])));
    }
}
