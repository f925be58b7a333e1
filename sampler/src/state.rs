//! The one structure that a handler reaches, and how it reaches it.
//!
//! # Safety
//! The pointer is set once, to memory that is never freed, before the first signal handler is installed.
#![allow(unsafe_code)]

use core::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, AtomicUsize, Ordering};

use jvmti_sys::AsyncGetCallTrace;

use crate::atomics;
use crate::counters::HandlerCounters;
use crate::frame_pool::FramePool;
use crate::java::VmLayout;
use crate::ring::Ring;
use crate::slot::ThreadSlot;
use crate::walk::table_set::TableSet;

/// Everything that a handler needs, made by the agent before sampling starts and never freed.
pub struct Sampler {
    /// Where samples go.
    pub ring: Ring<&'static [atomics::AtomicU64]>,
    /// All slots.
    pub slots: &'static [ThreadSlot],
    /// Slot index + 1 by thread id; 0 when the thread has none.
    pub slot_by_tid: &'static [AtomicU32],
    /// Frame buffers.
    pub frames: FramePool,
    /// What handlers count.
    pub counters: HandlerCounters,
    /// Unwind tables of the native libraries.
    pub tables: &'static TableSet,
    /// Choices made at the start.
    pub settings: Settings,
    /// The JVM's stack walker.
    pub call_trace: AsyncGetCallTrace,
    /// Where the JVM keeps what the checks before a walk need.
    pub layout: VmLayout,
    /// Lowest address of the JVM's code cache; 0 until known.
    pub code_cache_lo: AtomicU64,
    /// First address above the code cache.
    pub code_cache_hi: AtomicU64,
    /// Whether signals are turned into samples.
    pub running: AtomicBool,
    /// Process CPU time up to which samples have been charged; used by the process-wide timer only.
    pub process_charged_ns: AtomicU64,
    /// The handler that was installed before ours, for signals that are not ours: 0 when there was none.
    pub previous_handler: AtomicUsize,
    /// Whether the previous handler takes three arguments (SA_SIGINFO).
    pub previous_takes_info: AtomicBool,
}

/// The choices that handlers obey. Fixed for the life of the process.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// CPU time between samples, in nanoseconds.
    pub interval_ns: u64,
    /// Length of a scheduler tick, the upper bound of the random delay, in nanoseconds.
    pub tick_ns: u64,
    /// What marks our own signals; 24 bits.
    pub cookie: u32,
    /// Java frames to ask for: one more than will be shown.
    pub depth: u32,
    /// Whether to return at once, to measure what an empty handler costs (a test option).
    pub empty_handler: bool,
}

static SAMPLER: AtomicPtr<Sampler> = AtomicPtr::new(core::ptr::null_mut());

/// Makes `sampler` the one that handlers use. Called once.
pub fn publish(sampler: &'static Sampler) {
    // ATOMICS: release pairs with the acquire in `current`.
    SAMPLER.store(core::ptr::from_ref(sampler).cast_mut(), Ordering::Release);
}

/// The sampler, if one was published.
#[inline]
pub fn current() -> Option<&'static Sampler> {
    let sampler = SAMPLER.load(Ordering::Acquire);
    // SAFETY: null, or a `&'static Sampler` stored by `publish`; nobody writes through it.
    unsafe { sampler.as_ref() }
}
