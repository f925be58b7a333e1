//! A sample says where CPU time was used, so a thread is not seen asleep, and one that only had to wait for a CPU is not
//! taken for a sleeper.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use sampler::clock;
use sampler::counters::Outcome;

use crate::isolated::isolated;
use crate::os;
use crate::stage::{ENV, MS, Setup, Stage, burn, work};
use crate::walks;

/// Monotonic time at which the thread began to sleep; 0 while it computes.
static ASLEEP_SINCE: AtomicU64 = AtomicU64::new(0);

/// Samples on a thread that was asleep, and all.
static ASLEEP: AtomicU64 = AtomicU64::new(0);
static ALL: AtomicU64 = AtomicU64::new(0);

/// A sample within this time of going to sleep is on its way there, or within what two clock readings can tell.
const JUST_NOW_NS: u64 = MS;

fn look_whether_it_sleeps(walk: &walks::Walk) -> walks::Answer {
    ALL.fetch_add(1, Ordering::Relaxed);
    let since_ns = ASLEEP_SINCE.load(Ordering::Relaxed);
    let slept_ns = clock::monotonic_ns().saturating_sub(since_ns);
    if since_ns != 0 && slept_ns > JUST_NOW_NS && walk.cut_a_system_call_short() {
        ASLEEP.fetch_add(1, Ordering::Relaxed);
    }
    Ok(walks::ONE_FRAME)
}

/// What a thread that computes and sleeps in turn has met.
struct Met {
    used_ns: u64,
    sleeps: u64,
    sleeps_cut_short: u64,
}

fn compute_and_sleep(compute_ns: u64, sleep_ns: u64, total_ns: u64) -> Met {
    let start_ns = clock::thread_cpu_ns();
    let mut met = Met { used_ns: 0, sleeps: 0, sleeps_cut_short: 0 };
    while met.used_ns < total_ns {
        burn(compute_ns);
        ASLEEP_SINCE.store(clock::monotonic_ns(), Ordering::Relaxed);
        let whole = os::sleep_once(sleep_ns);
        ASLEEP_SINCE.store(0, Ordering::Relaxed);
        met.sleeps += 1;
        met.sleeps_cut_short += u64::from(!whole);
        met.used_ns = clock::thread_cpu_ns() - start_ns;
    }
    met
}

fn sampled(interval_ns: u64, compute_ns: u64, sleep_ns: u64, total_ns: u64) -> (Stage, Met) {
    walks::set_hook(look_whether_it_sleeps);
    os::take_precedence();
    let stage = Stage::with_thread_timers(&Setup { interval_ns, ..Setup::default() });
    let registration = stage.register(ENV);
    registration.start_timers();
    let met = compute_and_sleep(compute_ns, sleep_ns, total_ns);
    registration.stop_timers();
    println!(
        "{} ms used, {} of {} samples asleep, {} of {} sleeps cut short; {}",
        met.used_ns / MS,
        ASLEEP.load(Ordering::Relaxed),
        ALL.load(Ordering::Relaxed),
        met.sleeps_cut_short,
        met.sleeps,
        stage.report()
    );
    stage.assert_entries_add_up();
    (stage, met)
}

#[test]
fn a_thread_that_mostly_sleeps_is_never_charged_asleep() {
    isolated(|| {
        let interval_ns = 5 * MS;
        let (stage, met) = sampled(interval_ns, MS, 4 * MS, 700 * MS);
        assert_eq!(ASLEEP.load(Ordering::Relaxed), 0);
        // Delays do meet a sleeper, and the CPU time is carried to a sample that finds it awake.
        assert!(stage.count(Outcome::CarriedAsleep) > 0, "{}", stage.report());
        let sampled_ns = stage.sampler.counters.charged_ns.load(Ordering::Relaxed);
        let missing_ns = met.used_ns as i64 - sampled_ns as i64;
        // The CPU timer fires at ticks alone, which a sleeper often sleeps through, so the last charge may be older.
        assert!((-(interval_ns as i64)..=10 * interval_ns as i64).contains(&missing_ns), "{missing_ns} ns are missing");
        // After a delay met it asleep, eight samples are taken without one.
        assert!(
            met.sleeps_cut_short <= stage.count(Outcome::CarriedAsleep) + 3,
            "{} sleeps cut short",
            met.sleeps_cut_short
        );
    });
}

#[test]
fn a_thread_that_sleeps_a_little_is_not_charged_asleep() {
    isolated(|| {
        let (stage, _) = sampled(10 * MS, 37 * MS, 3 * MS, 3_000 * MS);
        assert!(stage.count(Outcome::Sample) > 100);
        assert_eq!(ASLEEP.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn a_preempted_thread_is_not_taken_for_a_sleeper() {
    isolated(|| {
        let stage = Stage::with_thread_timers(&Setup { interval_ns: 5 * MS, ..Setup::default() });
        for _ in 0..4 {
            // More threads than most machines of this test have CPUs; they end with the process.
            thread::spawn(|| burn(u64::MAX >> 1));
        }
        let registration = stage.register(ENV);
        registration.start_timers();
        // Reading the CPU clock makes the kernel look whether the slice is over, so the thread is preempted at the end of a
        // system call, as one is that wakes another.
        let end_ns = clock::thread_cpu_ns() + 700 * MS;
        while clock::thread_cpu_ns() < end_ns {
            work();
        }
        registration.stop_timers();
        println!("{}", stage.report());
        assert!(stage.count(Outcome::CarriedDelayed) > 5, "{}", stage.report());
        assert_eq!(stage.count(Outcome::CarriedAsleep), 0, "{}", stage.report());
    });
}
