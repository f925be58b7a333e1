//! Signals of a registration that is over, and signals after the end of sampling, are counted and touch nothing.

use std::sync::atomic::Ordering;

use sampler::counters::Outcome;
use sampler::slot::{Payload, TimerKind};

use crate::isolated::isolated;
use crate::os;
use crate::stage::{ENV, MS, SIGNAL, SLOTS, Setup, Stage, burn};
use crate::walks;

const KINDS: [TimerKind; 3] = [TimerKind::Cpu, TimerKind::Mono, TimerKind::Storm];

#[test]
fn a_signal_of_an_earlier_registration_is_stale() {
    isolated(|| {
        let stage = Stage::with_thread_timers(&Setup::default());
        let registration = stage.register(ENV);
        let first = registration.payload(TimerKind::Cpu);
        drop(registration);
        let again = stage.register(ENV);
        assert_eq!(again.index, first.index, "the slot is used again");
        for kind in KINDS {
            for generation in [first.generation, first.generation.wrapping_sub(1), first.generation + 2] {
                os::queue(os::gettid(), SIGNAL, os::SI_TIMER, Payload { kind, generation, ..first }.encode());
            }
        }
        assert_eq!(stage.count(Outcome::DroppedStale), 9);
        assert_eq!(walks::CALLS.load(Ordering::Relaxed), 0);
        again.signal(TimerKind::Storm);
        assert_eq!(stage.count(Outcome::Sample), 1, "the present registration is sampled");
        stage.assert_entries_add_up();
    });
}

#[test]
fn a_signal_for_a_free_slot_or_none_is_stale() {
    isolated(|| {
        let stage = Stage::with_thread_timers(&Setup::default());
        let registration = stage.register(ENV);
        let payload = registration.payload(TimerKind::Storm);
        drop(registration);
        for index in [payload.index, SLOTS, 0x003f_ffff] {
            os::queue(os::gettid(), SIGNAL, os::SI_TIMER, Payload { index, ..payload }.encode());
        }
        assert_eq!(stage.count(Outcome::DroppedStale), 3);
        assert_eq!((stage.drain().len(), walks::CALLS.load(Ordering::Relaxed)), (0, 0));
        stage.assert_entries_add_up();
    });
}

#[test]
fn a_generation_is_compared_in_its_low_16_bits() {
    isolated(|| {
        let stage = Stage::with_thread_timers(&Setup::default());
        let registration = stage.register(ENV);
        registration.slot.generation.store(0x1_2345, Ordering::Relaxed);
        registration.signal(TimerKind::Storm);
        assert_eq!(stage.count(Outcome::Sample), 1);
        assert_eq!(stage.drain()[0].header.generation, 0x2345);
    });
}

#[test]
fn after_the_end_of_sampling_signals_are_counted_and_arm_nothing() {
    isolated(|| {
        let stage = Stage::with_thread_timers(&Setup { interval_ns: MS, ..Setup::default() });
        let registration = stage.register(ENV);
        stage.sampler.running.store(false, Ordering::Relaxed);
        registration.start_timers();
        burn(20 * MS);
        assert_eq!(stage.count(Outcome::DroppedStopped), 1, "the timer fired once and was not armed again");
        for kind in KINDS {
            registration.signal(kind);
        }
        assert_eq!(stage.count(Outcome::DroppedStopped), 4);
        assert_eq!((stage.drain().len(), walks::CALLS.load(Ordering::Relaxed)), (0, 0));
        assert_eq!(stage.sampler.counters.dropped_ns.load(Ordering::Relaxed), 0, "its CPU time is not charged either");
        stage.assert_entries_add_up();
    });
}
