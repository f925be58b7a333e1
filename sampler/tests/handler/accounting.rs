//! Every entry into the handler ends in exactly one counted way, whatever the traffic.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use sampler::counters::Outcome;
use sampler::slot::{Payload, TimerKind};

use crate::isolated::isolated;
use crate::os;
use crate::stage::{ENV, MS, SIGNAL, Sample, Setup, Stage, burn, wait_until, work};
use crate::walks;

/// Threads that live at the same time.
const LANES: usize = 6;

/// Past and present threads that signals are sent to; the oldest are forgotten.
static TARGETS: Mutex<Vec<(i32, Payload)>> = Mutex::new(Vec::new());
const MOST_TARGETS: usize = 24;

static STOP: AtomicBool = AtomicBool::new(false);

/// One thread after the other, each sampled for a few milliseconds of CPU time.
fn lane(stage: Stage, number: u64) {
    for life in 0.. {
        if STOP.load(Ordering::Relaxed) {
            return;
        }
        let short_life = move || {
            // Every third one is no Java thread.
            let registration = stage.register(if life % 3 == 0 { 0 } else { ENV });
            registration.start_timers();
            let mut targets = TARGETS.lock().expect("no panic");
            if targets.len() == MOST_TARGETS {
                targets.remove(0);
            }
            targets.push((registration.tid, registration.payload(TimerKind::Storm)));
            drop(targets);
            burn((1 + (life + number) % 5) * MS);
        };
        thread::spawn(short_life).join().expect("no panic");
    }
}

/// Sends signals to threads that live, have ended, or are someone else by now; some with another's cookie.
fn storm(mut random: u64) {
    while !STOP.load(Ordering::Relaxed) {
        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        let target = {
            let targets = TARGETS.lock().expect("no panic");
            targets.get(random as usize % MOST_TARGETS).copied()
        };
        let Some((tid, mut payload)) = target else { continue };
        payload.kind = [TimerKind::Cpu, TimerKind::Mono, TimerKind::Storm][(random >> 20) as usize % 3];
        match (random >> 30) % 16 {
            0 => payload.generation = payload.generation.wrapping_sub(1),
            1 => payload.cookie ^= 2,
            _ => {}
        }
        os::queue(tid, SIGNAL, os::SI_TIMER, payload.encode());
        work();
    }
}

/// The ways out that the traffic has to meet before it may end.
const WANTED: [Outcome; 6] = [
    Outcome::Sample,
    Outcome::CarriedEarly,
    Outcome::CarriedDelayed,
    Outcome::DroppedStale,
    Outcome::DroppedNoBuffer,
    Outcome::DroppedRingFull,
];

#[test]
fn entries_are_samples_and_carried_and_dropped_under_a_storm() {
    isolated(|| {
        walks::set_hook(|_| {
            // Holds the frame buffer for a while, so that others find none.
            (0..10).for_each(|_| work());
            Ok(walks::ONE_FRAME)
        });
        let stage = Stage::with_thread_timers(&Setup {
            interval_ns: MS,
            ring_words: 256,
            frame_buffers: 1,
            ..Setup::default()
        });
        let lanes: Vec<_> = (0..LANES as u64).map(|number| thread::spawn(move || lane(stage, number))).collect();
        let storms: Vec<_> = (1..=2).map(|seed| thread::spawn(move || storm(seed * 0x9e37_79b9))).collect();
        let mut samples: Vec<Sample> = Vec::new();
        let counters = &stage.sampler.counters;
        let mut round = 0;
        wait_until(
            || format!("every way out, many times: {}", stage.report()),
            || {
                // Now and then the drain is late, and someone else has the only frame buffer.
                round += 1;
                let held = if round % 8 == 0 { stage.sampler.frames.claim(0) } else { None };
                thread::sleep(Duration::from_millis(if round % 16 == 1 { 50 } else { 5 }));
                drop(held);
                samples.extend(stage.drain());
                let entries = counters.entries.load(Ordering::Relaxed);
                let foreign = counters.foreign.load(Ordering::Relaxed);
                entries > 4_000 && foreign > 20 && WANTED.iter().all(|outcome| stage.count(*outcome) > 2)
            },
        );
        STOP.store(true, Ordering::Relaxed);
        for thread in lanes.into_iter().chain(storms) {
            thread.join().expect("no panic");
        }
        samples.extend(stage.drain());

        println!("{} entries: {}", counters.entries.load(Ordering::Relaxed), stage.report());
        stage.assert_entries_add_up();
        assert_eq!(samples.len() as u64, stage.count(Outcome::Sample), "every published sample was read");
        let weight: u64 = samples.iter().map(|sample| u64::from(sample.header.weight)).sum();
        assert_eq!(counters.charged_ns.load(Ordering::Relaxed), weight * MS);
        assert!(samples.iter().all(is_whole), "a sample was torn");
        let dropped_ns = counters.dropped_ns.load(Ordering::Relaxed);
        let dropped = stage.count(Outcome::DroppedNoBuffer) + stage.count(Outcome::DroppedRingFull);
        assert!(dropped_ns >= dropped * MS && dropped_ns.is_multiple_of(MS), "{dropped_ns} ns for {dropped} samples");
    });
}

/// Whether the sample is exactly what a handler of this test writes.
fn is_whole(sample: &Sample) -> bool {
    let java = if sample.header.is_java_thread { vec![(0x7000_0010, 42)] } else { vec![] };
    sample.java == java && sample.native.len() == 1 && sample.header.weight >= 1 && sample.header.sp > 1 << 20
}

static WALKED: AtomicU64 = AtomicU64::new(0);

#[test]
fn the_time_in_the_handler_is_counted_and_no_more() {
    isolated(|| {
        walks::set_hook(|_| {
            burn(3 * MS);
            WALKED.fetch_add(1, Ordering::Relaxed);
            Ok(walks::ONE_FRAME)
        });
        let stage = Stage::with_thread_timers(&Setup::default());
        let registration = stage.register(ENV);
        let start_ns = sampler::clock::monotonic_ns();
        for _ in 0..5 {
            registration.signal(TimerKind::Storm);
        }
        let passed_ns = sampler::clock::monotonic_ns() - start_ns;
        let counted_ns = stage.sampler.counters.handler_ns.load(Ordering::Relaxed);
        assert_eq!(WALKED.load(Ordering::Relaxed), 5);
        assert!((15 * MS..=passed_ns).contains(&counted_ns), "{counted_ns} of {passed_ns} ns");
    });
}
