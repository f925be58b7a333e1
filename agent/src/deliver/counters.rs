//! Delivery's own account: what became of every chunk. At rest `offered` is the sum of `delivered`, `refused`, all that was dropped, and
//! what waits.

use std::sync::atomic::{AtomicU64, Ordering};

/// One row of the account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(usize)]
pub enum DeliverCounter {
    /// Chunks handed over.
    Offered,
    /// Chunks that the server took.
    Delivered,
    /// Chunks that the server refused for good.
    Refused,
    /// Attempts that failed and may be repeated.
    FailedAttempts,
    /// Bytes of bodies that the server took, compressed.
    BytesDelivered,
    /// Chunks dropped because the queue was full, the oldest first.
    DroppedFull,
    /// Chunks dropped because the server would no longer take something that old.
    DroppedOld,
    /// Chunks dropped after the last of their tries.
    DroppedTries,
    /// Chunks that were left when the JVM ended.
    DroppedAtExit,
    /// Chunks lost to a panic of ours.
    DroppedByPanic,
    /// Panics of ours.
    Panics,
    /// Bytes that wait now.
    QueueBytes,
    /// Chunks that wait now, the one in flight included.
    QueueChunks,
}

/// Every row with the name it is exported under.
pub const DELIVER_COUNTERS: &[(DeliverCounter, &str)] = &[
    (DeliverCounter::Offered, "chunks_offered"),
    (DeliverCounter::Delivered, "chunks_delivered"),
    (DeliverCounter::Refused, "chunks_refused"),
    (DeliverCounter::FailedAttempts, "upload_attempts_failed"),
    (DeliverCounter::BytesDelivered, "upload_bytes"),
    (DeliverCounter::DroppedFull, "chunks_dropped_queue_full"),
    (DeliverCounter::DroppedOld, "chunks_dropped_too_old"),
    (DeliverCounter::DroppedTries, "chunks_dropped_tries"),
    (DeliverCounter::DroppedAtExit, "chunks_dropped_at_exit"),
    (DeliverCounter::DroppedByPanic, "chunks_dropped_panic"),
    (DeliverCounter::Panics, "deliver_panics"),
    (DeliverCounter::QueueBytes, "queue_bytes"),
    (DeliverCounter::QueueChunks, "queue_chunks"),
];

const DROPPED: &[DeliverCounter] = &[
    DeliverCounter::DroppedFull,
    DeliverCounter::DroppedOld,
    DeliverCounter::DroppedTries,
    DeliverCounter::DroppedAtExit,
    DeliverCounter::DroppedByPanic,
];

/// The account. Any thread may read it at any time; the rows are not read at one instant.
#[derive(Debug, Default)]
pub struct DeliverCounters {
    rows: [AtomicU64; DELIVER_COUNTERS.len()],
}

impl DeliverCounters {
    /// An account with nothing in it.
    pub fn new() -> Self {
        Self::default()
    }

    /// The value of one row.
    pub fn get(&self, counter: DeliverCounter) -> u64 {
        self.rows[counter as usize].load(Ordering::Relaxed)
    }

    /// All rows with their names.
    pub fn all(&self) -> impl Iterator<Item = (&'static str, u64)> + '_ {
        DELIVER_COUNTERS.iter().map(|&(counter, name)| (name, self.get(counter)))
    }

    /// Chunks that will never arrive, the refused ones included.
    pub fn lost(&self) -> u64 {
        DROPPED.iter().map(|&counter| self.get(counter)).sum::<u64>() + self.get(DeliverCounter::Refused)
    }

    pub(super) fn add(&self, counter: DeliverCounter, by: u64) {
        self.rows[counter as usize].fetch_add(by, Ordering::Relaxed);
    }

    pub(super) fn set(&self, counter: DeliverCounter, to: u64) {
        self.rows[counter as usize].store(to, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_row_stands_at_its_own_place_under_its_own_name() {
        for (place, (counter, name)) in DELIVER_COUNTERS.iter().enumerate() {
            assert_eq!(*counter as usize, place);
            assert_eq!(DELIVER_COUNTERS.iter().filter(|(_, other)| other == name).count(), 1);
        }
    }

    #[test]
    fn lost_counts_drops_and_refusals() {
        let counters = DeliverCounters::new();
        counters.add(DeliverCounter::DroppedOld, 2);
        counters.add(DeliverCounter::Refused, 1);
        counters.add(DeliverCounter::FailedAttempts, 7);
        assert_eq!(counters.lost(), 3);
    }
}
