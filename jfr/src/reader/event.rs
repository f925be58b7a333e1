//! Typed events. Threads, stacks and classes are ids that the chunk resolves; fields that a recording lacks are 0 or none.

use std::borrow::Cow;

use super::Chunk;
use super::binding::{Value, Values, number};
use super::cursor::{Text, decode};
use crate::schema::{EventType, ThreadState};
use crate::writer::Context;

/// State of a sampled thread as the chunk names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SampleState {
    /// One of the three states of [`ThreadState`].
    Known(ThreadState),
    /// Another state, as the JDK has some.
    Other,
    /// The chunk holds no state of that key.
    Unresolved,
}

impl SampleState {
    /// Whether Pyroscope counts an execution sample of this state as CPU time: any state that resolves and is not sleeping.
    #[must_use]
    pub fn counts_as_cpu(self) -> bool {
        !matches!(self, Self::Known(ThreadState::Sleeping) | Self::Unresolved)
    }
}

/// Defines the events with their values in schema order; `Event::bind` reads them in the same order.
macro_rules! events {
    ($($(#[$doc:meta])* $name:ident $(<$life:lifetime>)? = $event:ident { $($field:ident: $kind:ty = $read:ident $at:literal),* $(,)? })*) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Debug, PartialEq)]
            #[allow(missing_docs, reason = "the schema describes each field")]
            pub struct $name $(<$life>)? { $(pub $field: $kind,)* pub context: Context }
        )*

        /// An event of a recording.
        #[derive(Clone, Debug, PartialEq)]
        #[allow(missing_docs, reason = "each variant is its struct")]
        pub enum Event<'a> {
            $($name($name $(<$life>)?),)*
            Other(Other<'a>),
        }

        impl<'a> Event<'a> {
            pub(super) fn bind(event: EventType, bound: &Bound<'a>) -> Self {
                match event {
                    $(EventType::$event => Self::$name($name {
                        $($field: bound.$read($at),)*
                        context: bound.context(),
                    }),)*
                }
            }
        }
    };
}

events! {
    /// `jdk.ActiveRecording`.
    ActiveRecording<'a> = ActiveRecording {
        ticks: i64 = long 0, id: i64 = long 1, name: Cow<'a, str> = text 2, destination: Option<Cow<'a, str>> = optional 3,
        max_age_ms: i64 = long 4, max_size_bytes: i64 = long 5, start_epoch_ms: i64 = long 6, duration_ms: i64 = long 7,
    }
    /// `jdk.ActiveSetting`; `id` is the type id of the event that it is for.
    ActiveSetting<'a> = ActiveSetting {
        ticks: i64 = long 0, id: i64 = long 1, name: Cow<'a, str> = text 2, value: Cow<'a, str> = text 3,
    }
    /// `jdk.OSInformation`.
    OsInformation<'a> = OsInformation { ticks: i64 = long 0, version: Cow<'a, str> = text 1 }
    /// `jdk.CPUInformation`.
    CpuInformation<'a> = CpuInformation {
        ticks: i64 = long 0, cpu: Cow<'a, str> = text 1, description: Cow<'a, str> = text 2, sockets: i64 = long 3,
        cores: i64 = long 4, hw_threads: i64 = long 5,
    }
    /// `jdk.JVMInformation`.
    JvmInformation<'a> = JvmInformation {
        ticks: i64 = long 0, name: Cow<'a, str> = text 1, version: Cow<'a, str> = text 2,
        arguments: Option<Cow<'a, str>> = optional 3, flags: Option<Cow<'a, str>> = optional 4,
        java_arguments: Option<Cow<'a, str>> = optional 5, start_epoch_ms: i64 = long 6, pid: i64 = long 7,
    }
    /// `jdk.InitialSystemProperty`.
    InitialSystemProperty<'a> = InitialSystemProperty {
        ticks: i64 = long 0, key: Cow<'a, str> = text 1, value: Cow<'a, str> = text 2,
    }
    /// `jdk.ExecutionSample`.
    ExecutionSample = ExecutionSample {
        ticks: i64 = long 0, thread: i64 = long 1, stack: i64 = long 2, state: SampleState = state 3,
    }
    /// `jdk.ObjectAllocationInNewTLAB`.
    ObjectAllocationInNewTlab = ObjectAllocationInNewTlab {
        ticks: i64 = long 0, thread: i64 = long 1, stack: i64 = long 2, class: i64 = long 3, allocation_size: i64 = long 4,
        tlab_size: i64 = long 5,
    }
    /// `jdk.ObjectAllocationOutsideTLAB`.
    ObjectAllocationOutsideTlab = ObjectAllocationOutsideTlab {
        ticks: i64 = long 0, thread: i64 = long 1, stack: i64 = long 2, class: i64 = long 3, allocation_size: i64 = long 4,
    }
    /// `profiler.LiveObject`.
    LiveObject = LiveObject {
        ticks: i64 = long 0, thread: i64 = long 1, stack: i64 = long 2, class: i64 = long 3, allocation_size: i64 = long 4,
        allocation_ticks: i64 = long 5,
    }
    /// `jdk.JavaMonitorEnter`; `duration` is in ticks.
    JavaMonitorEnter = JavaMonitorEnter {
        ticks: i64 = long 0, duration: i64 = long 1, thread: i64 = long 2, stack: i64 = long 3, class: i64 = long 4,
        previous_owner: i64 = long 5, address: i64 = long 6,
    }
    /// `jdk.ThreadPark`; `duration` is in ticks.
    ThreadPark = ThreadPark {
        ticks: i64 = long 0, duration: i64 = long 1, thread: i64 = long 2, stack: i64 = long 3, class: i64 = long 4,
        timeout_ns: i64 = long 5, until_epoch_ms: i64 = long 6, address: i64 = long 7,
    }
    /// `jdk.CPULoad`.
    CpuLoad = CpuLoad {
        ticks: i64 = long 0, jvm_user: f32 = float 1, jvm_system: f32 = float 2, machine_total: f32 = float 3,
    }
    /// `jdk.GCHeapSummary`, sizes in bytes.
    GcHeapSummary<'a> = GcHeapSummary {
        ticks: i64 = long 0, gc_id: i64 = long 1, when: Option<Cow<'a, str>> = gc_when 2, start: i64 = long 3,
        committed_end: i64 = long 4, committed_size: i64 = long 5, reserved_end: i64 = long 6, reserved_size: i64 = long 7,
        heap_used: i64 = long 8,
    }
    /// `pyrite.Counters`.
    Counter<'a> = Counters { ticks: i64 = long 0, name: Cow<'a, str> = text 1, value: i64 = long 2 }
    /// `profiler.WallClockSample`; `time_span` is in ticks.
    WallClockSample = WallClockSample {
        ticks: i64 = long 0, thread: i64 = long 1, stack: i64 = long 2, state: SampleState = state 3,
        samples: i64 = long 4, time_span: i64 = long 5,
    }
    /// `jdk.ObjectAllocationSample`.
    ObjectAllocationSample = ObjectAllocationSample {
        ticks: i64 = long 0, thread: i64 = long 1, stack: i64 = long 2, class: i64 = long 3, weight: i64 = long 4,
    }
    /// `profiler.Malloc`.
    Malloc = Malloc {
        ticks: i64 = long 0, thread: i64 = long 1, stack: i64 = long 2, address: i64 = long 3, size: i64 = long 4,
    }
    /// `profiler.Free`.
    Free = Free { ticks: i64 = long 0, thread: i64 = long 1, stack: i64 = long 2, address: i64 = long 3 }
}

