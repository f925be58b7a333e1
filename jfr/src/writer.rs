//! Writing: samples and names go into a [`ChunkBuilder`], one complete chunk comes out.

mod encode;
mod events;
mod inputs;
mod metadata;
mod numbering;
mod pools;

use crate::schema::{FieldType, Unit};
use crate::{ClassId, EventType, IdSource, MethodId, StackTraceId, ThreadId, text, varint};

pub use inputs::{
    ActiveRecording, ChunkTimes, Contention, Context, CpuInformation, Frame, GcHeapSummary, GcWhen, JvmInformation,
    ThreadInfo,
};

use pools::{MethodKey, Pools, ThreadKey};

/// Descriptor of what has none; readers crash on a method without a descriptor.
const NATIVE_DESCRIPTOR: &str = "()L;";

/// Access flag `native` of the class file format, which async-profiler sets on native functions.
const NATIVE_MODIFIER: i32 = 0x100;

/// Class name of the frames that the writer itself puts in.
const OWN_CLASS: &str = "[pyrite]";

/// Collects the events and names of one chunk.
///
/// Everything is interned: equal inputs give equal handles. Handles belong to the builder that gave them; the ids in the file
/// are chosen by [`finish`](Self::finish), frequent ones short.
#[derive(Debug)]
pub struct ChunkBuilder {
    ids: IdSource,
    tick_origin: Option<u64>,
    with_context: bool,
    pending_context: Context,
    pools: Pools,
    rows: Vec<Row>,
    values: Vec<u64>,
    event_bytes: usize,
}

/// One event: its type and where its values start. References and texts are handles plus one, 0 is null.
#[derive(Clone, Copy, Debug)]
struct Row {
    event: EventType,
    first_value: u32,
}

impl ChunkBuilder {
    /// An empty chunk whose ids start where `ids` says.
    #[must_use]
    pub fn new(ids: IdSource) -> Self {
        Self {
            ids,
            tick_origin: None,
            with_context: false,
            pending_context: Context::default(),
            pools: Pools::new(ids),
            rows: Vec::new(),
            values: Vec::new(),
            event_bytes: 0,
        }
    }

    /// Whether the five event types that Pyroscope reads contexts from carry the context fields (5 more bytes an event).
    /// Leave it off in a session without labels and spans; chunks of one file may differ.
    #[must_use]
    pub fn with_context(mut self, with_context: bool) -> Self {
        self.with_context = with_context;
        self
    }

    /// Times are written relative to `ticks`, by default to the chunk's own start. Chunks that go into one file need the
    /// same origin (the start of the first), because JDK 25 dates all of them by the first chunk's header.
    #[must_use]
    pub fn with_tick_origin(mut self, ticks: u64) -> Self {
        self.tick_origin = Some(ticks);
        self
    }

    /// Sets the context of the next event, and of that one alone.
    pub fn in_context(&mut self, context: Context) -> &mut Self {
        self.pending_context = context;
        self
    }

    /// A class by the JVM's internal name (`java/lang/String`, `[B`), the file name of a library for native functions, or a
    /// name in brackets for what is neither (`[thread]`, `[kernel]`).
    pub fn class(&mut self, name: &str) -> ClassId {
        let name = self.pools.text(name);
        ClassId(self.pools.class(name))
    }

    /// A method, or a native function. An empty `descriptor`, or one that does not look like `(…)…`, becomes `()L;`.
    pub fn method(&mut self, class: ClassId, name: &str, descriptor: &str, modifiers: i32, hidden: bool) -> MethodId {
        let class = if self.pools.has_class(class) { class } else { self.class(OWN_CLASS) };
        let well_formed =
            descriptor.starts_with('(') && descriptor.contains(')') && descriptor.len() <= text::MAX_BYTES;
        let descriptor = if well_formed { descriptor } else { NATIVE_DESCRIPTOR };
        let (name, descriptor) = (self.pools.text(name), self.pools.text(descriptor));
        MethodId(self.pools.method(MethodKey { class: class.0, name, descriptor, modifiers, hidden }))
    }

    /// A stack trace, leaf first. `truncated` says that frames are missing at the root.
    ///
    /// A trace without frames gets one that says so, because readers drop samples without a stack.
    pub fn stack_trace(&mut self, truncated: bool, frames: &[Frame]) -> StackTraceId {
        if frames.is_empty() {
            let frame = self.own_frame("no frames");
            return StackTraceId(self.pools.stack_trace(truncated, &[frame]));
        }
        if frames.iter().all(|frame| self.pools.has_method(frame.method)) {
            return StackTraceId(self.pools.stack_trace(truncated, frames));
        }
        let known: Vec<_> = frames.iter().map(|frame| self.known_frame(*frame)).collect();
        StackTraceId(self.pools.stack_trace(truncated, &known))
    }

