//! Frame buffers that handlers borrow for the length of one walk.
//!
//! # Safety
//! A buffer is reachable only through a [`FrameBuffer`], which exists only while its `in_use` flag is set by one
//! compare-exchange; the flag is released on drop. The frames live in `UnsafeCell`, in memory that is never freed.
#![allow(unsafe_code)]

use core::cell::UnsafeCell;
use core::sync::atomic::{AtomicBool, Ordering};

use jvmti_sys::ASGCT_CallFrame;

/// Java frames in a buffer. A server shows at most 1,000, so walking further would be thrown away; one more tells that a
/// stack went on.
pub const MAX_JAVA_FRAMES: usize = 1_024;

/// Native frames in a buffer: more than any JVM thread's native part seen, small enough to bound a walk's time.
pub const MAX_NATIVE_FRAMES: usize = 128;

/// How many buffers a handler tries before it gives up.
const MAX_CLAIM_ATTEMPTS: usize = 8;

/// Room for one walk, 17 KiB.
#[repr(C, align(64))]
pub struct Frames {
    in_use: AtomicBool,
    content: UnsafeCell<FrameArrays>,
}

/// The frames of one walk, leaf first.
#[repr(C)]
pub struct FrameArrays {
    /// Program counters of native frames; all but the first are return addresses.
    pub native: [u64; MAX_NATIVE_FRAMES],
    /// Java frames as `AsyncGetCallTrace` writes them.
    pub java: [ASGCT_CallFrame; MAX_JAVA_FRAMES],
}

// SAFETY: `content` is only touched through a `FrameBuffer`, of which there is at most one per buffer.
unsafe impl Sync for Frames {}

/// The buffers, in memory that outlives every handler.
#[derive(Clone, Copy)]
pub struct FramePool {
    buffers: &'static [Frames],
}

impl FramePool {
    /// A pool over zeroed memory.
    pub fn new(buffers: &'static [Frames]) -> Self {
        Self { buffers }
    }

    /// Borrows a free buffer, starting the search at `hint`; `None` when the first few are all in use.
    #[inline]
    pub fn claim(&self, hint: usize) -> Option<FrameBuffer> {
        for attempt in 0..MAX_CLAIM_ATTEMPTS.min(self.buffers.len()) {
            let index = hint.wrapping_add(attempt).checked_rem(self.buffers.len())?;
            let frames = self.buffers.get(index)?;
            // ATOMICS: acquire pairs with the release on drop, so the last user's writes are over.
            let claimed = frames.in_use.compare_exchange(false, true, Ordering::Acquire, Ordering::Relaxed);
            if claimed.is_ok() {
                return Some(FrameBuffer { frames });
            }
        }
        None
    }
}

/// A borrowed buffer; given back on drop.
pub struct FrameBuffer {
    frames: &'static Frames,
}

impl FrameBuffer {
    /// The arrays to write to.
    #[inline]
    pub fn arrays(&mut self) -> &mut FrameArrays {
        // SAFETY: `in_use` was set by us alone and `&mut self` excludes a second borrow.
        unsafe { &mut *self.frames.content.get() }
    }
}

impl Drop for FrameBuffer {
    #[inline]
    fn drop(&mut self) {
        // ATOMICS: release pairs with the acquire in `claim`.
        self.frames.in_use.store(false, Ordering::Release);
    }
}
