//! What the application's side and the delivery thread share: an inbox and a bell.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::Notify;

use super::plan::ChunkUpload;

/// The inbox between [`super::Deliverer`] and its thread. Its lock is held for moves of pointers only.
#[derive(Default)]
pub struct Shared {
    inbox: Mutex<Inbox>,
    ended: Condvar,
    /// Rung for each chunk and for the end.
    pub wake: Notify,
}

#[derive(Default)]
struct Inbox {
    chunks: Vec<ChunkUpload>,
    bytes: u64,
    finish_within: Option<Duration>,
    has_ended: bool,
}

impl Shared {
    /// Hands a chunk over. Gives how many chunks had to go: the oldest beyond `max_bytes` (they pile up only while the thread is kept from
    /// running), or this one once the end has been asked for.
    pub fn offer(&self, chunk: ChunkUpload, max_bytes: u64) -> Offered {
        let mut inbox = self.lock();
        if inbox.finish_within.is_some() || inbox.has_ended {
            return Offered { dropped_full: 0, dropped_at_exit: 1 };
        }
        inbox.bytes += bytes(&chunk);
        inbox.chunks.push(chunk);
        let mut dropped_full = 0;
        while inbox.bytes > max_bytes && inbox.chunks.len() > 1 {
            let oldest = inbox.chunks.remove(0);
            inbox.bytes -= bytes(&oldest);
            dropped_full += 1;
        }
        drop(inbox);
        self.wake.notify_one();
        Offered { dropped_full, dropped_at_exit: 0 }
    }

    /// Empties the inbox.
    pub fn take_in(&self) -> Vec<ChunkUpload> {
        let mut inbox = self.lock();
        inbox.bytes = 0;
        std::mem::take(&mut inbox.chunks)
    }

    /// Asks for the end within this time. Only the first call counts.
    pub fn finish(&self, within: Duration) {
        self.lock().finish_within.get_or_insert(within);
        self.wake.notify_one();
    }

    /// The time allowed for the end, once it has been asked for.
    pub fn finishing(&self) -> Option<Duration> {
        self.lock().finish_within
    }

    /// Tells those who wait that the thread is done.
    pub fn end(&self) {
        self.lock().has_ended = true;
        self.ended.notify_all();
    }

    /// Waits for the end, but not beyond `limit`. True when it came.
    pub fn wait_for_end(&self, limit: Instant) -> bool {
        let mut inbox = self.lock();
        while !inbox.has_ended {
            let Some(left) = limit.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) else {
                return false;
            };
            inbox = self.ended.wait_timeout(inbox, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        true
    }

    /// The inbox holds plain values that are whole between any two statements, so a panic elsewhere does not spoil it.
    fn lock(&self) -> MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What an offer cost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Offered {
    /// Chunks that had to go for it.
    pub dropped_full: u64,
    /// 1 when the chunk came after the end.
    pub dropped_at_exit: u64,
}

fn bytes(chunk: &ChunkUpload) -> u64 {
    (chunk.jfr.len() + chunk.labels.as_ref().map_or(0, Vec::len)) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunk(bytes: usize) -> ChunkUpload {
        ChunkUpload { jfr: vec![0; bytes], labels: None, from_epoch_ns: 0, until_epoch_ns: 0, sample_rate_hz: 100 }
    }

    #[test]
    fn an_inbox_that_nobody_empties_stays_bounded() {
        let shared = Shared::default();
        let dropped: u64 = (1..=5).map(|id| shared.offer(chunk(id), 9).dropped_full).sum();
        assert_eq!(dropped, 3);
        assert_eq!(shared.take_in().iter().map(|chunk| chunk.jfr.len()).collect::<Vec<_>>(), [4, 5]);
        assert_eq!(
            shared.offer(chunk(100), 9).dropped_full,
            0,
            "the queue decides about a chunk that is too large alone"
        );
    }

    #[test]
    fn nothing_is_taken_after_the_end_was_asked_for() {
        let shared = Shared::default();
        shared.finish(Duration::from_secs(1));
        shared.finish(Duration::from_secs(9));
        assert_eq!(shared.finishing(), Some(Duration::from_secs(1)));
        assert_eq!(shared.offer(chunk(1), 9), Offered { dropped_full: 0, dropped_at_exit: 1 });
    }

    #[test]
    fn waiting_has_a_limit() {
        let shared = Shared::default();
        assert!(!shared.wait_for_end(Instant::now() + Duration::from_millis(5)));
        shared.end();
        assert!(shared.wait_for_end(Instant::now()));
    }
}