    /// A thread. Two threads that differ in any detail get different handles, so a renamed thread keeps both names.
    pub fn thread(&mut self, thread: ThreadInfo<'_>) -> ThreadId {
        let key = ThreadKey {
            os_name: self.pools.text(thread.os_name),
            os_thread_id: thread.os_thread_id,
            java_name: thread.java_name.map(|name| self.pools.text(name)),
            java_thread_id: thread.java_thread_id,
        };
        ThreadId(self.pools.thread(key))
    }

    /// Number of events so far.
    #[must_use]
    pub fn event_count(&self) -> usize {
        self.rows.len()
    }

    /// Upper estimate of the chunk's size in bytes if it were finished now, for rotation before a server's limit. It is
    /// kept as a running sum, so asking costs nothing.
    #[must_use]
    pub fn estimated_bytes(&self) -> usize {
        encode::FIXED_BYTES + metadata::body(self.with_context).len() + self.pools.estimated_bytes() + self.event_bytes
    }

    /// Where the ids of the next chunk of the same file must start.
    #[must_use]
    pub fn next_ids(&self) -> IdSource {
        // Two more than were used: `finish` may still add a class and a method of its own.
        self.ids.after(self.pools.largest() + 2)
    }

    /// The chunk: header, metadata, events, constant pools.
    #[must_use]
    pub fn finish(mut self, times: ChunkTimes) -> Vec<u8> {
        self.end_wall_clock_samples_with_one();
        encode::chunk(&self, times)
    }

    /// A frame of the writer's own, such as "no frames".
    fn own_frame(&mut self, name: &str) -> Frame {
        let class = self.class(OWN_CLASS);
        let method = self.method(class, name, NATIVE_DESCRIPTOR, NATIVE_MODIFIER, false);
        Frame { method, line: 0, bci: 0, kind: crate::FrameType::Native }
    }

    /// `frame`, or one that says that its method came from another builder.
    fn known_frame(&mut self, frame: Frame) -> Frame {
        if self.pools.has_method(frame.method) { frame } else { self.own_frame("method of another chunk") }
    }

    /// `stack`, or one that says that it came from another builder. Readers drop samples without a stack.
    fn known_stack(&mut self, stack: StackTraceId) -> StackTraceId {
        if self.pools.has_stack_trace(stack) {
            return stack;
        }
        let frame = self.own_frame("stack of another chunk");
        self.stack_trace(false, &[frame])
    }

    /// Adds an event with its values in schema order, and the pending context where the type takes one.
    fn push(&mut self, event: EventType, values: &[u64]) {
        let context = std::mem::take(&mut self.pending_context);
        let Ok(first_value) = u32::try_from(self.values.len()) else {
            // 2^32 values are 32 GiB in memory; the agent rotates at 4 MiB.
            return;
        };
        debug_assert_eq!(values.len(), event.slots().len());
        self.rows.push(Row { event, first_value });
        self.values.extend_from_slice(values);
        self.event_bytes += self.estimated_event_bytes(event, values);
        if event.row().context {
            let context = [context.context_id, context.span_id, context.span_name];
            self.values.extend_from_slice(&context);
            self.event_bytes += TAIL_BYTES + context.iter().map(|value| varint::len(*value)).sum::<usize>();
        }
    }

    /// Upper estimate of an event without its texts, which were counted as they were interned.
    fn estimated_event_bytes(&self, event: EventType, values: &[u64]) -> usize {
        // A wait or an allocation may lie before the chunk's start, which wraps to the longest encoding; so may anything
        // with an origin of the caller's. Otherwise six bytes hold 73 minutes.
        let early =
            self.tick_origin.is_some() || event.row().fields[1].name == "duration" || event == EventType::LiveObject;
        let tick_bytes = if early { varint::MAX_BYTES } else { 6 };
        let fields = event.slots().iter().zip(values).map(|(slot, value)| match slot.kind {
            FieldType::Long if slot.unit == Unit::Ticks => tick_bytes,
            FieldType::Text => 0,
            FieldType::Float => 4,
            kind if kind.is_reference() => self.pools.id_bytes(),
            _ => varint::len(*value),
        });
        EVENT_HEAD_BYTES + fields.sum::<usize>()
    }

    /// The values of `row`, context included.
    fn values_of(&self, row: Row) -> &[u64] {
        let context = if row.event.row().context { 3 } else { 0 };
        let first = row.first_value as usize;
        self.values.get(first..first + row.event.slots().len() + context).unwrap_or_default()
    }
}

/// Size and type of an event, for the size estimate.
const EVENT_HEAD_BYTES: usize = 5;

/// `tailLen` and `tailType`, for the size estimate.
const TAIL_BYTES: usize = 2;

#[cfg(test)]
mod tests;
