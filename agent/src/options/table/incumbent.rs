//! Options of pyroscope-java that have no meaning here.

use super::super::Options;
use super::super::spec::Group::Incumbent;
use super::super::spec::Status::ByDesign;
use super::super::spec::{Kind, OptionSpec};
use super::super::values::{self, Bounds, Invalid};
use super::Set;

const SAMPLING: &str = "profiling is continuous; a longer pyroscope.profiling.interval lowers its cost";

pub(super) const ROWS: &[OptionSpec] = &[
    OptionSpec {
        key: "pyroscope.gc.before.dump",
        group: Incumbent,
        kind: Kind::Flag,
        default: "false",
        allowed: "true or false",
        status: ByDesign("the agent never forces a collection in your application"),
        set: flag_without_effect,
        doc: "Forced a garbage collection before each upload.",
    },
    OptionSpec {
        key: "pyroscope.tmp.dir",
        group: Incumbent,
        kind: Kind::Path,
        default: "",
        allowed: "a path",
        status: ByDesign("the agent writes no temporary files"),
        set: |_, _| Ok(None),
        doc: "The directory for temporary files.",
    },
    OptionSpec {
        key: "pyroscope.profiler.type",
        group: Incumbent,
        kind: Kind::Word,
        default: "ASYNC",
        allowed: "ASYNC or JFR",
        status: ByDesign("there is one profiler here, and it needs neither async-profiler nor the JVM's recorder"),
        set: |_, t| {
            if ["async", "jfr"].iter().any(|name| t.eq_ignore_ascii_case(name)) { Ok(None) } else { Err(Invalid) }
        },
        doc: "The choice between async-profiler and the JVM's own recorder.",
    },
    OptionSpec {
        key: "pyroscope.jfr.profiler.settings",
        group: Incumbent,
        kind: Kind::Path,
        default: "",
        allowed: "a path",
        status: ByDesign("the JVM's own recorder is not used"),
        set: |_, _| Ok(None),
        doc: "A settings file for the JVM's recorder (read and ignored by pyroscope-java 2.9.2 too).",
    },
    OptionSpec {
        key: "pyroscope.ap.log.level",
        group: Incumbent,
        kind: Kind::Text,
        default: "",
        allowed: "any text",
        status: ByDesign("async-profiler is not used; pyroscope.log.level sets the agent's own level"),
        set: |_, _| Ok(None),
        doc: "The log level of async-profiler.",
    },
    OptionSpec {
        key: "pyroscope.ap.extra.arguments",
        group: Incumbent,
        kind: Kind::Text,
        default: "",
        allowed: "any text",
        status: ByDesign("async-profiler is not used; for wall clock beside CPU see pyroscope.profiler.wall"),
        set: |_, _| Ok(None),
        doc: "More arguments for async-profiler.",
    },
    OptionSpec {
        key: "pyroscope.sampling.rate",
        group: Incumbent,
        kind: Kind::Text,
        default: "",
        allowed: "a number between 0 and 1",
        status: ByDesign(SAMPLING),
        set: |_, t| {
            t.parse::<f64>().map_or(Err(Invalid), |rate| if rate.is_finite() { Ok(None) } else { Err(Invalid) })
        },
        doc: "The share of time that is profiled.",
    },
    OptionSpec {
        key: "pyroscope.sampling.duration",
        group: Incumbent,
        kind: Kind::Duration,
        default: "",
        allowed: "a duration, such as 2s",
        status: ByDesign(SAMPLING),
        set: |_, t| values::duration_ns(t, Bounds { min: 1, max: u64::MAX }).map(|_| None),
        doc: "The part of each upload interval that is profiled.",
    },
    OptionSpec {
        key: "pyroscope.sampling.event.order",
        group: Incumbent,
        kind: Kind::Text,
        default: "",
        allowed: "event names with commas between them",
        status: ByDesign("all profiles are taken at the same time"),
        set: |_, _| Ok(None),
        doc: "The order in which events take turns.",
    },
];

fn flag_without_effect(_: &mut Options, text: &str) -> Set {
    values::choice::<bool>(text).map(|_| None)
}