/// An event of a type that the schema does not know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Other<'a> {
    /// Type id in the recording.
    pub type_id: i64,
    /// Name of the type, if the chunk declares it.
    pub name: Option<&'a str>,
}

/// Bound values of one event, and the chunk that resolves them.
pub(super) struct Bound<'a> {
    chunk: &'a Chunk,
    context_at: usize,
    values: Values,
}

impl<'a> Bound<'a> {
    pub(super) fn new(chunk: &'a Chunk, event: EventType, values: Values) -> Self {
        Self { chunk, context_at: event.slots().len(), values }
    }

    fn value(&self, at: usize) -> Value {
        self.values.get(at).copied().unwrap_or(Value::Absent)
    }

    fn long(&self, at: usize) -> i64 {
        number(self.value(at))
    }

    fn float(&self, at: usize) -> f32 {
        match self.value(at) {
            Value::Float(value) => value,
            _ => 0.0,
        }
    }

    fn optional(&self, at: usize) -> Option<Cow<'a, str>> {
        match self.value(at) {
            Value::Text(Text::Pooled(key)) => self.chunk.pools().strings.get(&key).map(|text| Cow::Borrowed(&**text)),
            Value::Text(Text::Utf8 { at, length }) => {
                let bytes = self.chunk.bytes().get(at..at + length).unwrap_or_default();
                Some(String::from_utf8_lossy(bytes))
            }
            Value::Text(text) => decode(self.chunk.bytes(), text).map(Cow::Owned),
            _ => None,
        }
    }

    fn text(&self, at: usize) -> Cow<'a, str> {
        self.optional(at).unwrap_or_default()
    }

    fn state(&self, at: usize) -> SampleState {
        self.chunk.pools().states.get(&self.long(at)).copied().unwrap_or(SampleState::Unresolved)
    }

    fn gc_when(&self, at: usize) -> Option<Cow<'a, str>> {
        self.chunk.pools().gc_when.get(&self.long(at)).map(|text| Cow::Borrowed(&**text))
    }

    fn context(&self) -> Context {
        let [context_id, span_id, span_name] = [0, 1, 2].map(|at| self.long(self.context_at + at) as u64);
        Context { context_id, span_id, span_name }
    }
}
