//! What waits to be sent: bounded in bytes and, if wished, in chunks. Newest first out, oldest first dropped.

use std::collections::VecDeque;
use std::time::Duration;

use bytes::Bytes;
use tokio::time::Instant;

/// The server takes nothing older (Pyroscope's `reject-older-than`, 1 h by default).
pub const OLDEST: Duration = Duration::from_secs(3_600);

/// A chunk ready to be sent.
#[derive(Clone, Debug)]
pub struct Packed {
    /// The recording, compressed or not.
    pub jfr: Bytes,
    /// The labels, compressed or not.
    pub labels: Option<Bytes>,
    /// Start and end, seconds since 1970.
    pub from_s: u64,
    /// End, seconds since 1970.
    pub until_s: u64,
    /// Samples a second.
    pub sample_rate_hz: u32,
    /// When the recording began, on the monotonic clock: a step of the wall clock makes nothing old.
    pub began: Instant,
    /// Times that it was sent in vain.
    pub tries: u32,
}

impl Packed {
    /// Bytes that it occupies.
    pub fn bytes(&self) -> u64 {
        (self.jfr.len() + self.labels.as_ref().map_or(0, Bytes::len)) as u64
    }
}

/// The queue, with the one chunk that is being sent: it still occupies memory, so it counts.
#[derive(Debug)]
pub struct Queue {
    waiting: VecDeque<(u64, Packed)>,
    in_flight: Option<(u64, Packed)>,
    bytes: u64,
    arrivals: u64,
    max_bytes: u64,
    max_chunks: usize,
}

impl Queue {
    /// An empty queue.
    pub fn new(max_bytes: u64, max_chunks: Option<usize>) -> Self {
        let max_chunks = max_chunks.unwrap_or(usize::MAX).max(1);
        Self { waiting: VecDeque::new(), in_flight: None, bytes: 0, arrivals: 0, max_bytes, max_chunks }
    }

    /// Adds the newest chunk and gives how many had to go for it, itself included if it alone is too large.
    pub fn push(&mut self, packed: Packed) -> u64 {
        self.bytes += packed.bytes();
        self.waiting.push_back((self.arrivals, packed));
        self.arrivals += 1;
        self.drop_beyond_bounds()
    }

    /// Takes the newest chunk into flight. `None` when nothing waits.
    pub fn start_newest(&mut self) -> Option<Packed> {
        debug_assert!(self.in_flight.is_none(), "one chunk at a time");
        self.in_flight = self.waiting.pop_back();
        self.in_flight.as_ref().map(|(_, packed)| packed.clone())
    }

    /// Ends the flight: the chunk is gone for good.
    pub fn settle(&mut self) -> Option<Packed> {
        let (_, packed) = self.in_flight.take()?;
        self.bytes -= packed.bytes();
        Some(packed)
    }

    /// Ends the flight: the chunk waits again, in its old place. Gives how many had to go.
    pub fn put_back(&mut self, tries: u32) -> u64 {
        let Some((arrival, mut packed)) = self.in_flight.take() else {
            return 0;
        };
        packed.tries = tries;
        let place = self.waiting.partition_point(|(other, _)| *other < arrival);
        self.waiting.insert(place, (arrival, packed));
        self.drop_beyond_bounds()
    }

    /// Drops what the server would no longer take, and gives how many that were.
    pub fn drop_old(&mut self, now: Instant) -> u64 {
        let before = self.waiting.len();
        let mut bytes = 0;
        self.waiting.retain(|(_, packed)| {
            let keep = now.saturating_duration_since(packed.began) < OLDEST;
            bytes += if keep { 0 } else { packed.bytes() };
            keep
        });
        self.bytes -= bytes;
        (before - self.waiting.len()) as u64
    }

    /// Drops everything and gives how many that were.
    pub fn drop_all(&mut self) -> u64 {
        let dropped = self.chunks();
        self.waiting.clear();
        self.in_flight = None;
        self.bytes = 0;
        dropped
    }

    /// True when nothing waits; a chunk may still be in flight.
    pub fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Bytes held.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// Chunks held.
    pub fn chunks(&self) -> u64 {
        (self.waiting.len() + usize::from(self.in_flight.is_some())) as u64
    }

    fn drop_beyond_bounds(&mut self) -> u64 {
        let mut dropped = 0;
        while self.bytes > self.max_bytes || self.chunks() > self.max_chunks as u64 {
            let Some((_, oldest)) = self.waiting.pop_front() else {
                break;
            };
            self.bytes -= oldest.bytes();
            dropped += 1;
        }
        dropped
    }
}

#[cfg(test)]
mod tests;
