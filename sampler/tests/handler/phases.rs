//! A program that keeps step with tick and interval is seen at its true shares.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::time::Instant;

use sampler::clock;

use crate::isolated::isolated;
use crate::os;
use crate::stage::{ENV, MS, Setup, Stage, work};
use crate::walks;

/// Length of the cycle and of its first part: whole ticks at 250 and 500 Hz, and whole intervals.
const CYCLE_NS: u64 = 20 * MS;
const FIRST_NS: u64 = 14 * MS;

/// A fifth of the cycle: a thread that is sampled in step is seen at 0.6 or at 0.8.
const INTERVAL_NS: u64 = 4 * MS;

/// How exactly the shares are to be seen.
struct Exactness {
    samples: u64,
    tolerance: f64,
}

/// On a thread that has a CPU whenever it wants one. The standard deviation is 0.008 if the samples are independent.
const EXACT: Exactness = Exactness { samples: 3_200, tolerance: 0.03 };

/// Where the machine may be busy with something else.
const ROUGH: Exactness = Exactness { samples: 1_000, tolerance: 0.06 };

/// The part of its cycle in which the thread is now, and the samples that it has had.
static PART: AtomicUsize = AtomicUsize::new(0);
static TAKEN: AtomicU64 = AtomicU64::new(0);

/// The Java frame that stands for each part.
static FRAMES: [[(usize, i32); 1]; 2] = [[(0x1000, 0)], [(0x2000, 0)]];

fn show_the_part(_: &walks::Walk) -> walks::Answer {
    TAKEN.fetch_add(1, Ordering::Relaxed);
    Ok(&FRAMES[PART.load(Ordering::Relaxed)])
}

/// Runs the cycle until enough samples are taken. Returns the CPU time that each part has really used.
fn cycle(stage: Stage, samples: u64) -> [u64; 2] {
    let registration = stage.register(ENV);
    registration.start_timers();
    let mut used_ns = [0; 2];
    let start = Instant::now();
    let (mut part, mut since_ns) = (0, clock::thread_cpu_ns());
    while TAKEN.load(Ordering::Relaxed) < samples {
        let now = usize::from(start.elapsed().as_nanos() as u64 % CYCLE_NS >= FIRST_NS);
        if now != part {
            // The CPU clock is read no more often than this, for the reason given at `burn`.
            let now_ns = clock::thread_cpu_ns();
            used_ns[part] += now_ns - since_ns;
            (part, since_ns) = (now, now_ns);
            PART.store(now, Ordering::Relaxed);
        }
        work();
    }
    registration.stop_timers();
    used_ns
}

#[test]
fn a_cycle_of_14_and_6_milliseconds_is_seen_as_70_to_30() {
    isolated(|| {
        walks::set_hook(show_the_part);
        let stage = Stage::with_thread_timers(&Setup { interval_ns: INTERVAL_NS, ..Setup::default() });
        let Exactness { samples: wanted, tolerance } = if os::take_precedence() { EXACT } else { ROUGH };
        let start = Instant::now();
        let used_ns = cycle(stage, wanted);
        let passed_ns = start.elapsed().as_nanos() as f64;
        let samples = stage.drain();
        let mut seen = [0; 2];
        for sample in &samples {
            let part = usize::from(sample.java[0].0 == FRAMES[1][0].0 as u64);
            seen[part] += u64::from(sample.header.weight);
        }
        let (used_share, seen_share) = (share(used_ns), share(seen));
        assert!(samples.len() as u64 >= wanted);
        let had_its_cpu = (used_ns[0] + used_ns[1]) as f64 > 0.9 * passed_ns;
        println!("fair: {had_its_cpu}, used {used_share:.4}, seen {seen_share:.4}: {seen:?}; {}", stage.report());
        if had_its_cpu {
            assert!((seen_share - 0.70).abs() <= tolerance, "seen {seen_share:.4}");
        }
        // A thread that has to wait for a CPU is taken off it at ticks, so a delay that began at a tick ends where it began,
        // and the cycle itself is not what it should be.
        let tolerance = if had_its_cpu { tolerance } else { 0.12 };
        assert!((seen_share - used_share).abs() <= tolerance, "used {used_share:.4}, seen {seen_share:.4}");
    });
}

/// The first part's share.
fn share([first, second]: [u64; 2]) -> f64 {
    first as f64 / (first + second) as f64
}
