//! The event types, in the order in which our chunks hold them.

use super::{EventRow, EventType, Field, FieldType, Unit};

/// A field without a unit.
const fn plain(name: &'static str, kind: FieldType, doc: &'static str) -> Field {
    Field { name, kind, unit: Unit::None, doc }
}

/// A number with a unit.
const fn long(name: &'static str, unit: Unit, doc: &'static str) -> Field {
    Field { name, kind: FieldType::Long, unit, doc }
}

/// A share from 0 to 1.
const fn share(name: &'static str, doc: &'static str) -> Field {
    Field { name, kind: FieldType::Float, unit: Unit::Percentage, doc }
}

const START: Field = long("startTime", Unit::Ticks, "rounded down to 2^14 ns in our chunks");
const DURATION: Field = long("duration", Unit::TickSpan, "how long it took, exact");
const THREAD: Field = plain("eventThread", FieldType::Thread, "thread that caused it");
const SAMPLED: Field = plain("sampledThread", FieldType::Thread, "thread that was sampled");
const STACK: Field = plain("stackTrace", FieldType::StackTrace, "where");
const STATE: Field = plain("state", FieldType::ThreadState, "`STATE_DEFAULT` for CPU samples");
const OBJECT_CLASS: Field = plain("objectClass", FieldType::Class, "class of the object");
const SIZE: Field = long("allocationSize", Unit::Bytes, "size of the object");
const ADDRESS: Field = long("address", Unit::Address, "identity of the object");

const SYSTEM: &[&str] = &["Operating System"];
const JVM: &[&str] = &["Java Virtual Machine"];
const PROFILING: &[&str] = &["Java Virtual Machine", "Profiling"];
const MEMORY: &[&str] = &["Java Application", "Memory"];
const WAITING: &[&str] = &["Java Application", "Locks"];
const RECORDER: &[&str] = &["Flight Recorder"];

