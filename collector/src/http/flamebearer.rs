//! The JSON of `/pyroscope/render`: a flame graph with what is needed to show it.

use crate::model::ProfileType;
use crate::query::{FlameGraph, Timeline};
use serde::Serialize;
use std::collections::BTreeMap;

/// The `flamebearer` document; fields that we never fill are there because Pyroscope writes them.
#[derive(Debug, Serialize)]
pub(super) struct Flamebearer {
    version: u32,
    flamebearer: Graph,
    metadata: Metadata,
    timeline: Option<TimelineJson>,
    groups: Option<BTreeMap<String, TimelineJson>>,
    heatmap: Option<()>,
    #[serde(rename = "leftTicks", skip_serializing_if = "is_zero")]
    left_ticks: i64,
    #[serde(rename = "rightTicks", skip_serializing_if = "is_zero")]
    right_ticks: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Graph {
    names: Vec<String>,
    levels: Vec<Vec<i64>>,
    num_ticks: i64,
    max_self: i64,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    format: &'static str,
    spy_name: &'static str,
    sample_rate: u32,
    units: String,
    name: String,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct TimelineJson {
    start_time: i64,
    samples: Vec<u64>,
    duration_delta: i64,
    watermarks: Option<()>,
}

impl Flamebearer {
    pub fn single(
        graph: FlameGraph,
        profile_type: &ProfileType,
        timeline: Timeline,
        groups: Option<BTreeMap<String, Timeline>>,
    ) -> Self {
        let groups = groups.map(|groups| groups.into_iter().map(|(name, line)| (name, line.into())).collect());
        let mut document = Self::new(graph, profile_type, "single");
        document.timeline = Some(timeline.into());
        document.groups = groups;
        document
    }

    pub fn double(graph: FlameGraph, profile_type: &ProfileType) -> Self {
        let [left, right] = graph.totals;
        let mut document = Self::new(graph, profile_type, "double");
        document.flamebearer.num_ticks = left.saturating_add(right);
        (document.left_ticks, document.right_ticks) = (left, right);
        document
    }

    fn new(graph: FlameGraph, profile_type: &ProfileType, format: &'static str) -> Self {
        let (units, sample_rate) = units(profile_type);
        let name = profile_type.sample_type.clone();
        Flamebearer {
            version: 1,
            flamebearer: Graph {
                num_ticks: graph.totals[0],
                max_self: graph.max_own,
                names: graph.names,
                levels: graph.levels,
            },
            metadata: Metadata { format, spy_name: "", sample_rate, units, name },
            timeline: None,
            groups: None,
            heatmap: None,
            left_ticks: 0,
            right_ticks: 0,
        }
    }
}

impl From<Timeline> for TimelineJson {
    fn from(line: Timeline) -> Self {
        TimelineJson { start_time: line.start_s, samples: line.samples, duration_delta: line.step_s, watermarks: None }
    }
}

/// CPU time is said to be samples at 1 GHz, which a viewer shows as time; other values carry their own unit.
fn units(profile_type: &ProfileType) -> (String, u32) {
    match &*profile_type.sample_type {
        "cpu" => ("samples".to_owned(), 1_000_000_000),
        "inuse_objects" | "alloc_objects" | "goroutine" | "samples" => ("objects".to_owned(), 100),
        _ => (profile_type.sample_unit.clone(), 100),
    }
}

fn is_zero(value: &i64) -> bool {
    *value == 0
}
