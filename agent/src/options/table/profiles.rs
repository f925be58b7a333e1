//! What is sampled and how often.

use super::super::Options;
use super::super::spec::Group::Profiles;
use super::super::spec::Status::{NotYet, Works};
use super::super::spec::{Kind, OptionSpec};
use super::super::values::{self, Bounds};
use super::{HOUR, MS, SECOND, Set, keep, word};

/// Below 100 us signals arrive faster than long system calls finish, and `clone` never returns (async-profiler issue 97). Above a
/// second the server's integer sample rate would be zero.
const INTERVAL: Bounds = Bounds { min: MS / 10, max: SECOND };

/// Each look at a thread costs about the same, so a millisecond with a thousand threads already fills a processor.
const WALL: Bounds = Bounds { min: MS, max: SECOND };

const LOCK: Bounds = Bounds { min: 0, max: HOUR };

/// Smaller intervals cost more than they show: each sample is a stack walk.
const ALLOC: Bounds = Bounds { min: 16 << 10, max: 1 << 40 };

/// The largest value of pyroscope-java. A server shows 1,000 frames, so no more than that are walked.
const DEPTH: Bounds = Bounds { min: 1, max: 2_048 };

const RATE: Bounds = Bounds { min: 1, max: 1_000_000 };

pub(super) const ROWS: &[OptionSpec] = &[
    OptionSpec {
        key: "pyroscope.profiler.event",
        group: Profiles,
        kind: Kind::Word,
        default: "ctimer",
        allowed: "itimer, ctimer, cpu, wall, alloc or lock",
        status: Works,
        set: |o, t| word(&mut o.event, t),
        doc: "The engine for CPU time. `itimer` is one timer for the process (the default of pyroscope-java, biased with many threads), \
              `ctimer` one per thread. docs/engines.md compares them.",
    },
    OptionSpec {
        key: "pyroscope.profiling.interval",
        group: Profiles,
        kind: Kind::Duration,
        default: "10ms",
        allowed: "a duration from 100us to 1s, such as 10ms; a bare number is nanoseconds",
        status: Works,
        set: |o, t| keep(&mut o.interval_ns, values::duration_ns(t, INTERVAL)),
        doc: "CPU time between two samples of a thread. The one in use is the nearest that is a whole number of samples a second, because the server scales \
              by that number.",
    },
    OptionSpec {
        key: "pyroscope.profiler.wall",
        group: Profiles,
        kind: Kind::Duration,
        default: "50ms",
        allowed: "a duration from 1ms to 1s, such as 50ms, or off",
        status: NotYet,
        set: |o, t| keep(&mut o.wall_interval_ns, values::duration_or_off(t, WALL)),
        doc: "Wall clock time between two samples of a thread, beside any CPU engine.",
    },
    OptionSpec {
        key: "pyroscope.profiler.alloc",
        group: Profiles,
        kind: Kind::Size,
        default: "off",
        allowed: "a size of at least 16k, such as 512k, or off",
        status: NotYet,
        set: set_alloc,
        doc: "Allocated bytes between two samples. `0` means 512k.",
    },
    OptionSpec {
        key: "pyroscope.profiler.alloc.max.rate",
        group: Profiles,
        kind: Kind::Count,
        default: "400",
        allowed: "a whole number from 1 to 1000000",
        status: NotYet,
        set: |o, t| keep(&mut o.alloc_max_rate_hz, values::count(t, RATE)),
        doc: "Most allocation samples taken a second. Above it samples are thinned at random and weigh more, so totals stay right.",
    },
    OptionSpec {
        key: "pyroscope.alloc.live",
        group: Profiles,
        kind: Kind::Flag,
        default: "false",
        allowed: "true or false",
        status: NotYet,
        set: |o, t| word(&mut o.alloc_live, t),
        doc: "Also shows sampled objects that are still alive. Needs `pyroscope.profiler.alloc`.",
    },
    OptionSpec {
        key: "pyroscope.profiler.lock",
        group: Profiles,
        kind: Kind::Duration,
        default: "off",
        allowed: "a duration, such as 10ms, or off",
        status: NotYet,
        set: set_lock,
        doc: "Shortest wait for a lock that is always recorded; shorter ones are sampled in proportion. `0` records every wait.",
    },
    OptionSpec {
        key: "pyroscope.lock.juc",
        group: Profiles,
        kind: Kind::Word,
        default: "block",
        allowed: "block or mutex",
        status: NotYet,
        set: |o, t| word(&mut o.lock_juc, t),
        doc: "The profile that waits for `java.util.concurrent` locks are filed under: `block` as pyroscope-java does, or `mutex` beside the monitors.",
    },
    OptionSpec {
        key: "pyroscope.thread.names",
        group: Profiles,
        kind: Kind::Word,
        default: "off",
        allowed: "off, frame or label",
        status: NotYet,
        set: |o, t| word(&mut o.thread_names, t),
        doc: "Shows Java thread names, numbers folded (`http-nio-8080-exec-#`), as root frame or as label. Threads of the JVM itself always have theirs.",
    },
    OptionSpec {
        key: "pyroscope.java.stack.depth.max",
        group: Profiles,
        kind: Kind::Count,
        default: "2048",
        allowed: "a whole number from 1 to 2048",
        status: Works,
        set: |o, t| keep(&mut o.stack_depth_max, values::count(t, DEPTH).map(|(depth, note)| (depth as u32, note))),
        doc: "Most frames of a stack trace. The server shows 1,000; the leaf side is kept and the cut is marked.",
    },
];

fn set_alloc(options: &mut Options, text: &str) -> Set {
    const DEFAULT: u64 = 512 << 10;
    if values::is_off(text) {
        options.alloc_interval_bytes = None;
        return Ok(None);
    }
    if matches!(values::size_bytes(text, Bounds { min: 0, max: 0 }), Ok((0, None))) {
        options.alloc_interval_bytes = Some(DEFAULT);
        return Ok(Some("every allocation would cost too much; using 512k".to_owned()));
    }
    let (bytes, note) = values::size_bytes(text, Bounds { min: 1, ..ALLOC })?;
    options.alloc_interval_bytes = Some(bytes.max(ALLOC.min));
    let raised = || format!("the minimum is {}; using that", values::show_size(ALLOC.min));
    Ok(note.or_else(|| (bytes < ALLOC.min).then(raised)))
}

fn set_lock(options: &mut Options, text: &str) -> Set {
    let note = keep(&mut options.lock_threshold_ns, values::duration_or_off(text, LOCK))?;
    let every = options.lock_threshold_ns == Some(0);
    Ok(note.or_else(|| every.then(|| "every wait is recorded, which can be costly; 10ms is a good start".to_owned())))
}