/// Every event type, one row each.
pub const EVENTS: &[EventRow] = &[
    EventRow {
        event: EventType::ActiveRecording,
        id: 107,
        name: "jdk.ActiveRecording",
        label: "Flight Recording",
        category: RECORDER,
        doc: "The recording that the chunk belongs to.",
        fields: &[
            START,
            plain("id", FieldType::Long, "number of the recording"),
            plain("name", FieldType::Text, "name of the recording"),
            plain("destination", FieldType::Text, "where it goes"),
            long("maxAge", Unit::Milliseconds, "longest time kept"),
            long("maxSize", Unit::Bytes, "most bytes kept"),
            long("recordingStart", Unit::EpochMilliseconds, "start of the recording"),
            long("recordingDuration", Unit::Milliseconds, "length of the recording"),
        ],
        context: false,
        written: true,
    },
    EventRow {
        event: EventType::ActiveSetting,
        id: 108,
        name: "jdk.ActiveSetting",
        label: "Recording Setting",
        category: RECORDER,
        doc: "One setting in force. Readers take the sampled event and its interval from `event`, `interval` and `wall`.",
        fields: &[
            START,
            plain("id", FieldType::Long, "type id of the event that the setting is for"),
            plain("name", FieldType::Text, "name of the setting"),
            plain("value", FieldType::Text, "value of the setting"),
        ],
        context: false,
        written: true,
    },
    EventRow {
        event: EventType::OsInformation,
        id: 109,
        name: "jdk.OSInformation",
        label: "OS Information",
        category: SYSTEM,
        doc: "The operating system.",
        fields: &[START, plain("osVersion", FieldType::Text, "kernel and distribution")],
        context: false,
        written: true,
    },
    EventRow {
        event: EventType::CpuInformation,
        id: 110,
        name: "jdk.CPUInformation",
        label: "CPU Information",
        category: SYSTEM,
        doc: "The processors.",
        fields: &[
            START,
            plain("cpu", FieldType::Text, "model"),
            plain("description", FieldType::Text, "features"),
            plain("sockets", FieldType::Int, "number of sockets"),
            plain("cores", FieldType::Int, "number of cores"),
            plain("hwThreads", FieldType::Int, "number of hardware threads"),
        ],
        context: false,
        written: true,
    },
    EventRow {
        event: EventType::JvmInformation,
        id: 111,
        name: "jdk.JVMInformation",
        label: "JVM Information",
        category: JVM,
        doc: "The JVM and how it was started. `pid` stays last: JDK Mission Control drops the last column otherwise.",
        fields: &[
            START,
            plain("jvmName", FieldType::Text, "name of the JVM"),
            plain("jvmVersion", FieldType::Text, "version of the JVM"),
            plain("jvmArguments", FieldType::Text, "options of the command line"),
            plain("jvmFlags", FieldType::Text, "options from files"),
            plain("javaArguments", FieldType::Text, "main class and its arguments"),
            long("jvmStartTime", Unit::EpochMilliseconds, "start of the process"),
            plain("pid", FieldType::Long, "process id"),
        ],
        context: false,
        written: true,
    },
    EventRow {
        event: EventType::InitialSystemProperty,
        id: 112,
        name: "jdk.InitialSystemProperty",
        label: "Initial System Property",
        category: JVM,
        doc: "One system property as the JVM started.",
        fields: &[
            START,
            plain("key", FieldType::Text, "name of the property"),
            plain("value", FieldType::Text, "value of the property"),
        ],
        context: false,
        written: true,
    },
    EventRow {
        event: EventType::ExecutionSample,
        id: 101,
        name: "jdk.ExecutionSample",
        label: "Method Profiling Sample",
        category: PROFILING,
        doc: "One interval of CPU time. Servers count events, so a sample of several intervals is several events.",
        fields: &[START, SAMPLED, STACK, STATE],
        context: true,
        written: true,
    },
    EventRow {
        event: EventType::ObjectAllocationInNewTlab,
        id: 102,
        name: "jdk.ObjectAllocationInNewTLAB",
        label: "Allocation in new TLAB",
        category: MEMORY,
        doc: "One sampled allocation.",
        fields: &[
            START,
            THREAD,
            STACK,
            OBJECT_CLASS,
            SIZE,
            long("tlabSize", Unit::Bytes, "bytes that the sample stands for; servers sum this field"),
        ],
        context: true,
        written: true,
    },
    EventRow {
        event: EventType::ObjectAllocationOutsideTlab,
        id: 103,
        name: "jdk.ObjectAllocationOutsideTLAB",
        label: "Allocation outside TLAB",
        category: MEMORY,
        doc: "One allocation too large for a thread's buffer.",
        fields: &[START, THREAD, STACK, OBJECT_CLASS, SIZE],
        context: true,
        written: true,
    },
    EventRow {
        event: EventType::LiveObject,
        id: 118,
        name: "profiler.LiveObject",
        label: "Live Object",
        category: MEMORY,
        doc: "One sampled object that was still reachable at the end of the interval.",
        fields: &[
            START,
            THREAD,
            STACK,
            OBJECT_CLASS,
            SIZE,
            long("allocationTime", Unit::Ticks, "when it was allocated"),
        ],
        context: false,
        written: true,
    },
    EventRow {
        event: EventType::JavaMonitorEnter,
        id: 104,
        name: "jdk.JavaMonitorEnter",
        label: "Java Monitor Blocked",
        category: WAITING,
        doc: "One wait for a monitor that another thread held.",
        fields: &[
            START,
            DURATION,
            THREAD,
            STACK,
            plain("monitorClass", FieldType::Class, "class of the monitor"),
            plain("previousOwner", FieldType::Thread, "thread that held it, null when unknown"),
            ADDRESS,
        ],
        context: true,
        written: true,
    },
    EventRow {
        event: EventType::ThreadPark,
        id: 105,
        name: "jdk.ThreadPark",
        label: "Java Thread Park",
        category: WAITING,
        doc: "One wait in `java.util.concurrent`.",
        fields: &[
            START,
            DURATION,
            THREAD,
            STACK,
            plain("parkedClass", FieldType::Class, "class of the object waited for"),
            long("timeout", Unit::Nanoseconds, "longest wait asked for, 0 for none"),
            long("until", Unit::EpochMilliseconds, "deadline asked for, 0 for none"),
            ADDRESS,
        ],
        context: false,
        written: true,
    },
    EventRow {
        event: EventType::CpuLoad,
        id: 106,
        name: "jdk.CPULoad",
        label: "CPU Load",
        category: SYSTEM,
        doc: "How busy the processors were since the event before.",
        fields: &[
            START,
            share("jvmUser", "the JVM's own code"),
            share("jvmSystem", "the kernel on behalf of the JVM"),
            share("machineTotal", "everything on the machine"),
        ],
        context: false,
        written: true,
    },
    EventRow {
        event: EventType::GcHeapSummary,
        id: 114,
        name: "jdk.GCHeapSummary",
        label: "Heap Summary",
        category: JVM,
        doc: "The heap around a garbage collection.",
        fields: &[
            START,
            plain("gcId", FieldType::Int, "number of the collection"),
            plain("when", FieldType::GcWhen, "before or after it"),
            plain("heapSpace", FieldType::VirtualSpace, "extent of the heap"),
            long("heapUsed", Unit::Bytes, "bytes in use"),
        ],
        context: false,
        written: true,
    },
    EventRow {
        event: EventType::Counters,
        id: 140,
        name: "pyrite.Counters",
        label: "Profiler Counter",
        category: &["Pyrite"],
        doc: "What the profiler counted about itself in the interval: samples, drops by reason, its own cost.",
        fields: &[
            START,
            plain("name", FieldType::Text, "name of the counter"),
            plain("value", FieldType::Long, "value for this chunk"),
        ],
        context: false,
        written: true,
    },
    EventRow {
        event: EventType::WallClockSample,
        id: 119,
        name: "profiler.WallClockSample",
        label: "Wall Clock Sample",
        category: PROFILING,
        doc: "Intervals of wall-clock time of one thread in one place.",
        fields: &[
            START,
            SAMPLED,
            STACK,
            plain("state", FieldType::ThreadState, "`STATE_RUNNABLE` or `STATE_SLEEPING`"),
            plain("samples", FieldType::Int, "number of intervals"),
            long("timeSpan", Unit::TickSpan, "time from the first to the last of them"),
        ],
        context: true,
        written: true,
    },
    EventRow {
        event: EventType::ObjectAllocationSample,
        id: 141,
        name: "jdk.ObjectAllocationSample",
        label: "Object Allocation Sample",
        category: MEMORY,
        doc: "One sampled allocation, as the JDK's own recorder writes it.",
        fields: &[START, THREAD, STACK, OBJECT_CLASS, long("weight", Unit::Bytes, "bytes that the sample stands for")],
        context: false,
        written: false,
    },
    EventRow {
        event: EventType::Malloc,
        id: 120,
        name: "profiler.Malloc",
        label: "Malloc",
        category: MEMORY,
        doc: "One sampled native allocation.",
        fields: &[START, THREAD, STACK, ADDRESS, long("size", Unit::Bytes, "size of the block")],
        context: false,
        written: false,
    },
    EventRow {
        event: EventType::Free,
        id: 121,
        name: "profiler.Free",
        label: "Free",
        category: MEMORY,
        doc: "One native block given back.",
        fields: &[START, THREAD, STACK, ADDRESS],
        context: false,
        written: false,
    },
];
