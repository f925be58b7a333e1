//! Keeps the interrupted thread's `errno` as it was.
//!
//! # Safety
//! `__errno_location` returns the address of the calling thread's `errno`, which stays valid for the life of the
//! thread. On glibc and musl it computes an offset from the thread pointer and calls nothing.
#![allow(unsafe_code)]

/// Restores `errno` when it is dropped. The first statement of every handler, so that nothing runs after the drop.
pub struct ErrnoGuard {
    saved: libc::c_int,
}

impl ErrnoGuard {
    /// Remembers the current `errno`.
    #[inline]
    pub fn new() -> Self {
        // SAFETY: takes no argument and returns a valid pointer on glibc and musl.
        let location = unsafe { libc::__errno_location() };
        // SAFETY: the pointer is this thread's own errno.
        let saved = unsafe { location.read() };
        Self { saved }
    }
}

impl Default for ErrnoGuard {
    fn default() -> Self {
        Self::new()
    }
}

impl Drop for ErrnoGuard {
    #[inline]
    fn drop(&mut self) {
        // SAFETY: takes no argument and returns a valid pointer on glibc and musl.
        let location = unsafe { libc::__errno_location() };
        // SAFETY: the pointer is this thread's own errno.
        unsafe { location.write(self.saved) }
    }
}
