//! What the handler counts: one row per outcome, so that entries = samples + carried + dropped can be checked.

use core::sync::atomic::{AtomicU64, Ordering};

/// How one entry into the handler ended. Every entry ends in exactly one of these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum Outcome {
    /// A sample was published in the ring.
    Sample,
    /// The time for the next sample had not come; the CPU time is carried to the next sample.
    CarriedEarly,
    /// A random delay of up to one kernel tick was started, so that ticks and program do not keep step.
    CarriedDelayed,
    /// The thread had gone to sleep, so its stack is not where the CPU time was spent; carried to the next sample.
    CarriedAsleep,
    /// Sent by a test option that measures what an empty handler costs.
    CarriedEmpty,
    /// The signal interrupted our own handler on the same thread.
    DroppedNested,
    /// Sampling had stopped when the signal arrived.
    DroppedStopped,
    /// The timer belonged to a thread that is no longer registered.
    DroppedStale,
    /// The signal reached a thread that is not in the table yet.
    DroppedUnknownThread,
    /// Every frame buffer was in use.
    DroppedNoBuffer,
    /// The ring was full: the drain did not keep up.
    DroppedRingFull,
    /// The process timer's signal landed on a thread of our own, whose CPU time is not the application's.
    DroppedOwnThread,
}

impl Outcome {
    /// All outcomes with the name under which users read them.
    pub const ALL: [(Outcome, &'static str); 12] = [
        (Outcome::Sample, "samples"),
        (Outcome::CarriedEarly, "carried.early"),
        (Outcome::CarriedDelayed, "carried.delayed"),
        (Outcome::CarriedAsleep, "carried.asleep"),
        (Outcome::CarriedEmpty, "carried.empty_handler"),
        (Outcome::DroppedNested, "dropped.nested"),
        (Outcome::DroppedStopped, "dropped.stopped"),
        (Outcome::DroppedStale, "dropped.stale_timer"),
        (Outcome::DroppedUnknownThread, "dropped.unknown_thread"),
        (Outcome::DroppedNoBuffer, "dropped.no_frame_buffer"),
        (Outcome::DroppedRingFull, "dropped.ring_full"),
        (Outcome::DroppedOwnThread, "dropped.own_thread"),
    ];
}

/// Counters that handlers add to. All are cumulative since the start.
#[derive(Default)]
pub struct HandlerCounters {
    /// Entries into our handler with a signal of ours.
    pub entries: AtomicU64,
    /// Signals that were not ours and went to the handler that was there before, or nowhere.
    pub foreign: AtomicU64,
    outcomes: [AtomicU64; Outcome::ALL.len()],
    /// CPU time charged to samples in the ring, in nanoseconds.
    pub charged_ns: AtomicU64,
    /// CPU time whose sample was dropped, in nanoseconds.
    pub dropped_ns: AtomicU64,
    /// Time spent inside the handler, in nanoseconds of CLOCK_MONOTONIC.
    pub handler_ns: AtomicU64,
    /// Random signals sent by the test option `pyroscope.test.signal.storm` that we received.
    pub storm: AtomicU64,
}

impl HandlerCounters {
    /// Counts one outcome.
    #[inline]
    pub fn count(&self, outcome: Outcome) {
        if let Some(counter) = self.outcomes.get(outcome as usize) {
            // ATOMICS: a statistic; it orders nothing.
            counter.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How often `outcome` has happened.
    pub fn get(&self, outcome: Outcome) -> u64 {
        self.outcomes.get(outcome as usize).map_or(0, |c| c.load(Ordering::Relaxed))
    }
}
