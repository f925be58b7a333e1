//! The clocks that a handler may read, in nanoseconds.
//!
//! # Safety
//! `clock_gettime` is async-signal-safe (signal-safety(7)) and writes one `timespec` that we own.
#![allow(unsafe_code)]

const NS_PER_S: u64 = 1_000_000_000;

/// Reads a clock; 0 if the kernel refuses it, which it does only for a clock id that does not exist.
#[inline]
pub fn now_ns(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid, writable timespec for the duration of the call.
    let failed = unsafe { libc::clock_gettime(clock, &mut time) } != 0;
    if failed {
        return 0;
    }
    (time.tv_sec as u64).wrapping_mul(NS_PER_S).wrapping_add(time.tv_nsec as u64)
}

/// CPU time that the calling thread has used.
#[inline]
pub fn thread_cpu_ns() -> u64 {
    now_ns(libc::CLOCK_THREAD_CPUTIME_ID)
}

/// CPU time that all threads of the process have used, ended ones included.
#[inline]
pub fn process_cpu_ns() -> u64 {
    now_ns(libc::CLOCK_PROCESS_CPUTIME_ID)
}

/// Monotonic time, the clock of every event that Pyrite writes.
#[inline]
pub fn monotonic_ns() -> u64 {
    now_ns(libc::CLOCK_MONOTONIC)
}

/// The id of another thread's CPU clock: its thread id inverted, shifted by three, with the bits for "per thread" and
/// "scheduler time" (CPUCLOCK_PERTHREAD_MASK 4, CPUCLOCK_SCHED 2 of the kernel's posix-timers.h).
pub const fn thread_cpu_clock(tid: i32) -> libc::clockid_t {
    (!tid).wrapping_shl(3) | 6
}
