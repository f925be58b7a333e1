//! Signals that are not ours go to the handler that was there before, as the kernel gave them to us, or nowhere.

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicU32, AtomicU64, AtomicUsize, Ordering};

use sampler::counters::Outcome;
use sampler::slot::{Payload, TimerKind};

use crate::isolated::isolated;
use crate::os::{self, Origin};
use crate::stage::{COOKIE, ENV, SIGNAL, Setup, Stage, wait_until};
use crate::walks;

/// What the previous handler was given: signal, code, sender and value, and whether there was a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Received {
    signal: c_int,
    origin: Origin,
    with_context: bool,
}

/// What has arrived since the start, five words each. No lock: a handler must not wait for the thread that it interrupts.
static ARRIVED: [[AtomicU64; 5]; 64] = [const { [const { AtomicU64::new(0) }; 5] }; 64];
static COUNT: AtomicUsize = AtomicUsize::new(0);

static PLAIN: AtomicU64 = AtomicU64::new(0);

extern "C" fn with_info(signal: c_int, info: *mut libc::siginfo_t, ucontext: *mut c_void) {
    let Origin { code, pid, value } = os::origin(info);
    let words = [signal as u64, code as u64, pid as u64, value, u64::from(!ucontext.is_null())];
    if let Some(place) = ARRIVED.get(COUNT.load(Ordering::Relaxed)) {
        place.iter().zip(words).for_each(|(place, word)| place.store(word, Ordering::Relaxed));
    }
    COUNT.fetch_add(1, Ordering::Release);
}

/// What the previous handler was given from the `first`th signal on.
fn received_from(first: usize) -> Vec<Received> {
    let count = COUNT.load(Ordering::Acquire);
    let words = ARRIVED[first..count].iter().map(|place| [0, 1, 2, 3, 4].map(|at| place[at].load(Ordering::Relaxed)));
    let received = words.map(|[signal, code, pid, value, with_context]| Received {
        signal: signal as c_int,
        origin: Origin { code: code as c_int, pid: pid as i32, value },
        with_context: with_context != 0,
    });
    received.collect()
}

extern "C" fn plain(signal: c_int) {
    PLAIN.fetch_add(signal as u64, Ordering::Relaxed);
}

fn foreign(stage: &Stage) -> u64 {
    stage.sampler.counters.foreign.load(Ordering::Relaxed)
}

/// Values that are not ours although they arrive with our signal: other cookies, and a kind that does not exist.
fn foreign_values() -> Vec<u64> {
    let payload = |cookie| Payload { cookie, generation: 1, index: 0, kind: TimerKind::Storm }.encode();
    vec![0, u64::MAX, payload(COOKIE ^ 1), payload(COOKIE ^ 0x80_0000), payload(COOKIE) | 3, u64::from(COOKIE)]
}

