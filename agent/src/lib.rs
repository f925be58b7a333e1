//! `libpyrite.so`: the JVMTI agent.
//!
//! The way of a sample, which is also the order of the modules:
//! ```text
//! timer signal ──▶ sampler::handler ──▶ ring ═▶ drain ─▶ fold ─▶ chunk ─▶ deliver
//!                                          threads, methods, native name what was seen
//! options + facts ──▶ policy::plan ──▶ lifecycle starts the engine and the two threads of our own
//! ```

pub mod entry;
pub mod lifecycle;

pub mod facts;
pub mod log;
pub mod options;
pub mod policy;
pub mod redact;

pub mod engines;
pub mod os;
pub mod threads;
pub mod vm;

pub mod accounts;
pub mod chunk;
pub mod counters;
pub mod deliver;
pub mod drain;
pub mod fold;
pub mod methods;
pub mod native;
