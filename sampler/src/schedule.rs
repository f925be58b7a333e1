//! When a thread is sampled, and what a sample weighs: pure arithmetic over clock readings.
//!
//! CPU time is cut into intervals, and each interval is represented by one sample at a random moment (stratified
//! sampling): a sample is due one whole interval plus a random part of an interval after the point up to which CPU time
//! is charged. So the mean interval is exact, no program can keep step with us, and every sample charges whole
//! intervals of CPU time that has really passed; the remainder is carried.
//!
//! A kernel timer on a thread's CPU clock fires only on the scheduler's tick (4 ms at HZ=250), so the random moment would
//! be rounded up to a tick, and a program with a cycle of some whole ticks would be seen at a few phases only. Hence the
//! second timer, on CLOCK_MONOTONIC, which is precise:
//! - A thread that has used its CPU nearly without pause since its last sample is sampled by the monotonic timer
//!   alone: one signal a sample, at the drawn moment.
//! - So is the first sample of a thread that has just been born, for most of the threads that live for less than a tick.
//! - Any other thread is met by its CPU timer, which never interrupts a sleeping thread. The tick is then blurred by a
//!   random delay of up to a tick on the monotonic timer. If the thread has gone to sleep meanwhile, the sample would
//!   blame a stack that was not running: the CPU time is carried instead, and the next samples are taken at the tick.
//!
//! The price of the monotonic timer is that it may interrupt a sleeping thread once: at the end of a busy spell, within a
//! delay, or at the beginning of a life.

/// After a random delay met a sleeping thread, this many samples are taken at the tick itself.
pub const SKIPPED_DELAYS_AFTER_SLEEP: u32 = 8;

/// A thread counts as busy when it ran for at least 9 tenths of the time.
const BUSY_TENTHS: u64 = 9;

/// Reading two clocks is not atomic; this much of a difference says nothing.
pub const CLOCK_SLACK_NS: u64 = 100_000;

/// Shortest time for which a timer is armed, so that a due time in the past still fires once.
const SHORTEST_TIMER_NS: u64 = 1_000;

/// Whole intervals between the charged point and now, in units of samples; 0 when less than one has passed.
#[inline]
pub fn whole_intervals(cpu_ns: u64, charged_ns: i64, interval_ns: u64) -> u64 {
    let passed = (cpu_ns as i64).saturating_sub(charged_ns);
    if passed <= 0 {
        return 0;
    }
    (passed as u64).checked_div(interval_ns).unwrap_or(0)
}

/// The CPU time at which the sample after `charged_ns` is due, for a random number below `interval_ns`.
#[inline]
pub fn next_due_ns(charged_ns: i64, interval_ns: u64, random_ns: u64) -> i64 {
    charged_ns.saturating_add(interval_ns as i64).saturating_add(random_ns as i64)
}

/// For how long to arm a timer so that it fires at `due_ns`, given a reading of the CPU clock.
#[inline]
pub fn delay_until(due_ns: i64, cpu_ns: u64) -> u64 {
    let delay = due_ns.saturating_sub(cpu_ns as i64);
    if delay <= SHORTEST_TIMER_NS as i64 { SHORTEST_TIMER_NS } else { delay as u64 }
}

/// Whether a thread that used `cpu_ns` of CPU during `wall_ns` ran nearly without pause.
#[inline]
pub fn is_busy(cpu_ns: u64, wall_ns: u64) -> bool {
    let slack = cpu_ns.saturating_add(CLOCK_SLACK_NS);
    slack.saturating_mul(10) >= wall_ns.saturating_mul(BUSY_TENTHS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: u64 = 10_000_000;

    #[test]
    fn whole_intervals_are_charged_and_the_rest_is_carried() {
        assert_eq!(whole_intervals(9_999_999, 0, INTERVAL), 0);
        assert_eq!(whole_intervals(10_000_000, 0, INTERVAL), 1);
        assert_eq!(whole_intervals(39_999_999, 0, INTERVAL), 3);
        assert_eq!(whole_intervals(5, -10_000_000, INTERVAL), 1);
        assert_eq!(whole_intervals(5, 10, INTERVAL), 0);
        assert_eq!(whole_intervals(5, 0, 0), 0);
    }

    #[test]
    fn a_due_sample_charges_exactly_one_interval() {
        for random in [0, 1, 4_999_999, 9_999_999] {
            let due = next_due_ns(70, INTERVAL, random);
            assert_eq!(whole_intervals(due as u64, 70, INTERVAL), 1);
        }
    }

    #[test]
    fn a_due_time_in_the_past_still_fires() {
        assert_eq!(delay_until(-5, 100), SHORTEST_TIMER_NS);
        assert_eq!(delay_until(3_000_000, 1_000_000), 2_000_000);
    }

    #[test]
    fn a_pause_makes_a_thread_not_busy() {
        assert!(is_busy(10_000_000, 10_500_000));
        assert!(!is_busy(5_000_000, 10_000_000));
        assert!(is_busy(0, 50_000));
    }

    /// The point of it all: a cycle of two intervals, seen at its true shares.
    #[test]
    fn a_program_in_step_with_the_interval_is_seen_at_its_true_shares() {
        let (mut charged, mut random, mut first) = (0_i64, 0x9e37_79b9_7f4a_7c15_u64, 0_u32);
        let samples = 20_000;
        for _ in 0..samples {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            let due = next_due_ns(charged, INTERVAL, random % INTERVAL);
            charged += INTERVAL as i64;
            first += u32::from(due % 20_000_000 < 14_000_000);
        }
        let share = f64::from(first) / f64::from(samples);
        assert!((share - 0.7).abs() < 0.01, "share of the 14 ms part: {share}");
    }
}
