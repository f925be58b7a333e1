//! One registered thread: who it is, what its stack is, and where its sampling stands.
//!
//! Slots live in memory that is mapped once and never freed. While a thread is registered, its schedule fields are
//! written by that thread alone, inside its handler; the agent writes the rest before the thread's timers exist, and
//! reads the schedule as a statistic. All-zero bytes are a valid free slot.

use core::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, AtomicPtr, AtomicU32, AtomicU64, Ordering};

use jvmti_sys::JNIEnv;

use crate::walk::stack_bounds::StackBounds;

/// The number of slots that a payload can name: 22 bits.
pub const MAX_SLOTS: usize = 1 << 22;

/// A registered thread. 192 bytes, so that two threads seldom share a cache line.
#[repr(C, align(64))]
pub struct ThreadSlot {
    /// Kernel thread id; 0 when the slot is free.
    pub tid: AtomicI32,
    /// Counts the registrations of this slot, so that a stale timer or record is recognised.
    pub generation: AtomicU32,
    /// The thread's JNI environment while it is a Java thread between ThreadStart and ThreadEnd, else null.
    pub env: AtomicPtr<JNIEnv>,
    /// Lowest address of the thread's stack; 0 when not known.
    stack_lo: AtomicU64,
    /// First address above the thread's stack; 0 when not known.
    stack_hi: AtomicU64,
    /// Timer on the thread's CPU clock: kernel timer id + 1, because 0 is a valid id; 0 when there is none.
    pub cpu_timer: AtomicI32,
    /// Timer on CLOCK_MONOTONIC, same encoding.
    pub mono_timer: AtomicI32,
    /// Set while the handler runs on this thread.
    pub busy: AtomicBool,
    /// Thread CPU time up to which samples have been charged, in nanoseconds. May be negative by the credit.
    pub charged_ns: AtomicI64,
    /// Thread CPU time at which the next sample is due, in nanoseconds.
    pub due_ns: AtomicI64,
    /// The random head start that `charged_ns` had at registration, in nanoseconds.
    pub credit_ns: AtomicI64,
    /// Thread CPU time of the moment that the monotonic timer was armed for, in nanoseconds.
    pub target_ns: AtomicI64,
    /// Thread CPU time when the monotonic timer was armed.
    pub armed_cpu_ns: AtomicU64,
    /// Monotonic time when the monotonic timer was armed.
    pub armed_mono_ns: AtomicU64,
    /// Monotonic time of the last sample (or of the registration), to tell a busy thread from one that mostly sleeps.
    pub sampled_mono_ns: AtomicU64,
    /// Thread CPU time of the last sample, or of the registration.
    pub sampled_cpu_ns: AtomicU64,
    /// How many more times to sample at the tick itself, because the last random delay met a sleeping thread.
    pub skip_delays: AtomicU32,
    /// State of the thread's random numbers (xorshift64); never 0 while registered.
    pub random: AtomicU64,
}

impl ThreadSlot {
    /// Sets the bounds of the stack; zeroes for unknown. The upper bound is what makes them valid, so it is taken away
    /// first and given last.
    pub fn set_stack(&self, lo: u64, hi: u64) {
        // ATOMICS: release pairs with the acquire in `stack`.
        self.stack_hi.store(0, Ordering::Release);
        self.stack_lo.store(lo, Ordering::Release);
        self.stack_hi.store(hi, Ordering::Release);
    }

    /// The bounds of the stack. A reader that meets a change sees none, the new ones, or a mixture of two bounds of one
    /// stack; never a lower bound of 0 with an upper one.
    #[inline]
    pub fn stack(&self) -> StackBounds {
        let hi = self.stack_hi.load(Ordering::Acquire);
        let lo = self.stack_lo.load(Ordering::Acquire);
        StackBounds { lo, hi }
    }

    /// The next pseudo-random number. Plain load and store: only the owning thread calls it.
    #[inline]
    pub fn next_random(&self) -> u64 {
        let mut x = self.random.load(Ordering::Relaxed);
        x ^= x.wrapping_shl(13);
        x ^= x.wrapping_shr(7);
        x ^= x.wrapping_shl(17);
        self.random.store(x, Ordering::Relaxed);
        x
    }

    /// A pseudo-random number below `bound`; 0 when `bound` is 0. The bias of the remainder is below 2^-30 for the
    /// bounds used here (under 2^34 nanoseconds).
    #[inline]
    pub fn random_below(&self, bound: u64) -> u64 {
        self.next_random().checked_rem(bound).unwrap_or(0)
    }
}

/// Which of a thread's two timers a signal came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimerKind {
    /// The timer on the thread's CPU clock.
    Cpu,
    /// The timer on CLOCK_MONOTONIC.
    Mono,
    /// Not a timer: a random signal of the test option `pyroscope.test.signal.storm`.
    Storm,
}

/// What a signal of ours carries in `si_value`: 24 bits of cookie, 16 of generation, 22 of slot index, 2 of timer kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Payload {
    /// Random per process, so that another user of the same signal is not mistaken for us.
    pub cookie: u32,
    /// Low 16 bits of the slot's generation.
    pub generation: u16,
    /// Index of the slot.
    pub index: u32,
    /// The timer that fired.
    pub kind: TimerKind,
}

impl Payload {
    /// Packs the payload into the 64 bits of `sigval`.
    pub fn encode(self) -> u64 {
        let kind = match self.kind {
            TimerKind::Cpu => 0,
            TimerKind::Mono => 1,
            TimerKind::Storm => 2,
        };
        (u64::from(self.cookie & 0x00ff_ffff) << 40)
            | (u64::from(self.generation) << 24)
            | (u64::from(self.index & 0x003f_ffff) << 2)
            | kind
    }

    /// Unpacks a payload; `None` for the one kind that does not exist.
    pub fn decode(value: u64) -> Option<Self> {
        let kind = match value & 3 {
            0 => TimerKind::Cpu,
            1 => TimerKind::Mono,
            2 => TimerKind::Storm,
            _ => return None,
        };
        Some(Self {
            cookie: (value >> 40) as u32,
            generation: (value >> 24) as u16,
            index: ((value >> 2) & 0x003f_ffff) as u32,
            kind,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_survives_encoding() {
        let payload = Payload { cookie: 0x00ab_cdef, generation: 0xfedc, index: 0x003f_fffe, kind: TimerKind::Storm };
        assert_eq!(Payload::decode(payload.encode()), Some(payload));
        assert_eq!(Payload::decode(3), None);
    }

    #[test]
    fn two_threads_seldom_share_a_cache_line() {
        assert_eq!(size_of::<ThreadSlot>() % 64, 0);
        assert!(size_of::<ThreadSlot>() <= 192);
    }
}
