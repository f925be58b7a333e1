//! A signal that arrives while the handler runs on the same thread is counted and does not walk.

use std::sync::atomic::{AtomicU64, Ordering};

use sampler::counters::Outcome;
use sampler::handler::on_signal_timer;
use sampler::slot::{Payload, TimerKind};

use crate::isolated::isolated;
use crate::os::{self, QueuedInfo};
use crate::stage::{COOKIE, ENV, SIGNAL, Setup, Stage};
use crate::walks::{self, Walk};

/// What the nested signal carries: a sample for the same thread.
static PAYLOAD: AtomicU64 = AtomicU64::new(0);

fn interrupted_by_the_handler(walk: &Walk) -> walks::Answer {
    let mut info = QueuedInfo::new(SIGNAL, os::SI_TIMER, PAYLOAD.load(Ordering::Relaxed));
    on_signal_timer(SIGNAL, info.as_info(), walk.ucontext);
    Ok(walks::ONE_FRAME)
}

#[test]
fn a_nested_entry_is_counted_and_does_not_walk() {
    isolated(|| {
        walks::set_hook(interrupted_by_the_handler);
        let stage = Stage::with_thread_timers(&Setup::default());
        let registration = stage.register(ENV);
        for kind in [TimerKind::Storm, TimerKind::Cpu, TimerKind::Mono] {
            PAYLOAD.store(registration.payload(kind).encode(), Ordering::Relaxed);
            registration.signal(TimerKind::Storm);
        }
        assert_eq!(walks::CALLS.load(Ordering::Relaxed), 3, "the walker is never entered twice");
        assert_eq!((stage.count(Outcome::Sample), stage.count(Outcome::DroppedNested)), (3, 3));
        let samples = stage.drain();
        assert_eq!(samples.len(), 3);
        assert!(
            samples.iter().all(|sample| sample.java == [(0x7000_0010, 42)]),
            "the outer walk is whole: {samples:?}"
        );
        stage.assert_entries_add_up();

        // The thread is not marked for ever.
        PAYLOAD.store(
            Payload { cookie: COOKIE ^ 1, ..registration.payload(TimerKind::Storm) }.encode(),
            Ordering::Relaxed,
        );
        registration.signal(TimerKind::Storm);
        assert_eq!(stage.count(Outcome::Sample), 4);
    });
}

static MASK_INSIDE: AtomicU64 = AtomicU64::new(0);

#[test]
fn only_its_own_signal_is_blocked_while_the_handler_runs() {
    isolated(|| {
        walks::set_hook(|_| {
            MASK_INSIDE.store(os::blocked_signals(), Ordering::Relaxed);
            Ok(walks::ONE_FRAME)
        });
        let stage = Stage::with_thread_timers(&Setup::default());
        let registration = stage.register(ENV);
        let before = os::blocked_signals();
        registration.signal(TimerKind::Storm);
        assert_eq!(os::blocked_signals(), before, "the mask is as it was");
        assert_eq!(MASK_INSIDE.load(Ordering::Relaxed), before | 1 << (SIGNAL - 1));
    });
}
