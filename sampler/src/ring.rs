//! The ring between handlers and the drain: a bounded log of variable-length records of 64-bit words.
//!
//! A producer reserves a range of words with one compare-exchange (retried a bounded number of times), fills it, and
//! publishes it by writing its first word. It never waits for another producer: a signal that lands in the middle of a
//! push on the same thread just reserves the next range. That is what rules out `crossbeam_queue::ArrayQueue` here,
//! whose push spins until an interrupted push finishes, which it never does when the interrupted one is below us on
//! the same stack.
//!
//! The price: the consumer stops at the first record that is reserved and not yet published, so a producer that is
//! descheduled in the middle of a push delays the drain. Records behind it wait; if they fill the ring, further ones
//! are dropped and counted. Nothing is lost silently and nobody spins.
//!
//! A word is zero exactly when it may be the first word of a record that is not published: the consumer zeroes what it
//! has read before it gives the space back, and a published first word is never zero.

use crate::atomics::{AtomicU64, Ordering};

/// How often a producer retries its reservation when other producers get in between.
const MAX_RESERVE_ATTEMPTS: u32 = 16;

/// Set in the first word of a published record; the low 32 bits are its length in words.
const PUBLISHED: u64 = 1 << 63;

/// A ring over borrowed or owned words, whose number must be a power of two.
pub struct Ring<W> {
    words: W,
    /// Words ever reserved. Only grows.
    head: AtomicU64,
    /// Words ever consumed. Only grows, never above `head`.
    tail: AtomicU64,
}

impl<W: AsRef<[AtomicU64]>> Ring<W> {
    /// A ring over `words`, all zero. `None` unless their number is a power of two.
    pub fn new(words: W) -> Option<Self> {
        words.as_ref().len().is_power_of_two().then(|| Self { words, head: AtomicU64::new(0), tail: AtomicU64::new(0) })
    }

    fn capacity(&self) -> u64 {
        self.words.as_ref().len() as u64
    }

    /// The word at `position`, counted from the start of time.
    #[inline]
    fn word(&self, position: u64) -> Option<&AtomicU64> {
        let words = self.words.as_ref();
        let mask = words.len().wrapping_sub(1);
        words.get((position as usize) & mask)
    }

    /// Reserves room for `payload` words, or gives up at once: the ring is full, or other producers won every attempt.
    #[inline]
    pub fn reserve(&self, payload: usize) -> Option<Reservation<'_, W>> {
        let length = (payload as u64).wrapping_add(1);
        if length > self.capacity() {
            return None;
        }
        for _ in 0..MAX_RESERVE_ATTEMPTS {
            // ATOMICS: acquire pairs with the consumer's release of `tail`, so its zeroes are ours to overwrite.
            let tail = self.tail.load(Ordering::Acquire);
            let head = self.head.load(Ordering::Relaxed);
            let end = head.wrapping_add(length);
            if end.wrapping_sub(tail) > self.capacity() {
                // `tail` may be older than `head`, which only makes us see less room than there is.
                return None;
            }
            // ATOMICS: the reservation itself orders nothing; publishing does.
            if self.head.compare_exchange(head, end, Ordering::Relaxed, Ordering::Relaxed).is_ok() {
                return Some(Reservation { ring: self, start: head, length, filled: 0 });
            }
        }
        None
    }

    /// Gives the next published record to `read`, oldest first, and frees its room. `false` when there is none.
    ///
    /// One consumer at a time: the caller guarantees it by owning the drain.
    pub fn consume(&self, mut read: impl FnMut(RecordWords<'_, W>)) -> bool {
        let tail = self.tail.load(Ordering::Relaxed);
        // ATOMICS: acquire pairs with the release in `publish`, so the payload is complete.
        let first = self.word(tail).map_or(0, |word| word.load(Ordering::Acquire));
        if first & PUBLISHED == 0 {
            return false;
        }
        let length = first & u64::from(u32::MAX);
        read(RecordWords { ring: self, start: tail.wrapping_add(1), length: length.wrapping_sub(1) });
        for offset in 0..length {
            if let Some(word) = self.word(tail.wrapping_add(offset)) {
                word.store(0, Ordering::Relaxed);
            }
        }
        // ATOMICS: release pairs with the acquire in `reserve`.
        self.tail.store(tail.wrapping_add(length), Ordering::Release);
        true
    }
}

/// Room in the ring that one producer owns until it publishes.
pub struct Reservation<'a, W> {
    ring: &'a Ring<W>,
    start: u64,
    length: u64,
    filled: u64,
}

impl<W: AsRef<[AtomicU64]>> Reservation<'_, W> {
    /// Appends one word; words beyond the reserved length are ignored.
    #[inline]
    pub fn put(&mut self, value: u64) {
        let next = self.filled.wrapping_add(1);
        if next < self.length {
            self.filled = next;
            if let Some(word) = self.ring.word(self.start.wrapping_add(next)) {
                word.store(value, Ordering::Relaxed);
            }
        }
    }

    /// Makes the record visible to the consumer.
    #[inline]
    pub fn publish(self) {
        if let Some(word) = self.ring.word(self.start) {
            // ATOMICS: release pairs with the acquire in `consume`.
            word.store(PUBLISHED | self.length, Ordering::Release);
        }
    }
}

/// The payload of a record while the consumer holds it.
pub struct RecordWords<'a, W> {
    ring: &'a Ring<W>,
    start: u64,
    length: u64,
}

impl<W: AsRef<[AtomicU64]>> RecordWords<'_, W> {
    /// Number of payload words.
    pub fn len(&self) -> usize {
        self.length as usize
    }

    /// Whether the payload is empty.
    pub fn is_empty(&self) -> bool {
        self.length == 0
    }

    /// The payload word at `index`; 0 beyond the end.
    pub fn get(&self, index: usize) -> u64 {
        if index as u64 >= self.length {
            return 0;
        }
        self.ring.word(self.start.wrapping_add(index as u64)).map_or(0, |word| word.load(Ordering::Relaxed))
    }
}
