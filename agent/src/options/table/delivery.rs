//! When and how profiles are sent.

use super::super::Options;
use super::super::spec::Group::Delivery;
use super::super::spec::Status::{NotYet, Works};
use super::super::spec::{Kind, OptionSpec};
use super::super::values::{self, Bounds};
use super::{HOUR, MS, SECOND, Set, keep, path, plain, word};

/// The server refuses what is older than an hour; half of it leaves room for retries.
const UPLOAD: Bounds = Bounds { min: 100 * MS, max: HOUR / 2 };

const TIMEOUT: Bounds = Bounds { min: 100 * MS, max: 300 * SECOND };

const SHUTDOWN: Bounds = Bounds { min: 0, max: 60 * SECOND };

/// One chunk may have 4 MiB, the server's limit.
const QUEUE_BYTES: Bounds = Bounds { min: 4 << 20, max: 1 << 30 };

const QUEUE_CHUNKS: Bounds = Bounds { min: 1, max: 100_000 };

const TRIES: Bounds = Bounds { min: 1, max: 1_000 };

pub(super) const ROWS: &[OptionSpec] = &[
    OptionSpec {
        key: "pyroscope.upload.interval",
        group: Delivery,
        kind: Kind::Duration,
        default: "10s",
        allowed: "a duration from 100ms to 30m, such as 10s; a bare number is nanoseconds",
        status: Works,
        set: |o, t| keep(&mut o.upload_interval_ns, values::duration_ns(t, UPLOAD)),
        doc: "Time between two uploads. Sampling goes on during each.",
    },
    OptionSpec {
        key: "pyroscope.profile.export.timeout",
        group: Delivery,
        kind: Kind::Duration,
        default: "10s",
        allowed: "a duration from 100ms to 5m, such as 10s; a bare number is nanoseconds",
        status: Works,
        set: |o, t| keep(&mut o.export_timeout_ns, values::duration_ns(t, TIMEOUT)),
        doc: "Time for one upload, from connecting to the answer.",
    },
    OptionSpec {
        key: "pyroscope.ingest.max.tries",
        group: Delivery,
        kind: Kind::Count,
        default: "8",
        allowed: "a whole number from 1 to 1000, or -1 for no limit",
        status: Works,
        set: set_tries,
        doc: "Times that a profile is sent before it is dropped. Failures to connect do not count: while the server is away, profiles wait until the \
              queue is full or they are an hour old.",
    },
    OptionSpec {
        key: "pyroscope.queue.bytes",
        group: Delivery,
        kind: Kind::Size,
        default: "16m",
        allowed: "a size from 4m to 1g, such as 16m",
        status: Works,
        set: |o, t| keep(&mut o.queue_bytes, values::size_bytes(t, QUEUE_BYTES)),
        doc: "Most memory for profiles that wait. When it is full the oldest goes, counted.",
    },
    OptionSpec {
        key: "pyroscope.push.queue.capacity",
        group: Delivery,
        kind: Kind::Count,
        default: "",
        allowed: "a whole number from 1 to 100000",
        status: Works,
        set: set_capacity,
        doc: "Most profiles that wait, as a second bound. pyroscope-java's default of 8 loses an outage of 80 s; here there is none, as the queue is bounded in \
              bytes.",
    },
    OptionSpec {
        key: "pyroscope.shutdown.timeout",
        group: Delivery,
        kind: Kind::Duration,
        default: "3s",
        allowed: "a duration up to 60s, such as 3s; 0 does not wait",
        status: Works,
        set: |o, t| keep(&mut o.shutdown_timeout_ns, values::duration_ns(t, SHUTDOWN)),
        doc: "How long the JVM's end may wait for the last upload. It never waits when nothing is left to send or the server is known to be away.",
    },
    OptionSpec {
        key: "pyroscope.export.compression.level.jfr",
        group: Delivery,
        kind: Kind::Word,
        default: "1",
        allowed: "0 to 9, -1, NO_COMPRESSION, BEST_SPEED, BEST_COMPRESSION or DEFAULT_COMPRESSION",
        status: Works,
        set: |o, t| plain(&mut o.compression_level_jfr, values::compression_level(t)),
        doc: "How hard the profile is compressed. 0 sends it as it is.",
    },
    OptionSpec {
        key: "pyroscope.export.compression.level.labels",
        group: Delivery,
        kind: Kind::Word,
        default: "1",
        allowed: "0 to 9, -1, NO_COMPRESSION, BEST_SPEED, BEST_COMPRESSION or DEFAULT_COMPRESSION",
        status: Works,
        set: |o, t| plain(&mut o.compression_level_labels, values::compression_level(t)),
        doc: "The same for the labels sent beside it.",
    },
    OptionSpec {
        key: "pyroscope.format",
        group: Delivery,
        kind: Kind::Word,
        default: "jfr",
        allowed: "jfr (otlp is not supported)",
        status: Works,
        set: |o, t| word(&mut o.format, t),
        doc: "The form in which profiles are sent.",
    },
    OptionSpec {
        key: "pyroscope.spool.dir",
        group: Delivery,
        kind: Kind::Path,
        default: "",
        allowed: "the path of a directory",
        status: NotYet,
        set: |o, t| path(&mut o.spool_dir, t),
        doc: "Keeps what is sampled in files there until it is delivered, so that it outlives the process.",
    },
    OptionSpec {
        key: "pyroscope.control.file",
        group: Delivery,
        kind: Kind::Path,
        default: "",
        allowed: "the path of a file",
        status: NotYet,
        set: |o, t| path(&mut o.control_file, t),
        doc: "A file that is watched for commands: pause, resume, change the interval.",
    },
];

fn set_tries(options: &mut Options, text: &str) -> Set {
    if text.trim().starts_with('-') && text.trim().parse::<i64>().is_ok() {
        options.ingest_max_tries = None;
        return Ok(None);
    }
    keep(&mut options.ingest_max_tries, values::count(text, TRIES).map(|(tries, note)| (Some(tries as u32), note)))
}

fn set_capacity(options: &mut Options, text: &str) -> Set {
    keep(
        &mut options.queue_capacity,
        values::count(text, QUEUE_CHUNKS).map(|(count, note)| (Some(count as usize), note)),
    )
}
