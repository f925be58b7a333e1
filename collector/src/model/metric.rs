//! `METRICS`: which series the events of a recording become.

use super::ProfileType;

/// A kind of profile: one JFR event type (or two) and one or two values per sample.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Metric {
    /// The value of `__name__`.
    pub name: &'static str,
    /// Period type and unit, empty where Pyroscope has none.
    pub period: (&'static str, &'static str),
    /// Sample type and unit of each value.
    pub values: &'static [(&'static str, &'static str)],
}

/// The rows of [`METRICS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) enum MetricId {
    Cpu,
    Wall,
    AllocInNewTlab,
    AllocOutsideTlab,
    AllocSample,
    Live,
    Malloc,
    Mutex,
    Block,
}

/// What grafana/jfr-parser (pprof package, 0.18) makes of the events of async-profiler and the JDK.
pub(crate) const METRICS: &[(MetricId, Metric)] = &[
    (MetricId::Cpu, metric("process_cpu", ("cpu", "nanoseconds"), &[("cpu", "nanoseconds")])),
    (MetricId::Wall, metric("wall", ("wall", "nanoseconds"), &[("wall", "nanoseconds")])),
    (
        MetricId::AllocInNewTlab,
        metric("memory", SPACE, &[("alloc_in_new_tlab_objects", "count"), ("alloc_in_new_tlab_bytes", "bytes")]),
    ),
    (
        MetricId::AllocOutsideTlab,
        metric("memory", SPACE, &[("alloc_outside_tlab_objects", "count"), ("alloc_outside_tlab_bytes", "bytes")]),
    ),
    (
        MetricId::AllocSample,
        metric("memory", SPACE, &[("alloc_sample_objects", "count"), ("alloc_sample_bytes", "bytes")]),
    ),
    (MetricId::Live, metric("memory", ("objects", "count"), &[("live", "count")])),
    (MetricId::Malloc, metric("memory", ("", ""), &[("malloc_objects", "count"), ("malloc_bytes", "bytes")])),
    (MetricId::Mutex, metric("mutex", ("mutex", "count"), WAITS)),
    (MetricId::Block, metric("block", ("block", "count"), WAITS)),
];

const SPACE: (&str, &str) = ("space", "bytes");
const WAITS: &[(&str, &str)] = &[("contentions", "count"), ("delay", "nanoseconds")];

const fn metric(
    name: &'static str,
    period: (&'static str, &'static str),
    values: &'static [(&'static str, &'static str)],
) -> Metric {
    Metric { name, period, values }
}

impl MetricId {
    pub fn metric(self) -> &'static Metric {
        &METRICS[self as usize].1
    }
}

impl Metric {
    /// The profile type of value `index`.
    pub fn profile_type(&self, index: usize) -> ProfileType {
        let (sample_type, sample_unit) = self.values[index];
        ProfileType {
            name: self.name.to_owned(),
            sample_type: sample_type.to_owned(),
            sample_unit: sample_unit.to_owned(),
            period_type: self.period.0.to_owned(),
            period_unit: self.period.1.to_owned(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_in_the_order_of_its_ids() {
        for (row, (id, metric)) in METRICS.iter().enumerate() {
            assert_eq!(*id as usize, row);
            assert!((1..=2).contains(&metric.values.len()));
        }
    }

    #[test]
    fn profile_types_are_those_of_pyroscope() {
        let live = MetricId::Live.metric().profile_type(0).to_string();
        assert_eq!(live, "memory:live:count:objects:count");
        let malloc = MetricId::Malloc.metric().profile_type(1).to_string();
        assert_eq!(malloc, "memory:malloc_bytes:bytes::");
    }
}
