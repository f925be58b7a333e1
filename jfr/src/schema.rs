//! Every event and type once: metadata, encodings, reader bindings and `docs/events.md` come from these tables.

mod events;
mod markdown;
mod types;

use std::sync::OnceLock;

pub use events::EVENTS;
pub use markdown::markdown;
pub use types::{ANNOTATIONS, TYPES};

/// An event type that we write or that the reader binds; the order is the order inside our chunks.
///
/// Settings come first because Pyroscope's parser honours a setting only from where it stands, and wall-clock samples last
/// because it carries their `samples` over to the events that follow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "each variant is described by its row of EVENTS")]
pub enum EventType {
    ActiveRecording,
    ActiveSetting,
    OsInformation,
    CpuInformation,
    JvmInformation,
    InitialSystemProperty,
    ExecutionSample,
    ObjectAllocationInNewTlab,
    ObjectAllocationOutsideTlab,
    LiveObject,
    JavaMonitorEnter,
    ThreadPark,
    CpuLoad,
    GcHeapSummary,
    Counters,
    WallClockSample,
    ObjectAllocationSample,
    Malloc,
    Free,
}

impl EventType {
    /// The row that describes this type.
    #[must_use]
    pub fn row(self) -> &'static EventRow {
        &EVENTS[self as usize]
    }

    /// The type of the given name, such as `jdk.ExecutionSample`.
    #[must_use]
    pub fn by_name(name: &str) -> Option<Self> {
        EVENTS.iter().find(|row| row.name == name).map(|row| row.event)
    }

    /// The values of one event in file order, structures flattened.
    pub(crate) fn slots(self) -> &'static [Slot] {
        static SLOTS: OnceLock<Vec<Vec<Slot>>> = OnceLock::new();
        let all = SLOTS.get_or_init(|| EVENTS.iter().map(|row| flatten(row.fields)).collect());
        &all[self as usize]
    }
}

/// One event type.
#[derive(Debug)]
pub struct EventRow {
    /// The variant that stands for it.
    pub event: EventType,
    /// Type id in our metadata; other writers choose others, so readers bind by name.
    pub id: u16,
    /// Name in the file.
    pub name: &'static str,
    /// Name for people, shown by JDK Mission Control.
    pub label: &'static str,
    /// Path in the event tree of JDK Mission Control.
    pub category: &'static [&'static str],
    /// What one event means and when it is written.
    pub doc: &'static str,
    /// Fields in file order; the first is always `startTime`, and `duration` is second where there is one.
    pub fields: &'static [Field],
    /// Whether the context fields follow when a chunk carries labels or spans.
    pub context: bool,
    /// Whether our chunks declare it; the others are only read.
    pub written: bool,
}

/// A type that fields refer to.
#[derive(Debug)]
pub struct TypeRow {
    /// Type id in our metadata.
    pub id: u16,
    /// Name in the file.
    pub name: &'static str,
    /// How values of it are stored.
    pub kind: TypeKind,
    /// Fields in file order, which is binding: jfrconv and JDK Mission Control read these by position.
    pub fields: &'static [Field],
}

/// How values of a type are stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeKind {
    /// Encoded in place without fields.
    Primitive,
    /// In a constant pool, marked `simpleType`: readers show its one field in its place.
    Simple,
    /// In a constant pool.
    Pooled,
    /// Its fields stand in place of the value.
    Inline,
}

/// An annotation type.
#[derive(Debug)]
pub struct AnnotationRow {
    /// Type id in our metadata.
    pub id: u16,
    /// Name in the file.
    pub name: &'static str,
    /// Its `value` field, if it has one.
    pub value: Option<FieldType>,
    /// Whether it says what a number means; `jfr print` then shows units.
    pub content_type: bool,
}

/// One field of an event or type.
#[derive(Debug)]
pub struct Field {
    /// Name in the file.
    pub name: &'static str,
    /// Type of its values.
    pub kind: FieldType,
    /// What its numbers count.
    pub unit: Unit,
    /// What it holds, for `docs/events.md`.
    pub doc: &'static str,
}

/// The type of a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "each variant names a row of TYPES")]
pub enum FieldType {
    Boolean,
    Int,
    Long,
    Float,
    Text,
    Texts,
    Thread,
    StackTrace,
    Class,
    ClassLoader,
    Package,
    Method,
    Symbol,
    ThreadState,
    FrameType,
    GcWhen,
    VirtualSpace,
    Frames,
}

impl FieldType {
    /// Name of the type in the file.
    #[must_use]
    pub fn type_name(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::Int => "int",
            Self::Long => "long",
            Self::Float => "float",
            Self::Text | Self::Texts => "java.lang.String",
            Self::Thread => "java.lang.Thread",
            Self::StackTrace => "jdk.types.StackTrace",
            Self::Class => "java.lang.Class",
            Self::ClassLoader => "jdk.types.ClassLoader",
            Self::Package => "jdk.types.Package",
            Self::Method => "jdk.types.Method",
            Self::Symbol => "jdk.types.Symbol",
            Self::ThreadState => "jdk.types.ThreadState",
            Self::FrameType => "jdk.types.FrameType",
            Self::GcWhen => "jdk.types.GCWhen",
            Self::VirtualSpace => "jdk.types.VirtualSpace",
            Self::Frames => "jdk.types.StackFrame",
        }
    }

    /// The row of [`TYPES`] for this type.
    pub(crate) fn row(self) -> &'static TypeRow {
        let name = self.type_name();
        // A test holds every name against the table; the first row only stands in for a row that cannot be missing.
        TYPES.iter().find(|row| row.name == name).unwrap_or(&TYPES[0])
    }

    /// Whether values are references into a constant pool.
    #[must_use]
    pub fn is_pooled(self) -> bool {
        matches!(self.row().kind, TypeKind::Simple | TypeKind::Pooled)
    }

    /// Whether values are ids that a chunk's own numbering gives.
    pub(crate) fn is_reference(self) -> bool {
        matches!(self, Self::Thread | Self::StackTrace | Self::Class)
    }

    /// Whether a field holds a list of values.
    #[must_use]
    pub fn is_array(self) -> bool {
        matches!(self, Self::Texts | Self::Frames)
    }
}

