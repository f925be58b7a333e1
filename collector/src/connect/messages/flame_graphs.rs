//! Messages that ask for flame graphs and pprof profiles, and those that carry them.

use crate::connect::pprof;
use crate::connect::protojson::{EnumName, Named, int64, int64_list, is_default, optional_int64, or_default};
use prost::Message;
use serde::{Deserialize, Serialize};

/// In which form a flame graph is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub(crate) enum ProfileFormat {
    Unspecified = 0,
    Flamegraph = 1,
    Tree = 2,
    Dot = 3,
    Pprof = 4,
}

impl Named for ProfileFormat {
    const NAMES: &'static [(&'static str, i32)] = &[
        ("PROFILE_FORMAT_UNSPECIFIED", 0),
        ("PROFILE_FORMAT_FLAMEGRAPH", 1),
        ("PROFILE_FORMAT_TREE", 2),
        ("PROFILE_FORMAT_DOT", 3),
        ("PROFILE_FORMAT_PPROF", 4),
    ];
}

/// Asks for a flame graph.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SelectMergeStacktracesRequest {
    #[prost(string, tag = "1")]
    #[serde(
        rename = "profileTypeID",
        alias = "profile_typeID",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub profile_type_id: String,
    #[prost(string, tag = "2")]
    #[serde(
        rename = "labelSelector",
        alias = "label_selector",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub label_selector: String,
    #[prost(int64, tag = "3")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub start: i64,
    #[prost(int64, tag = "4")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub end: i64,
    #[prost(int64, optional, tag = "5")]
    #[serde(rename = "maxNodes", alias = "max_nodes", with = "optional_int64", skip_serializing_if = "is_default")]
    pub max_nodes: Option<i64>,
    #[prost(enumeration = "ProfileFormat", tag = "6")]
    #[serde(with = "EnumName::<ProfileFormat>", skip_serializing_if = "is_default")]
    pub format: i32,
    #[prost(message, optional, tag = "7")]
    #[serde(rename = "stackTraceSelector", alias = "stack_trace_selector", skip_serializing_if = "is_default")]
    pub stack_trace_selector: Option<StackTraceSelector>,
    #[prost(string, repeated, tag = "8")]
    #[serde(
        rename = "profileIdSelector",
        alias = "profile_id_selector",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub profile_id_selector: Vec<String>,
    #[prost(string, repeated, tag = "10")]
    #[serde(
        rename = "traceIdSelector",
        alias = "trace_id_selector",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub trace_id_selector: Vec<String>,
    #[prost(string, repeated, tag = "11")]
    #[serde(
        rename = "spanSelector",
        alias = "span_selector",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub span_selector: Vec<String>,
}

/// A flame graph, or the format asked for.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SelectMergeStacktracesResponse {
    #[prost(message, optional, tag = "1")]
    #[serde(skip_serializing_if = "is_default")]
    pub flamegraph: Option<FlameGraph>,
    #[prost(string, tag = "3")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub dot: String,
    #[prost(message, optional, tag = "5")]
    #[serde(skip_serializing_if = "is_default")]
    pub pprof: Option<PprofProfile>,
}

/// A pprof profile in an answer of several formats.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct PprofProfile {
    #[prost(message, optional, tag = "1")]
    #[serde(skip_serializing_if = "is_default")]
    pub profile: Option<pprof::Profile>,
}

/// Asks for a flame graph of spans.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SelectMergeSpanProfileRequest {
    #[prost(string, tag = "1")]
    #[serde(
        rename = "profileTypeID",
        alias = "profile_typeID",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub profile_type_id: String,
    #[prost(string, tag = "2")]
    #[serde(
        rename = "labelSelector",
        alias = "label_selector",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub label_selector: String,
    #[prost(string, repeated, tag = "3")]
    #[serde(
        rename = "spanSelector",
        alias = "span_selector",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub span_selector: Vec<String>,
    #[prost(int64, tag = "4")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub start: i64,
    #[prost(int64, tag = "5")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub end: i64,
    #[prost(int64, optional, tag = "6")]
    #[serde(rename = "maxNodes", alias = "max_nodes", with = "optional_int64", skip_serializing_if = "is_default")]
    pub max_nodes: Option<i64>,
    #[prost(enumeration = "ProfileFormat", tag = "7")]
    #[serde(with = "EnumName::<ProfileFormat>", skip_serializing_if = "is_default")]
    pub format: i32,
}

