//! A thread's own timers: its samples weigh what its CPU clock says, and leave no long gap.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use sampler::clock;
use sampler::counters::Outcome;

use crate::isolated::isolated;
use crate::os;
use crate::stage::{ENV, MS, Setup, Stage, burn, work};
use crate::walks;

const INTERVAL_NS: u64 = 10 * MS;

/// CPU time that each thread uses.
const BURN_NS: u64 = 2_000 * MS;

const THREADS: usize = 2;

/// CPU clock at each sample of each thread.
static TIMES: [[AtomicU64; 1_024]; THREADS] = [const { [const { AtomicU64::new(0) }; 1_024] }; THREADS];
static COUNTS: [AtomicUsize; THREADS] = [const { AtomicUsize::new(0) }; THREADS];

/// The environment of the `number`th thread, from which the walker knows where to note the time.
fn env(number: usize) -> usize {
    ENV + number
}

fn note_the_time(walk: &walks::Walk) -> walks::Answer {
    let number = walk.env - ENV;
    let at = COUNTS[number].fetch_add(1, Ordering::Relaxed);
    if let Some(time) = TIMES[number].get(at) {
        time.store(clock::thread_cpu_ns(), Ordering::Relaxed);
    }
    Ok(walks::ONE_FRAME)
}

/// A jump of the CPU clock that the thread's own work cannot explain: the machine below was not running, though it
/// charges the time. No signal can arrive meanwhile.
const STALL_NS: u64 = MS;

/// Computes until the CPU clock has advanced by `ns`. Returns the stalls.
fn burn_noting_stalls(ns: u64) -> Vec<Range<u64>> {
    let mut stalls = Vec::with_capacity(1_024);
    let end_ns = clock::thread_cpu_ns() + ns;
    loop {
        let cpu_ns = clock::thread_cpu_ns();
        if cpu_ns >= end_ns {
            return stalls;
        }
        // The CPU clock is read only after a pause, for the reason given at `burn`.
        let ran_ns = run_to_the_next_pause(end_ns - cpu_ns);
        let now_ns = clock::thread_cpu_ns();
        let stalled_ns = (now_ns - cpu_ns).saturating_sub(ran_ns);
        if stalled_ns > STALL_NS {
            stalls.push(now_ns - stalled_ns..now_ns);
        }
    }
}

/// Computes for `most_ns`, or until something else has run for longer than a stall. Returns the time without the pause.
fn run_to_the_next_pause(most_ns: u64) -> u64 {
    let start_ns = clock::monotonic_ns();
    let mut last_ns = start_ns;
    while last_ns - start_ns < most_ns {
        work();
        let now_ns = clock::monotonic_ns();
        if now_ns - last_ns > STALL_NS {
            break;
        }
        last_ns = now_ns;
    }
    last_ns - start_ns
}

/// What one thread has to say about itself.
struct Life {
    slot: u32,
    /// CPU clock from the registration to the end.
    cpu: Range<u64>,
    credit_ns: i64,
    charged_ns: i64,
    stalls: Vec<Range<u64>>,
    /// Whether it seldom had to wait for a CPU.
    had_its_cpu: bool,
}

impl Life {
    /// How long the thread may run without a sample.
    ///
    /// A sample is due two intervals after the charged point at the latest; the timer adds a tick, and the delay another.
    /// A thread that other programs interrupt between ticks is met by fewer of them.
    fn longest_gap_ns(&self) -> u64 {
        let intervals = if self.had_its_cpu { 3 } else { 10 };
        (intervals * INTERVAL_NS).max(2 * INTERVAL_NS + 2 * os::tick_ns())
    }
}

fn sampled_life(stage: Stage, number: usize) -> Life {
    let registration = stage.register(env(number));
    let slot = registration.slot;
    let start_ns = (slot.charged_ns.load(Ordering::Relaxed) + slot.credit_ns.load(Ordering::Relaxed)) as u64;
    let begin = Instant::now();
    registration.start_timers();
    let stalls = burn_noting_stalls(BURN_NS);
    registration.stop_timers();
    let cpu = start_ns..clock::thread_cpu_ns();
    let had_its_cpu = (cpu.end - cpu.start) as f64 > 0.9 * begin.elapsed().as_nanos() as f64;
    let credit_ns = slot.credit_ns.load(Ordering::Relaxed);
    let charged_ns = slot.charged_ns.load(Ordering::Relaxed);
    Life { slot: registration.index, cpu, credit_ns, charged_ns, stalls, had_its_cpu }
}