/// What the numbers of a field count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Nothing: text, references, plain counts.
    None,
    /// A point in time on the chunk's clock, in ticks (ours: nanoseconds).
    Ticks,
    /// A length of time in ticks (ours: nanoseconds).
    TickSpan,
    /// A length of time in nanoseconds.
    Nanoseconds,
    /// A length of time in milliseconds.
    Milliseconds,
    /// A point in time in milliseconds since 1970.
    EpochMilliseconds,
    /// Bytes.
    Bytes,
    /// A memory address.
    Address,
    /// A share from 0 to 1.
    Percentage,
}

impl Unit {
    /// The annotation that says so in the metadata: its name and value.
    #[must_use]
    pub fn annotation(self) -> Option<(&'static str, Option<&'static str>)> {
        match self {
            Self::None => None,
            Self::Ticks => Some(("jdk.jfr.Timestamp", Some("TICKS"))),
            Self::TickSpan => Some(("jdk.jfr.Timespan", Some("TICKS"))),
            Self::Nanoseconds => Some(("jdk.jfr.Timespan", Some("NANOSECONDS"))),
            Self::Milliseconds => Some(("jdk.jfr.Timespan", Some("MILLISECONDS"))),
            Self::EpochMilliseconds => Some(("jdk.jfr.Timestamp", Some("MILLISECONDS_SINCE_EPOCH"))),
            Self::Bytes => Some(("jdk.jfr.DataAmount", Some("BYTES"))),
            Self::Address => Some(("jdk.jfr.MemoryAddress", None)),
            Self::Percentage => Some(("jdk.jfr.Percentage", None)),
        }
    }
}

/// Context fields, as written after the fields of the five types that Pyroscope binds them on.
///
/// jfrconv reads events by position and would take these for a new event. `tailLen` and `tailType` make them look like one
/// of an unknown type, which it skips.
pub const CONTEXT_FIELDS: &[Field] = &[
    Field { name: "tailLen", kind: FieldType::Int, unit: Unit::None, doc: "bytes from here to the end of the event" },
    Field { name: "tailType", kind: FieldType::Int, unit: Unit::None, doc: "always 0" },
    Field {
        name: "contextId",
        kind: FieldType::Long,
        unit: Unit::None,
        doc: "label set in the upload's `labels` part, 0 for none",
    },
    Field { name: "spanId", kind: FieldType::Long, unit: Unit::None, doc: "trace span, 0 for none" },
    Field {
        name: "spanName",
        kind: FieldType::Long,
        unit: Unit::None,
        doc: "string id in the upload's `labels` part, 0 for none",
    },
];

/// How a stack frame was running; the discriminant is the pool key that jfrconv expects.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[allow(missing_docs, reason = "the names say it, and FRAME_TYPES has the descriptions")]
pub enum FrameType {
    Interpreted = 0,
    JitCompiled = 1,
    Inlined = 2,
    Native = 3,
    Cpp = 4,
    Kernel = 5,
    C1Compiled = 6,
}

/// Frame types with their description in the file. All are always written: jfrconv takes 3 for C code only if 5 exists.
pub const FRAME_TYPES: &[(FrameType, &str)] = &[
    (FrameType::Interpreted, "Interpreted"),
    (FrameType::JitCompiled, "JIT compiled"),
    (FrameType::Inlined, "Inlined"),
    (FrameType::Native, "Native"),
    (FrameType::Cpp, "C++"),
    (FrameType::Kernel, "Kernel"),
    (FrameType::C1Compiled, "C1 compiled"),
];

/// What a thread was doing when it was sampled; the discriminant is the pool key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ThreadState {
    /// On a CPU: what CPU samples carry.
    Default = 0,
    /// Runnable at a wall-clock sample.
    Runnable = 1,
    /// Waiting at a wall-clock sample.
    Sleeping = 2,
}

/// Thread states with their name in the file.
pub const THREAD_STATES: &[(ThreadState, &str)] = &[
    (ThreadState::Default, "STATE_DEFAULT"),
    (ThreadState::Runnable, "STATE_RUNNABLE"),
    (ThreadState::Sleeping, "STATE_SLEEPING"),
];

/// Values of `jdk.types.GCWhen` by key.
pub const GC_WHEN: &[&str] = &["Before GC", "After GC"];

/// One value of an event, with the path of its field (`heapSpace.start`).
#[derive(Debug)]
pub(crate) struct Slot {
    pub(crate) path: String,
    pub(crate) kind: FieldType,
    pub(crate) unit: Unit,
}

/// The values of `fields`, structures replaced by their fields.
pub(crate) fn flatten(fields: &'static [Field]) -> Vec<Slot> {
    let mut slots = Vec::new();
    for field in fields {
        let row = field.kind.row();
        if row.kind == TypeKind::Inline && !field.kind.is_array() {
            let inner = flatten(row.fields).into_iter();
            slots.extend(inner.map(|slot| Slot { path: format!("{}.{}", field.name, slot.path), ..slot }));
        } else {
            slots.push(Slot { path: field.name.to_owned(), kind: field.kind, unit: field.unit });
        }
    }
    slots
}

#[cfg(test)]
mod tests;
