//! A full ring and a lack of frame buffers drop the sample, say how much CPU time it stood for, and pass.

use std::sync::atomic::Ordering;

use sampler::clock;
use sampler::counters::Outcome;
use sampler::record::{HEADER_WORDS, JAVA_FRAME_WORDS};
use sampler::slot::TimerKind;

use crate::isolated::isolated;
use crate::stage::{ENV, Registration, Setup, Stage};
use crate::walks;

/// Long enough that no whole interval passes by itself during a test.
const INTERVAL_NS: u64 = 3_600_000_000_000;

/// Words that one sample takes: its length, its header, one native pc, one Java frame.
const SAMPLE_WORDS: u64 = 1 + HEADER_WORDS as u64 + 1 + JAVA_FRAME_WORDS as u64;

fn stage(ring_words: usize, frame_buffers: usize) -> Stage {
    Stage::with_thread_timers(&Setup { interval_ns: INTERVAL_NS, ring_words, frame_buffers, ..Setup::default() })
}

/// Lets a timer fire with `weight` intervals of CPU time to be charged.
fn fire(registration: &Registration, weight: i64) {
    let slot = registration.slot;
    let spent_ns = weight * INTERVAL_NS as i64;
    slot.charged_ns.store(clock::thread_cpu_ns() as i64 - spent_ns, Ordering::Relaxed);
    slot.due_ns.store(0, Ordering::Relaxed);
    slot.skip_delays.store(1, Ordering::Relaxed);
    registration.signal(TimerKind::Cpu);
}

fn dropped_ns(stage: &Stage) -> u64 {
    stage.sampler.counters.dropped_ns.load(Ordering::Relaxed)
}

fn charged_ns(stage: &Stage) -> u64 {
    stage.sampler.counters.charged_ns.load(Ordering::Relaxed)
}

#[test]
fn a_full_ring_counts_what_it_drops_and_works_again_after_a_drain() {
    isolated(|| {
        let stage = stage(64, 4);
        let registration = stage.register(ENV);
        let room = 64 / SAMPLE_WORDS;
        for lap in 1..=3_u64 {
            for _ in 0..room {
                fire(&registration, 2);
            }
            assert_eq!(stage.count(Outcome::DroppedRingFull), (lap - 1) * 2, "all of these fit");
            fire(&registration, 3);
            fire(&registration, 1);
            assert_eq!(stage.count(Outcome::DroppedRingFull), lap * 2);
            assert_eq!(dropped_ns(&stage), lap * 4 * INTERVAL_NS, "the weight of both");
            assert_eq!(charged_ns(&stage), lap * room * 2 * INTERVAL_NS);
            let samples = stage.drain();
            assert_eq!(samples.len() as u64, room);
            assert!(samples.iter().all(|sample| sample.header.weight == 2 && sample.java == [(0x7000_0010, 42)]));
        }
        stage.assert_entries_add_up();
    });
}

#[test]
fn without_a_free_frame_buffer_the_sample_is_dropped_and_counted() {
    isolated(|| {
        let stage = stage(1 << 10, 2);
        let registration = stage.register(ENV);
        let both = [stage.sampler.frames.claim(0), stage.sampler.frames.claim(0)];
        assert!(both.iter().all(Option::is_some));
        fire(&registration, 5);
        assert_eq!((stage.count(Outcome::DroppedNoBuffer), dropped_ns(&stage)), (1, 5 * INTERVAL_NS));
        assert_eq!((stage.drain().len(), walks::CALLS.load(Ordering::Relaxed)), (0, 0));
        drop(both);
        fire(&registration, 1);
        assert_eq!((stage.count(Outcome::Sample), stage.drain().len()), (1, 1));
        stage.assert_entries_add_up();
    });
}

#[test]
fn a_pool_of_no_buffers_drops_everything() {
    isolated(|| {
        let stage = stage(1 << 10, 0);
        let registration = stage.register(ENV);
        fire(&registration, 1);
        assert_eq!((stage.count(Outcome::DroppedNoBuffer), dropped_ns(&stage)), (1, INTERVAL_NS));
        stage.assert_entries_add_up();
    });
}