/// Runs the threads and returns what they say, with the samples' weights by slot.
fn run(stage: Stage) -> Vec<(Life, u64)> {
    let threads: Vec<_> = (0..THREADS).map(|number| thread::spawn(move || sampled_life(stage, number))).collect();
    let lives: Vec<Life> = threads.into_iter().map(|thread| thread.join().expect("no panic")).collect();
    let samples = stage.drain();
    let weight_of = |life: &Life| {
        let own = samples.iter().filter(|sample| sample.header.slot == life.slot);
        own.map(|sample| u64::from(sample.header.weight)).sum()
    };
    lives.into_iter().map(|life| (weight_of(&life), life)).map(|(weight, life)| (life, weight)).collect()
}

#[test]
fn the_samples_of_a_busy_thread_weigh_what_its_cpu_clock_says() {
    isolated(|| {
        walks::set_hook(note_the_time);
        let stage = Stage::with_thread_timers(&Setup { interval_ns: INTERVAL_NS, ..Setup::default() });
        for (life, weight) in run(stage) {
            let used_ns = (life.cpu.end - life.cpu.start) as i64;
            let sampled_ns = (weight * INTERVAL_NS) as i64;
            println!("{used_ns} ns used, {sampled_ns} ns sampled, {} stalls, {}", life.stalls.len(), stage.report());
            assert_eq!(
                life.charged_ns - life.cpu.start as i64,
                sampled_ns - life.credit_ns,
                "what was charged is what the samples weigh"
            );
            let missing_ns = used_ns - sampled_ns;
            let stalled_ns: u64 = life.stalls.iter().map(|stall| stall.end - stall.start).max().unwrap_or(0);
            assert!(missing_ns >= -(INTERVAL_NS as i64), "{missing_ns} ns: more than was used");
            assert!(
                missing_ns <= (life.longest_gap_ns() + stalled_ns) as i64,
                "{missing_ns} ns of {used_ns} are missing"
            );
        }
        stage.assert_entries_add_up();
        assert_eq!(stage.sampler.counters.dropped_ns.load(Ordering::Relaxed), 0);
    });
}

#[test]
fn no_gap_between_two_samples_is_longer_than_three_intervals() {
    isolated(|| {
        walks::set_hook(note_the_time);
        let stage = Stage::with_thread_timers(&Setup { interval_ns: INTERVAL_NS, ..Setup::default() });
        os::take_precedence();
        let life = sampled_life(stage, 0);
        let limit_ns = life.longest_gap_ns();
        let count = COUNTS[0].load(Ordering::Relaxed);
        let samples = TIMES[0].iter().take(count).map(|time| time.load(Ordering::Relaxed));
        let times: Vec<u64> = [life.cpu.start].into_iter().chain(samples).chain([life.cpu.end]).collect();
        let gaps = times.windows(2).map(|pair| pair[1] - pair[0] - stalled_ns(&life.stalls, pair[0]..pair[1]));
        let longest_ns = gaps.max().expect("there are gaps");
        println!("{count} samples, {} stalls, longest gap {longest_ns} ns; {}", life.stalls.len(), stage.report());
        assert!(count as u64 >= BURN_NS / limit_ns, "{count} samples");
        assert!(longest_ns <= limit_ns, "a gap of {longest_ns} ns, the limit is {limit_ns} ns");
    });
}

/// How much of `gap` the thread was stalled.
fn stalled_ns(stalls: &[Range<u64>], gap: Range<u64>) -> u64 {
    let overlap = |stall: &Range<u64>| stall.end.min(gap.end).saturating_sub(stall.start.max(gap.start));
    stalls.iter().map(overlap).sum()
}

#[test]
fn one_signal_makes_one_sample_on_a_busy_thread() {
    isolated(|| {
        let stage = Stage::with_thread_timers(&Setup { interval_ns: 5 * MS, ..Setup::default() });
        let registration = stage.register(ENV);
        registration.start_timers();
        burn(500 * MS);
        registration.stop_timers();
        let entries = stage.sampler.counters.entries.load(Ordering::Relaxed);
        let samples = stage.count(Outcome::Sample);
        println!("{entries} entries: {}", stage.report());
        // A thread that other programs keep from running needs up to three signals a sample: tick, delay, early.
        assert!(samples > 0 && entries <= 3 * samples + 3, "{entries} entries for {samples} samples");
    });
}
