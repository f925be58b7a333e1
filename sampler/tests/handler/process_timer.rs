//! The process-wide timer: all CPU time of the process is charged once, to threads that are registered.

use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use sampler::clock;
use sampler::counters::Outcome;
use sampler::handler::{OWN_THREAD, on_signal_process_timer};

use crate::isolated::isolated;
use crate::os::{self, QueuedInfo};
use crate::stage::{ENV, MS, Setup, Stage, burn};
use crate::walks;

const INTERVAL_NS: u64 = 5 * MS;

/// What a thread of the test is to the sampler.
#[derive(Clone, Copy)]
enum Role {
    Registered,
    Unknown,
    Own,
}

static STOP: AtomicBool = AtomicBool::new(false);

fn work_as(stage: Stage, role: Role) {
    let registration = matches!(role, Role::Registered).then(|| stage.register(ENV));
    if matches!(role, Role::Own) {
        stage.sampler.slot_by_tid[os::gettid() as usize].store(OWN_THREAD, Ordering::Release);
    }
    while !STOP.load(Ordering::Relaxed) {
        burn(MS);
    }
    drop(registration);
    stage.sampler.slot_by_tid[os::gettid() as usize].store(0, Ordering::Release);
}

/// Runs threads of these roles for a second of CPU time. Returns what was charged to the process.
fn run(stage: Stage, roles: &[Role]) -> u64 {
    let start_ns = stage.sampler.process_charged_ns.load(Ordering::Relaxed);
    os::set_process_timer(INTERVAL_NS);
    let threads: Vec<_> = roles.iter().copied().map(|role| thread::spawn(move || work_as(stage, role))).collect();
    while clock::process_cpu_ns() < start_ns + 1_000 * MS {
        thread::sleep(std::time::Duration::from_millis(5));
    }
    STOP.store(true, Ordering::Relaxed);
    for thread in threads {
        thread.join().expect("no panic");
    }
    os::set_process_timer(0);
    println!("{}", stage.report());
    stage.assert_entries_add_up();
    stage.sampler.process_charged_ns.load(Ordering::Relaxed) - start_ns
}

#[test]
fn every_interval_of_the_process_is_sampled_or_counted_as_dropped() {
    isolated(|| {
        let stage = Stage::with_process_timer(&Setup { interval_ns: INTERVAL_NS, ..Setup::default() });
        let charged_ns = run(stage, &[Role::Registered, Role::Registered, Role::Unknown]);
        let counters = &stage.sampler.counters;
        let sampled_ns = counters.charged_ns.load(Ordering::Relaxed);
        let dropped_ns = counters.dropped_ns.load(Ordering::Relaxed);
        assert_eq!(charged_ns, sampled_ns + dropped_ns);
        assert!(charged_ns >= 900 * MS, "{charged_ns} ns of a second were charged");
        assert!(dropped_ns > 0 && stage.count(Outcome::DroppedUnknownThread) > 0, "{}", stage.report());
        let weight: u64 = stage.drain().iter().map(|sample| u64::from(sample.header.weight)).sum();
        assert_eq!(weight * INTERVAL_NS, sampled_ns);
    });
}

#[test]
fn our_own_threads_are_counted_and_not_sampled() {
    isolated(|| {
        let stage = Stage::with_process_timer(&Setup { interval_ns: INTERVAL_NS, ..Setup::default() });
        run(stage, &[Role::Own, Role::Own]);
        assert!(stage.count(Outcome::DroppedOwnThread) > 10, "{}", stage.report());
        assert_eq!((stage.count(Outcome::Sample), stage.drain().len()), (0, 0));
    });
}

#[test]
fn a_nested_entry_is_counted_with_its_weight() {
    isolated(|| {
        walks::set_hook(|walk| {
            let mut info = QueuedInfo::new(libc::SIGPROF, os::SI_KERNEL, 0);
            on_signal_process_timer(libc::SIGPROF, info.as_info(), walk.ucontext);
            Ok(walks::ONE_FRAME)
        });
        // So short that a whole interval passes between any two readings of the clock.
        let stage = Stage::with_process_timer(&Setup { interval_ns: 1, ..Setup::default() });
        let start_ns = stage.sampler.process_charged_ns.load(Ordering::Relaxed);
        let registration = stage.register(ENV);
        assert!(os::queue(registration.tid, libc::SIGPROF, os::SI_KERNEL, 0));
        assert_eq!((stage.count(Outcome::Sample), stage.count(Outcome::DroppedNested)), (1, 1), "{}", stage.report());
        assert_eq!(walks::CALLS.load(Ordering::Relaxed), 1, "the walker is never entered twice");
        stage.assert_entries_add_up();
        let counters = &stage.sampler.counters;
        let counted_ns = counters.charged_ns.load(Ordering::Relaxed) + counters.dropped_ns.load(Ordering::Relaxed);
        assert_eq!(stage.sampler.process_charged_ns.load(Ordering::Relaxed) - start_ns, counted_ns);
    });
}
