//! The JFR chunk format alone: one schema, a writer that six independent readers accept, and a reader for untrusted input.
//!
//! - [`schema`] lists every event and type once. The writer's metadata, the reader's bindings and `docs/events.md` come from it.
//! - [`ChunkBuilder`] collects samples and their names, and [`ChunkBuilder::finish`] gives the bytes of one complete chunk.
//! - [`read`] takes any conforming recording (ours, async-profiler's, the JDK's) and gives [`Recording`]. It never panics,
//!   and its memory is bounded by [`Limits`].
//!
//! ```
//! use jfr::{ChunkBuilder, ChunkTimes, Event, Frame, FrameType, IdSource, Limits, ThreadInfo};
//!
//! let mut chunk = ChunkBuilder::new(IdSource::default());
//! let class = chunk.class("java/util/HashMap");
//! let method = chunk.method(class, "get", "(Ljava/lang/Object;)Ljava/lang/Object;", 1, false);
//! let stack = chunk.stack_trace(false, &[Frame { method, line: 556, bci: 3, kind: FrameType::JitCompiled }]);
//! let thread = chunk.thread(ThreadInfo { os_name: "main", os_thread_id: 7, java_name: Some("main"), java_thread_id: 1 });
//! chunk.execution_sample(1_000_000, thread, stack);
//! let bytes = chunk.finish(ChunkTimes { start_epoch_ns: 1_700_000_000_000_000_000, start_ticks: 0, duration_ns: 10_000_000 });
//!
//! let recording = jfr::read(&bytes, &Limits::default())?;
//! let chunk = &recording.chunks[0];
//! let Some(Event::ExecutionSample(sample)) = chunk.events().next() else { panic!("one sample was written") };
//! assert_eq!(chunk.stack_trace(sample.stack).unwrap().frames[0].method_name(), "get");
//! # Ok::<(), jfr::ReadError>(())
//! ```
#![forbid(unsafe_code)]

mod dump;
mod ids;
pub mod reader;
pub mod schema;
mod summary;
pub mod text;
mod varint;
pub mod writer;

pub use dump::dump;
pub use ids::{ClassId, IdSource, MethodId, StackTraceId, ThreadId};
pub use reader::{Chunk, Event, Limits, ReadError, Recording, read};
pub use schema::{EventType, FrameType, ThreadState};
pub use summary::summary;
pub use writer::{
    ActiveRecording, ChunkBuilder, ChunkTimes, Contention, Context, CpuInformation, Frame, GcHeapSummary, GcWhen,
    JvmInformation, ThreadInfo,
};
