//! Reads words of the interrupted thread's stack, and of nothing else.
//!
//! # Safety
//! A [`StackMemory`] is made from a promise: the bytes from the stack pointer to the end of the readable range stay
//! mapped while it lives. It keeps the promise's range and refuses any word that is not aligned and wholly inside.
#![allow(unsafe_code)]

use super::stack_bounds::StackBounds;

/// Bytes of one stack word.
const WORD: u64 = 8;

/// The readable part of one stack: from the stack pointer up.
#[derive(Clone, Copy, Debug)]
pub struct StackMemory {
    lo: u64,
    hi: u64,
}

impl StackMemory {
    /// The part of the stack that is in use when the stack pointer is `sp`.
    ///
    /// # Safety
    /// `sp` is the stack pointer of the calling thread, or of a thread that cannot run meanwhile, and `bounds` is
    /// that thread's stack or does not contain `sp`. The readable range (see [`StackBounds::readable_end`]) stays
    /// mapped while the value lives. A handler on the interrupted thread keeps all of this: a thread's own stack
    /// is not unmapped while it runs.
    #[inline]
    #[must_use]
    pub const unsafe fn new(sp: u64, bounds: StackBounds) -> Self {
        Self { lo: sp, hi: bounds.readable_end(sp) }
    }

    /// The word at `address`; `None` when it is misaligned or not wholly inside the readable range.
    #[inline]
    #[must_use]
    pub fn word(&self, address: u64) -> Option<u64> {
        let end = address.checked_add(WORD)?;
        if !address.is_multiple_of(WORD) || address < self.lo || end > self.hi {
            return None;
        }
        let word = core::ptr::with_exposed_provenance::<u64>(usize::try_from(address).ok()?);
        // SAFETY: aligned and inside the range that the maker of `self` promised to be mapped. Volatile, because
        // the stack belongs to code that the compiler cannot see.
        Some(unsafe { word.read_volatile() })
    }
}

#[cfg(test)]
#[allow(clippy::arithmetic_side_effects, reason = "a test may panic")]
mod tests {
    use super::{StackBounds, StackMemory};

    #[test]
    fn only_aligned_words_between_the_stack_pointer_and_the_top_are_read() {
        let stack = [11_u64, 22, 33, 44];
        let lo = stack.as_ptr().expose_provenance() as u64;
        let bounds = StackBounds { lo, hi: lo + 24 };
        // SAFETY: the array outlives the value, and the bounds lie inside it.
        let memory = unsafe { StackMemory::new(lo + 8, bounds) };
        assert_eq!(memory.word(lo + 8), Some(22));
        assert_eq!(memory.word(lo + 16), Some(33));
        assert_eq!(memory.word(lo), None, "below the stack pointer");
        assert_eq!(memory.word(lo + 24), None, "above the top");
        assert_eq!(memory.word(lo + 12), None, "misaligned");
        assert_eq!(memory.word(u64::MAX - 7), None, "wraps around");
    }
}
