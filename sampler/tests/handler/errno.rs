//! `errno` of the interrupted code survives every way out of the handlers.

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use sampler::clock;
use sampler::counters::Outcome;
use sampler::handler::{OWN_THREAD, on_signal_timer};
use sampler::slot::{Payload, TimerKind};

use crate::isolated::isolated;
use crate::os;
use crate::stage::{COOKIE, ENV, Registration, SIGNAL, Setup, Stage, wait_until};
use crate::walks;

/// No system call gives this one.
const ERRNO: c_int = 4_242;

/// Long enough that the CPU clock does not pass a whole interval by itself during a test.
const INTERVAL_NS: u64 = 3_600_000_000_000;

/// Sets `errno`, does `action`, and returns what `errno` is then.
fn errno_after(action: impl FnOnce()) -> c_int {
    os::set_errno(ERRNO);
    action();
    os::errno()
}

/// A way out of the handler of the per-thread timers.
struct Exit {
    outcome: Outcome,
    kind: TimerKind,
    /// Brings the thread into the state from which this way is taken.
    prepare: fn(&Stage, &Registration),
}

/// An interval of CPU time is waiting to be charged, and the tick itself is the moment.
fn sample_is_due(registration: &Registration) {
    let cpu_ns = clock::thread_cpu_ns() as i64;
    registration.slot.charged_ns.store(cpu_ns - INTERVAL_NS as i64, Ordering::Relaxed);
    registration.slot.due_ns.store(0, Ordering::Relaxed);
    registration.slot.skip_delays.store(1, Ordering::Relaxed);
}

const EXITS: &[Exit] = &[
    Exit { outcome: Outcome::Sample, kind: TimerKind::Storm, prepare: |_, _| {} },
    Exit { outcome: Outcome::Sample, kind: TimerKind::Cpu, prepare: |_, it| sample_is_due(it) },
    Exit {
        outcome: Outcome::CarriedEarly,
        kind: TimerKind::Cpu,
        prepare: |_, it| it.slot.due_ns.store(i64::MAX, Ordering::Relaxed),
    },
    Exit {
        outcome: Outcome::DroppedStopped,
        kind: TimerKind::Cpu,
        prepare: |stage, _| stage.sampler.running.store(false, Ordering::Relaxed),
    },
    Exit {
        outcome: Outcome::DroppedStale,
        kind: TimerKind::Cpu,
        prepare: |_, it| it.slot.tid.store(0, Ordering::Relaxed),
    },
    Exit {
        outcome: Outcome::DroppedRingFull,
        kind: TimerKind::Cpu,
        prepare: |stage, it| {
            while stage.sampler.ring.reserve(15).is_some() {}
            sample_is_due(it);
        },
    },
];

#[test]
fn every_way_out_of_the_timer_handler_keeps_errno() {
    isolated(|| {
        walks::set_hook(|_| {
            os::set_errno(1);
            Ok(walks::ONE_FRAME)
        });
        for (number, exit) in EXITS.iter().enumerate() {
            let stage =
                Stage::with_thread_timers(&Setup { interval_ns: INTERVAL_NS, ring_words: 64, ..Setup::default() });
            let registration = stage.register(ENV);
            // Arming a timer that does not exist sets errno, which is what the handler has to undo.
            registration.break_timers();
            let payload = registration.payload(exit.kind).encode();
            (exit.prepare)(&stage, &registration);
            let after = errno_after(|| {
                os::queue(registration.tid, SIGNAL, os::SI_TIMER, payload);
            });
            assert_eq!(stage.count(exit.outcome), 1, "way {number} was not taken: {}", stage.report());
            assert_eq!(after, ERRNO, "way {number}: {:?}", exit.outcome);
        }
    });
}

#[test]
fn a_delay_and_an_empty_handler_keep_errno() {
    isolated(|| {
        let setup = Setup { interval_ns: INTERVAL_NS, empty_handler: true, ..Setup::default() };
        let empty = Stage::with_thread_timers(&setup);
        let registration = empty.register(ENV);
        registration.break_timers();
        assert_eq!(errno_after(|| registration.signal(TimerKind::Cpu)), ERRNO);
        assert_eq!(empty.count(Outcome::CarriedEmpty), 1);
        drop(registration);

        let stage = Stage::with_thread_timers(&Setup { empty_handler: false, ..setup });
        let registration = stage.register(ENV);
        registration.start_timers();
        sample_is_due(&registration);
        registration.slot.skip_delays.store(0, Ordering::Relaxed);
        let after = errno_after(|| registration.signal(TimerKind::Cpu));
        registration.stop_timers();
        assert_eq!(after, ERRNO);
        assert_eq!(stage.count(Outcome::CarriedDelayed), 1, "{}", stage.report());
    });
}