#[test]
fn a_previous_handler_of_three_arguments_gets_all_of_them() {
    isolated(|| {
        os::install(SIGNAL, with_info);
        let stage = Stage::with_thread_timers(&Setup::default());
        let _registration = stage.register(ENV);
        let (tid, pid) = (os::gettid(), os::getpid());

        // The kernel chooses the thread, which may be the one that waits for this test.
        os::kill(pid, SIGNAL);
        wait_until(|| "a signal to the process".into(), || foreign(&stage) == 1 && !received_from(0).is_empty());
        let received = received_from(0);
        assert_eq!((received[0].origin.code, received[0].origin.pid), (os::SI_USER, pid));
        assert_eq!((received[0].signal, received[0].with_context), (SIGNAL, true));

        os::tgkill(tid, SIGNAL);
        assert_eq!(received_from(1).len(), 1, "a signal of tgkill(2)");

        for value in foreign_values() {
            for code in [os::SI_QUEUE, os::SI_TIMER] {
                let before = received_from(0).len();
                os::queue(tid, SIGNAL, code, value);
                let origin = Origin { code, pid, value };
                assert_eq!(received_from(before), [Received { signal: SIGNAL, origin, with_context: true }]);
            }
        }
        assert_eq!(foreign(&stage), 2 + 2 * foreign_values().len() as u64);
        assert_eq!(stage.sampler.counters.entries.load(Ordering::Relaxed), 0, "not one was taken for ours");
        assert_eq!(walks::CALLS.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn a_signal_queued_by_another_process_keeps_its_sender() {
    isolated(|| {
        os::install(SIGNAL, with_info);
        let stage = Stage::with_thread_timers(&Setup::default());
        let parent = os::getpid();
        let status = os::in_forked_child(|| {
            os::sigqueue(parent, SIGNAL, 0xdead_beef_0000_0001);
            0
        });
        assert_eq!(status, 0);
        wait_until(|| "a signal to the process".into(), || foreign(&stage) == 1 && !received_from(0).is_empty());
        let received = received_from(0);
        assert_eq!((received[0].origin.code, received[0].origin.value), (os::SI_QUEUE, 0xdead_beef_0000_0001));
        assert!(received[0].origin.pid != parent && received[0].origin.pid != 0, "{received:?}");
    });
}

#[test]
fn a_previous_handler_of_one_argument_is_called_too() {
    isolated(|| {
        os::install_plain(SIGNAL, plain);
        let stage = Stage::with_thread_timers(&Setup::default());
        assert!(!stage.sampler.previous_takes_info.load(Ordering::Relaxed));
        os::tgkill(os::gettid(), SIGNAL);
        os::queue(os::gettid(), SIGNAL, os::SI_QUEUE, 77);
        assert_eq!(PLAIN.load(Ordering::Relaxed), 2 * SIGNAL as u64);
        assert_eq!(foreign(&stage), 2);
    });
}

#[test]
fn without_a_previous_handler_a_foreign_signal_is_ignored() {
    isolated(|| {
        // The default of this signal would kill the process.
        let stage = Stage::with_thread_timers(&Setup::default());
        os::kill(os::getpid(), SIGNAL);
        os::queue(os::gettid(), SIGNAL, os::SI_QUEUE, 77);
        wait_until(|| "a signal to the process".into(), || foreign(&stage) == 2);
    });
}

#[test]
fn where_the_signal_was_ignored_it_still_is() {
    isolated(|| {
        os::ignore(SIGNAL);
        let stage = Stage::with_thread_timers(&Setup::default());
        assert_eq!(stage.sampler.previous_handler.load(Ordering::Relaxed), libc::SIG_IGN);
        os::tgkill(os::gettid(), SIGNAL);
        assert_eq!(foreign(&stage), 1);
    });
}

#[test]
fn our_own_signals_do_not_reach_the_previous_handler() {
    isolated(|| {
        os::install(SIGNAL, with_info);
        let stage = Stage::with_thread_timers(&Setup::default());
        let registration = stage.register(ENV);
        registration.signal(TimerKind::Storm);
        registration.slot.tid.store(0, Ordering::Relaxed);
        registration.signal(TimerKind::Storm);
        assert_eq!((stage.count(Outcome::Sample), stage.count(Outcome::DroppedStale)), (1, 1));
        assert_eq!((received_from(0), foreign(&stage)), (vec![], 0));
    });
}

static COUNTED: AtomicU32 = AtomicU32::new(0);

extern "C" fn counting(_signal: c_int, _info: *mut libc::siginfo_t, _ucontext: *mut c_void) {
    COUNTED.fetch_add(1, Ordering::Relaxed);
}

#[test]
fn the_process_timer_forwards_all_but_the_kernels_own_signal() {
    isolated(|| {
        os::install(libc::SIGPROF, counting);
        let stage = Stage::with_process_timer(&Setup { interval_ns: 1, ..Setup::default() });
        let registration = stage.register(ENV);
        let tid = os::gettid();
        os::tgkill(tid, libc::SIGPROF);
        os::queue(tid, libc::SIGPROF, os::SI_QUEUE, 77);
        // The payload of a per-thread timer has no business on this signal.
        os::queue(tid, libc::SIGPROF, os::SI_TIMER, registration.payload(TimerKind::Cpu).encode());
        assert_eq!((COUNTED.load(Ordering::Relaxed), foreign(&stage)), (3, 3));
        os::queue(tid, libc::SIGPROF, os::SI_QUEUE, registration.payload(TimerKind::Storm).encode());
        assert_eq!(COUNTED.load(Ordering::Relaxed), 3);
        assert_eq!(stage.count(Outcome::Sample), 1, "{}", stage.report());
    });
}
