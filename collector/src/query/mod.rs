//! Merging uploads and shaping the answer: call tree, flame graph, difference, timeline, pprof, dot.

mod call_tree;
mod diff;
mod dot;
mod flame_graph;
mod pprof;
mod select;
mod series_points;
mod timeline;

pub(crate) use call_tree::{CallTree, Side, Symbols};
pub(crate) use diff::diff_flame_graph;
pub(crate) use dot::dot_graph;
pub(crate) use flame_graph::{FlameGraph, flame_graph};
pub(crate) use pprof::pprof_profile;
pub(crate) use select::{Query, SpanFilter, TimeRange, merge_into};
pub(crate) use series_points::{Aggregation, Point, PointSeries, point_series};
pub(crate) use timeline::{Timeline, point_interval_s, timeline};