#[test]
fn a_thread_met_asleep_keeps_errno() {
    isolated(|| {
        let stage = Stage::with_thread_timers(&Setup { interval_ns: INTERVAL_NS, ..Setup::default() });
        let registration = stage.register(ENV);
        registration.break_timers();
        sample_is_due(&registration);
        let (tid, payload) = (registration.tid, registration.payload(TimerKind::Mono).encode());
        let (read_end, write_end) = os::pipe();
        let signals = thread::spawn(move || {
            wait_until(
                || stage.report(),
                || {
                    os::queue(tid, SIGNAL, os::SI_TIMER, payload);
                    stage.count(Outcome::CarriedAsleep) > 0
                },
            );
            os::write_byte(write_end, 1);
        });
        // The read is restarted and succeeds, so it leaves errno alone.
        assert_eq!(errno_after(|| assert!(os::read_byte(read_end).is_ok())), ERRNO);
        signals.join().expect("no panic");
    });
}

#[test]
fn a_handler_without_a_sampler_keeps_errno() {
    isolated(|| {
        os::install(SIGNAL, on_signal_timer);
        let payload = Payload { cookie: COOKIE, generation: 0, index: 0, kind: TimerKind::Cpu };
        let after = errno_after(|| assert!(os::queue(os::gettid(), SIGNAL, os::SI_TIMER, payload.encode())));
        assert_eq!(after, ERRNO);
    });
}

static PREVIOUS_RAN: AtomicBool = AtomicBool::new(false);

extern "C" fn careless(_signal: c_int, _info: *mut libc::siginfo_t, _ucontext: *mut c_void) {
    PREVIOUS_RAN.store(true, Ordering::Relaxed);
    os::set_errno(1);
}

#[test]
fn a_careless_handler_of_someone_else_does_not_change_errno() {
    isolated(|| {
        os::install(SIGNAL, careless);
        let _stage = Stage::with_thread_timers(&Setup::default());
        assert_eq!(errno_after(|| os::tgkill(os::gettid(), SIGNAL)), ERRNO);
        assert!(PREVIOUS_RAN.load(Ordering::Relaxed));
    });
}

/// Brings the sampler into the state from which a way out is taken.
type Prepare = fn(&Stage);

/// The ways out of the handler of the process-wide timer, and how many intervals are to be charged.
const PROCESS_EXITS: &[(Outcome, u64, Prepare)] = &[
    (Outcome::Sample, 1, |_| {}),
    (Outcome::CarriedEarly, 0, |_| {}),
    (Outcome::DroppedUnknownThread, 1, |stage| set_entry(stage, 0)),
    (Outcome::DroppedOwnThread, 1, |stage| set_entry(stage, OWN_THREAD)),
    (Outcome::DroppedStopped, 1, |stage| stage.sampler.running.store(false, Ordering::Relaxed)),
];

#[test]
fn every_way_out_of_the_process_timer_handler_keeps_errno() {
    isolated(|| {
        walks::set_hook(|_| {
            os::set_errno(1);
            Ok(walks::ONE_FRAME)
        });
        for (outcome, weight, prepare) in PROCESS_EXITS {
            let stage = Stage::with_process_timer(&Setup { interval_ns: 1, ..Setup::default() });
            let registration = stage.register(ENV);
            prepare(&stage);
            let ahead_ns = if *weight == 0 { u64::MAX >> 1 } else { 0 };
            stage.sampler.process_charged_ns.store(ahead_ns, Ordering::Relaxed);
            let payload = registration.payload(TimerKind::Storm).encode();
            let after = errno_after(|| assert!(os::queue(registration.tid, libc::SIGPROF, os::SI_QUEUE, payload)));
            assert_eq!(stage.count(*outcome), 1, "{outcome:?} was not taken: {}", stage.report());
            assert_eq!(after, ERRNO, "{outcome:?}");
        }
    });
}

fn set_entry(stage: &Stage, entry: u32) {
    stage.sampler.slot_by_tid[os::gettid() as usize].store(entry, Ordering::Release);
}
