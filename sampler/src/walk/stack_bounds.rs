//! How far up a thread's stack may be read.

/// Size of the smallest page of both supported architectures, bytes.
const PAGE: u64 = 4096;

/// Address range of one thread's stack, `lo..hi`. The stack grows down, so `hi` is where it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StackBounds {
    /// Lowest mapped address.
    pub lo: u64,
    /// First address above the stack.
    pub hi: u64,
}

impl StackBounds {
    /// Bounds that contain nothing: only the page of the stack pointer may be read.
    pub const UNKNOWN: Self = Self { lo: 0, hi: 0 };

    /// Whether `address` lies on this stack.
    #[inline]
    #[must_use]
    pub const fn contains(&self, address: u64) -> bool {
        self.lo <= address && address < self.hi
    }

    /// The same stack, ending at the thread control block if that lies on it.
    ///
    /// glibc and musl put a thread's control block at the top of the stack they allocate, and `pthread_self` is its
    /// address. A mapping may reach further up than the stack, because the kernel joins neighbours.
    #[inline]
    #[must_use]
    pub const fn below_control_block(self, pthread_self: u64) -> Self {
        if self.contains(pthread_self) { Self { lo: self.lo, hi: pthread_self } } else { self }
    }

    /// End of the range that may be read from `sp` upwards.
    ///
    /// Where the bounds do not contain `sp` (alternate signal stack, coroutine, thread not yet registered) this is
    /// the end of its page. Unless `sp` is at the very start of a page, stack bytes lie in that page, so it is
    /// mapped; at the start of a page nothing proves it, and nothing is readable.
    #[inline]
    #[must_use]
    pub const fn readable_end(&self, sp: u64) -> u64 {
        if self.contains(sp) {
            return self.hi;
        }
        match sp.checked_next_multiple_of(PAGE) {
            Some(page_end) => page_end,
            None => sp,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::StackBounds;

    const STACK: StackBounds = StackBounds { lo: 0x10_0000, hi: 0x20_0000 };

    #[test]
    fn a_known_stack_is_readable_to_its_top() {
        assert_eq!(STACK.readable_end(0x10_0000), 0x20_0000);
        assert_eq!(STACK.readable_end(0x1f_fff8), 0x20_0000);
    }

    #[test]
    fn a_foreign_stack_pointer_gets_its_own_page_only() {
        assert_eq!(STACK.readable_end(0x20_0008), 0x20_1000);
        assert_eq!(StackBounds::UNKNOWN.readable_end(0x7f_1234), 0x7f_2000);
    }

    #[test]
    fn the_start_of_an_unproven_page_is_not_readable() {
        assert_eq!(StackBounds::UNKNOWN.readable_end(0x7f_1000), 0x7f_1000);
        assert_eq!(STACK.readable_end(0x20_0000), 0x20_0000);
        assert_eq!(StackBounds::UNKNOWN.readable_end(u64::MAX), u64::MAX);
    }

    #[test]
    fn the_control_block_ends_the_stack_only_when_it_lies_on_it() {
        assert_eq!(STACK.below_control_block(0x1f_0000).hi, 0x1f_0000);
        assert_eq!(STACK.below_control_block(0x30_0000), STACK);
        assert_eq!(StackBounds::UNKNOWN.below_control_block(0x1f_0000), StackBounds::UNKNOWN);
    }
}
