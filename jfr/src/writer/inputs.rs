//! What callers hand to the builder.

use crate::{ClassId, FrameType, MethodId};

/// When the chunk was recorded. Ticks are nanoseconds of a monotonic clock, the same for all events of a chunk.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ChunkTimes {
    /// Start in nanoseconds since 1970; chunks of one file must differ, or JDK Mission Control drops the later one.
    pub start_epoch_ns: u64,
    /// The same moment in ticks.
    pub start_ticks: u64,
    /// Length in nanoseconds.
    pub duration_ns: u64,
}

/// One frame of a stack trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Frame {
    /// Method or native function.
    pub method: MethodId,
    /// Line in the source, 0 when unknown.
    pub line: u32,
    /// Position in the byte code, 0 when unknown.
    pub bci: u32,
    /// How it was running.
    pub kind: FrameType,
}

/// A thread as it is shown.
#[derive(Clone, Copy, Debug)]
pub struct ThreadInfo<'a> {
    /// Name that the operating system shows.
    pub os_name: &'a str,
    /// Thread id of the operating system.
    pub os_thread_id: i64,
    /// Name of the Java thread, if it is one.
    pub java_name: Option<&'a str>,
    /// Id of the Java thread, 0 for others.
    pub java_thread_id: i64,
}

/// Labels and span of an event; all 0 means none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Context {
    /// Label set in the upload's `labels` part.
    pub context_id: u64,
    /// Trace span.
    pub span_id: u64,
    /// String id of the span's name in the upload's `labels` part.
    pub span_name: u64,
}

/// A wait for an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Contention {
    /// Length of the wait in nanoseconds.
    pub duration_ns: u64,
    /// Class of the object, if known.
    pub class: Option<ClassId>,
    /// Identity of the object, 0 when unknown.
    pub address: u64,
}

/// Before or after a garbage collection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum GcWhen {
    /// Before it.
    Before = 0,
    /// After it.
    After = 1,
}

/// The heap around a garbage collection, sizes in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the schema describes each field")]
pub struct GcHeapSummary {
    pub gc_id: i32,
    pub when: GcWhen,
    pub start: u64,
    pub committed_end: u64,
    pub committed_size: u64,
    pub reserved_end: u64,
    pub reserved_size: u64,
    pub heap_used: u64,
}

/// The JVM and how it was started.
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs, reason = "the schema describes each field")]
pub struct JvmInformation<'a> {
    pub name: &'a str,
    pub version: &'a str,
    pub arguments: Option<&'a str>,
    pub flags: Option<&'a str>,
    pub java_arguments: Option<&'a str>,
    /// Milliseconds since 1970.
    pub start_epoch_ms: u64,
    pub pid: u64,
}

/// The processors.
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs, reason = "the schema describes each field")]
pub struct CpuInformation<'a> {
    pub cpu: &'a str,
    pub description: &'a str,
    pub sockets: u32,
    pub cores: u32,
    pub hw_threads: u32,
}

/// The recording that the chunk belongs to.
#[derive(Clone, Copy, Debug, Default)]
#[allow(missing_docs, reason = "the schema describes each field")]
pub struct ActiveRecording<'a> {
    pub id: u64,
    pub name: &'a str,
    pub destination: Option<&'a str>,
    pub max_age_ms: u64,
    pub max_size_bytes: u64,
    /// Milliseconds since 1970.
    pub start_epoch_ms: u64,
    pub duration_ms: u64,
}
