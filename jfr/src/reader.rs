//! Reading: bytes from anywhere become a [`Recording`], or a [`ReadError`] that says where and why.
//!
//! Events and constants are bound by the names in the recording's own metadata, so recordings of other writers are read
//! too. Nothing here trusts a count or an offset: each is checked against the bytes that are there and against [`Limits`].

mod binding;
mod budget;
mod checkpoint;
mod chunk;
mod cursor;
mod error;
mod event;
mod header;
mod metadata;
mod pools;

pub use chunk::{Chunk, Events};
pub use error::ReadError;
pub use event::{
    ActiveRecording, ActiveSetting, Counter, CpuInformation, CpuLoad, Event, ExecutionSample, Free, GcHeapSummary,
    InitialSystemProperty, JavaMonitorEnter, JvmInformation, LiveObject, Malloc, ObjectAllocationInNewTlab,
    ObjectAllocationOutsideTlab, ObjectAllocationSample, OsInformation, Other, SampleState, ThreadPark,
    WallClockSample,
};
pub use header::Header;
pub use pools::{Method, StackFrame, StackTrace, Thread};

use budget::Budget;

/// What a reader of untrusted bytes is willing to spend. Memory stays below about six times `max_bytes` plus 200 bytes per
/// constant and 32 per frame.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most bytes of a recording.
    pub max_bytes: usize,
    /// Most chunks of a recording.
    pub max_chunks: usize,
    /// Most types, fields, annotations and strings of a recording's metadata, all chunks together.
    pub max_metadata_elements: usize,
    /// Most constants of a recording, all chunks together.
    pub max_constants: usize,
    /// Most stack frames of a recording, all stack traces together.
    pub max_frames: usize,
}

impl Default for Limits {
    /// Generous for ten seconds of any service: 64 MiB, a million constants, four million frames.
    fn default() -> Self {
        Self {
            max_bytes: 64 << 20,
            max_chunks: 4096,
            max_metadata_elements: 1 << 20,
            max_constants: 1 << 20,
            max_frames: 4 << 20,
        }
    }
}

/// A recording that was read: its chunks in file order.
#[derive(Debug)]
pub struct Recording {
    /// The chunks; constants of one are not looked up in another.
    pub chunks: Vec<Chunk>,
}

/// Reads a recording, which is one or more chunks back to back.
///
/// # Errors
/// [`ReadError`] when the bytes are not a recording, end too early, contradict themselves or exceed `limits`. Nothing is
/// returned of a recording that is wrong anywhere, so totals are never silently short.
pub fn read(bytes: &[u8], limits: &Limits) -> Result<Recording, ReadError> {
    if bytes.len() > limits.max_bytes {
        return Err(ReadError::limit(0, "bytes", limits.max_bytes));
    }
    let mut budget = Budget::new(limits);
    let mut chunks = Vec::new();
    let mut at = 0;
    while at < bytes.len() || chunks.is_empty() {
        if chunks.len() == limits.max_chunks {
            return Err(ReadError::limit(at, "chunks", limits.max_chunks));
        }
        let header = Header::read(bytes, at)?;
        // The header was checked to lie within the bytes.
        let end = at + header.size;
        let content = bytes.get(at..end).unwrap_or_default();
        chunks.push(Chunk::read(content, at, header, &mut budget)?);
        at = end;
    }
    Ok(Recording { chunks })
}

#[cfg(test)]
mod tests;
