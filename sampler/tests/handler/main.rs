//! What the signal handlers promise, without a JVM: real signals, real timers, a made-up Java walker.
//!
//! The sampler and its handler belong to the process, so each test runs in a process of its own, see [`isolated`]. One
//! file holds one promise. Unsafe code stands in `os` and `walks` alone.
#![cfg(all(not(loom), not(miri), target_os = "linux", target_arch = "x86_64"))]

mod accounting;
mod errno;
mod foreign;
mod fork;
mod full;
mod isolated;
mod java_walk;
mod nested;
mod os;
mod phases;
mod process_timer;
mod sleepers;
mod stacks;
mod stage;
mod stale;
mod system_calls;
mod timers;
mod walks;
