//! The atomics of this crate: those of `core`, or loom's when the ring is model-checked with `--cfg loom`.

#[cfg(not(loom))]
pub use core::sync::atomic::{AtomicU64, Ordering};
#[cfg(loom)]
pub use loom::sync::atomic::{AtomicU64, Ordering};