/// A flame graph.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SelectMergeSpanProfileResponse {
    #[prost(message, optional, tag = "1")]
    #[serde(skip_serializing_if = "is_default")]
    pub flamegraph: Option<FlameGraph>,
}

/// Asks for a pprof profile.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SelectMergeProfileRequest {
    #[prost(string, tag = "1")]
    #[serde(
        rename = "profileTypeID",
        alias = "profile_typeID",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub profile_type_id: String,
    #[prost(string, tag = "2")]
    #[serde(
        rename = "labelSelector",
        alias = "label_selector",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub label_selector: String,
    #[prost(int64, tag = "3")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub start: i64,
    #[prost(int64, tag = "4")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub end: i64,
    #[prost(int64, optional, tag = "5")]
    #[serde(rename = "maxNodes", alias = "max_nodes", with = "optional_int64", skip_serializing_if = "is_default")]
    pub max_nodes: Option<i64>,
    #[prost(message, optional, tag = "6")]
    #[serde(rename = "stackTraceSelector", alias = "stack_trace_selector", skip_serializing_if = "is_default")]
    pub stack_trace_selector: Option<StackTraceSelector>,
    #[prost(string, repeated, tag = "7")]
    #[serde(
        rename = "profileIdSelector",
        alias = "profile_id_selector",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub profile_id_selector: Vec<String>,
    #[prost(string, repeated, tag = "8")]
    #[serde(
        rename = "traceIdSelector",
        alias = "trace_id_selector",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub trace_id_selector: Vec<String>,
}

/// Keeps stack traces below a call site.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct StackTraceSelector {
    #[prost(message, repeated, tag = "1")]
    #[serde(
        rename = "callSite",
        alias = "call_site",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub call_site: Vec<Location>,
    #[prost(message, optional, tag = "2")]
    #[serde(rename = "goPgo", alias = "go_pgo", skip_serializing_if = "is_default")]
    pub go_pgo: Option<GoPgo>,
}

/// A frame of a call site.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Location {
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub name: String,
}

/// Shapes a profile for Go's compiler.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct GoPgo {
    #[prost(uint32, tag = "1")]
    #[serde(
        rename = "keepLocations",
        alias = "keep_locations",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub keep_locations: u32,
    #[prost(bool, tag = "2")]
    #[serde(
        rename = "aggregateCallees",
        alias = "aggregate_callees",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub aggregate_callees: bool,
}

/// Names and levels, four numbers a frame.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct FlameGraph {
    #[prost(string, repeated, tag = "1")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub names: Vec<String>,
    #[prost(message, repeated, tag = "2")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub levels: Vec<Level>,
    #[prost(int64, tag = "3")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub total: i64,
    #[prost(int64, tag = "4")]
    #[serde(rename = "maxSelf", alias = "max_self", with = "int64", skip_serializing_if = "is_default")]
    pub max_self: i64,
}

/// Names and levels, seven numbers a frame.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct FlameGraphDiff {
    #[prost(string, repeated, tag = "1")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub names: Vec<String>,
    #[prost(message, repeated, tag = "2")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub levels: Vec<Level>,
    #[prost(int64, tag = "3")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub total: i64,
    #[prost(int64, tag = "4")]
    #[serde(rename = "maxSelf", alias = "max_self", with = "int64", skip_serializing_if = "is_default")]
    pub max_self: i64,
    #[prost(int64, tag = "5")]
    #[serde(rename = "leftTicks", with = "int64", skip_serializing_if = "is_default")]
    pub left_ticks: i64,
    #[prost(int64, tag = "6")]
    #[serde(rename = "rightTicks", with = "int64", skip_serializing_if = "is_default")]
    pub right_ticks: i64,
}

/// The frames of one depth.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Level {
    #[prost(int64, repeated, tag = "1")]
    #[serde(with = "int64_list", skip_serializing_if = "is_default")]
    pub values: Vec<i64>,
}

/// Asks for two sides in one graph.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct DiffRequest {
    #[prost(message, optional, tag = "1")]
    #[serde(skip_serializing_if = "is_default")]
    pub left: Option<SelectMergeStacktracesRequest>,
    #[prost(message, optional, tag = "2")]
    #[serde(skip_serializing_if = "is_default")]
    pub right: Option<SelectMergeStacktracesRequest>,
}

/// The graph of both sides.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct DiffResponse {
    #[prost(message, optional, tag = "1")]
    #[serde(skip_serializing_if = "is_default")]
    pub flamegraph: Option<FlameGraphDiff>,
}
