//! The fold: samples into call traces, rows and totals, for one interval.
//!
//! Plain data in, plain data out: no clock, no file, no JVM. What a frame is called has been decided before; here equal
//! stacks become one call trace and every sample one row.

pub mod call_traces;
pub mod class_names;
pub mod frames;
pub mod stack;

use std::collections::HashMap;
use std::sync::Arc;

use crate::threads::ThreadName;
use call_traces::{CallTraceId, CallTraces};
use frames::FrameId;

/// Rough size of a row in a chunk, bytes: a stack trace reference, a time, a thread, a state.
const ROW_BYTES: usize = 14;
/// Rough size of a frame in a chunk's stack trace pool, bytes.
const FRAME_BYTES: usize = 6;

/// One sample, or several equal ones.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Row {
    /// CLOCK_MONOTONIC, nanoseconds.
    pub time_ns: u64,
    /// Index into [`Fold::threads`].
    pub thread: u32,
    /// What was on the stack.
    pub call_trace: CallTraceId,
    /// How many intervals of CPU time it stands for.
    pub weight: u32,
}

/// Identifies a thread in the fold: slot and generation, or a pseudo-thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ThreadKey {
    /// A registered thread.
    Registered {
        /// Index of the slot.
        slot: u32,
        /// Low bits of the slot's generation.
        generation: u16,
    },
    /// A thread known by its kernel id only.
    Tid(i32),
    /// CPU time of threads that are gone.
    Ended,
}

/// The samples of one interval.
#[derive(Default)]
pub struct Fold {
    /// All samples in the order in which they were drained.
    pub rows: Vec<Row>,
    /// The distinct stacks.
    pub call_traces: CallTraces,
    /// The threads that rows refer to.
    pub threads: Vec<Arc<ThreadName>>,
    thread_index: HashMap<ThreadKey, u32>,
    frames_held: usize,
}

impl Fold {
    /// Adds a sample. `thread` is asked for a name when the thread is new to this interval.
    pub fn add(
        &mut self,
        time_ns: u64,
        key: ThreadKey,
        thread: impl FnOnce() -> Arc<ThreadName>,
        frames: &[FrameId],
        weight: u32,
    ) {
        let known = self.call_traces.len();
        let call_trace = self.call_traces.intern(frames);
        if self.call_traces.len() > known {
            self.frames_held += frames.len();
        }
        let index = *self.thread_index.entry(key).or_insert_with(|| {
            self.threads.push(thread());
            (self.threads.len() - 1) as u32
        });
        self.rows.push(Row { time_ns, thread: index, call_trace, weight });
    }

    /// Whether nothing was added.
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Samples as the server will count them.
    pub fn weight(&self) -> u64 {
        self.rows.iter().map(|row| u64::from(row.weight)).sum()
    }

    /// Roughly how long the chunk of this fold will be, in bytes, without names.
    pub fn estimated_bytes(&self) -> usize {
        let events: usize = self.rows.iter().map(|row| row.weight as usize).sum();
        events * ROW_BYTES + self.frames_held * FRAME_BYTES
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn thread(tid: i32) -> Arc<ThreadName> {
        Arc::new(ThreadName { tid, java: None, native: "t".into() })
    }

    #[test]
    fn equal_stacks_become_one_call_trace_and_every_sample_a_row() {
        let mut fold = Fold::default();
        let key = ThreadKey::Registered { slot: 1, generation: 2 };
        for time_ns in 0..10 {
            fold.add(time_ns, key, || thread(7), &[FrameId::test(1), FrameId::test(2)], 1);
        }
        fold.add(10, ThreadKey::Ended, || thread(0), &[FrameId::test(1)], 3);
        assert_eq!(fold.rows.len(), 11);
        assert_eq!(fold.call_traces.len(), 2);
        assert_eq!(fold.threads.len(), 2);
        assert_eq!(fold.weight(), 13);
        assert!(fold.estimated_bytes() >= 13 * ROW_BYTES);
    }
}
