//! Everything that may run in a signal handler, and nothing else.
//!
//! # The handler contract
//! Code in this crate runs on an interrupted application thread, between any two of its instructions. So it
//! allocates nothing, takes no lock, touches no thread-local storage, cannot panic, restores `errno`, and bounds
//! every loop by a named constant. The crate is `no_std` without `alloc`, which makes the compiler refuse most
//! mistakes; `cargo xtask reach` disassembles the built library and refuses the rest.
//!
//! System calls made here: `clock_gettime`, `timer_settime`, and `gettid` (process-wide timer only, because its signal
//! carries no payload that could name the thread).
//!
//! What is deliberately not here: symbols, names, folding, files, sockets, and every call into the VM but
//! `AsyncGetCallTrace`.
#![no_std]
#![deny(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects
)]

pub mod atomics;
pub mod clock;
pub mod counters;
pub mod errno;
pub mod frame_pool;
pub mod handler;
pub mod java;
pub mod machine;
pub mod record;
pub mod ring;
pub mod sample;
pub mod schedule;
pub mod slot;
pub mod state;
pub mod walk;
