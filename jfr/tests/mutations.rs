//! Damaged recordings: the reader may refuse them, but must not panic, hang or eat memory.

mod support;

use std::time::{Duration, Instant};

use jfr::{Limits, Recording, dump, read, summary};
use support::{UPLOADS, crate_path, fixture};

/// Most memory that the test process may ever have used, in KiB. The largest fixture has 370 KiB; the rest is the test's own.
const MAX_PEAK_KIB: u64 = 256 << 10;

/// Longest time for one damaged recording, far above what a debug build needs on a busy machine.
const MAX_READ_TIME: Duration = Duration::from_secs(30);

/// Marsaglia's xorshift64 with a fixed seed: the same damage in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound.max(1) as u64) as usize
    }
}

/// Damages a copy of `bytes`.
type Damage = fn(&mut Random, &[u8]) -> Vec<u8>;

const DAMAGES: [Damage; 6] = [flip_bit, truncate, huge_number, swap_blocks, remove_bytes, repeat_bytes];

fn flip_bit(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    let at = random.below(bytes.len());
    damaged[at] ^= 1 << random.below(8);
    damaged
}

fn truncate(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
    bytes[..random.below(bytes.len())].to_vec()
}

/// Nine bytes of ones are the largest number, wherever they land: counts, sizes, offsets.
fn huge_number(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    let at = random.below(bytes.len());
    damaged.iter_mut().skip(at).take(9).for_each(|byte| *byte = 0xFF);
    damaged
}

fn swap_blocks(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
    let mut damaged = bytes.to_vec();
    let length = random.below(64);
    let (from, to) = (random.below(bytes.len() - length), random.below(bytes.len() - length));
    damaged[to..to + length].copy_from_slice(&bytes[from..from + length]);
    damaged
}

fn remove_bytes(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
    let length = random.below(16);
    let from = random.below(bytes.len() - length);
    [&bytes[..from], &bytes[from + length..]].concat()
}

fn repeat_bytes(random: &mut Random, bytes: &[u8]) -> Vec<u8> {
    let length = random.below(16);
    let from = random.below(bytes.len() - length);
    [&bytes[..from + length], &bytes[from..]].concat()
}

/// Reads and, if that works, goes over everything that a caller could ask.
fn exercise(bytes: &[u8], with_dump: bool) -> bool {
    let start = Instant::now();
    let recording = read(bytes, &Limits::default());
    let accepted = recording.as_ref().is_ok_and(|recording| visit(recording, with_dump));
    assert!(start.elapsed() < MAX_READ_TIME, "{:?} for {} bytes", start.elapsed(), bytes.len());
    if let Err(error) = recording {
        assert!(error.offset() <= bytes.len(), "{error}");
    }
    accepted
}

fn visit(recording: &Recording, with_dump: bool) -> bool {
    let events: usize = recording.chunks.iter().map(|chunk| chunk.events().count()).sum();
    assert_eq!(events as u64, summary(recording).values().sum::<u64>(), "every event that was counted can be read");
    !with_dump || !dump(recording).is_empty()
}

/// Damages `bytes` `rounds` times in each way; returns how many were still accepted.
fn damage(bytes: &[u8], rounds: usize, with_dump: bool) -> usize {
    let mut random = Random(0x9E37_79B9_7F4A_7C15);
    let damaged = (0..rounds).flat_map(|_| DAMAGES).map(|damage| damage(&mut random, bytes)).collect::<Vec<_>>();
    damaged.iter().filter(|bytes| exercise(bytes, with_dump)).count()
}

/// Largest resident size of this process so far, from proc(5).
fn peak_kib() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse().unwrap()
}

/// One test, because the peak is the process's.
#[test]
fn damaged_recordings_are_survived() {
    let mut accepted = 0;
    for name in ["plain.jfr", "context.jfr"] {
        let bytes = std::fs::read(crate_path("tests/golden").join(name)).unwrap();
        assert!(exercise(&bytes, true));
        accepted += damage(&bytes, 150, true);
        (0..bytes.len()).step_by(31).for_each(|length| {
            exercise(&bytes[..length], true);
        });
    }
    for name in UPLOADS {
        let bytes = fixture(name);
        assert!(exercise(&bytes, false));
        accepted += damage(&bytes, 8, false);
    }
    assert!(accepted > 100, "only {accepted} were accepted: the damage no longer reaches the inner layers");
    assert!(peak_kib() < MAX_PEAK_KIB, "peak of {} KiB", peak_kib());
}
