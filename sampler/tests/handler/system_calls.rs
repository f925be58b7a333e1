//! Blocking system calls: restarted when a signal meets them, and not met by a thread's own timers.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use sampler::counters::Outcome;
use sampler::slot::TimerKind;

use crate::isolated::isolated;
use crate::os;
use crate::stage::{ENV, MS, SIGNAL, Setup, Stage, wait_until};
use crate::walks;

/// Samples that met the reader waiting.
static WAITING: AtomicU64 = AtomicU64::new(0);

#[test]
fn a_blocking_read_is_restarted() {
    isolated(|| {
        walks::set_hook(|walk| {
            WAITING.fetch_add(u64::from(walk.cut_a_system_call_short()), Ordering::Relaxed);
            Ok(walks::ONE_FRAME)
        });
        let stage = Stage::with_thread_timers(&Setup::default());
        let (read_end, write_end) = os::pipe();
        let (tell, told) = mpsc::channel();
        let reader = thread::spawn(move || {
            let registration = stage.register(ENV);
            tell.send((registration.tid, registration.payload(TimerKind::Storm))).expect("someone listens");
            os::read_byte(read_end)
        });
        let (tid, payload) = told.recv().expect("the reader lives");
        wait_until(
            || format!("a hundred samples in the read: {}", stage.report()),
            || {
                os::queue(tid, SIGNAL, os::SI_QUEUE, payload.encode());
                WAITING.load(Ordering::Relaxed) >= 100
            },
        );
        os::write_byte(write_end, 42);
        let read = reader.join().expect("no panic");
        assert!(read.as_ref().is_ok_and(|byte| *byte == 42), "one read(2), many signals: {read:?}");
        stage.assert_entries_add_up();
    });
}

#[test]
fn a_blocked_thread_is_not_interrupted_by_its_own_timers() {
    isolated(|| {
        let stage = Stage::with_thread_timers(&Setup { interval_ns: MS, ..Setup::default() });
        let (read_end, write_end) = os::pipe();
        let (tell, told) = mpsc::channel();
        let reader = thread::spawn(move || {
            let registration = stage.register(ENV);
            // Never due in this test, but the timer runs.
            registration.slot.charged_ns.fetch_add(MS as i64, Ordering::Relaxed);
            registration.slot.due_ns.fetch_add(MS as i64, Ordering::Relaxed);
            registration.start_timers();
            tell.send(()).expect("someone listens");
            os::read_byte(read_end)
        });
        told.recv().expect("the reader lives");
        thread::sleep(Duration::from_millis(100));
        os::write_byte(write_end, 42);
        assert!(reader.join().expect("no panic").is_ok());
        let entries = stage.sampler.counters.entries.load(Ordering::Relaxed);
        assert!(entries <= 1, "{entries} signals in 100 ms of sleep: {}", stage.report());
        assert_eq!(stage.count(Outcome::DroppedStale), 0);
    });
}
