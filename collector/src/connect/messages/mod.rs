//! The messages of `querier.v1` and `types.v1` that we speak, with their field numbers and JSON names.
//!
//! Source: querier.proto and types.proto of Pyroscope's API, version 1.6.0. Fields left out here are skipped when read.
//! Each message is one struct for both codecs: prost's attributes are the binary form, serde's the JSON form. A field's
//! JSON name is its name in camel case, and its name in the proto file is understood as well.

mod flame_graphs;
mod labels;
mod points;

pub(crate) use flame_graphs::{
    DiffRequest, DiffResponse, FlameGraph, FlameGraphDiff, Level, PprofProfile, ProfileFormat,
    SelectMergeProfileRequest, SelectMergeSpanProfileRequest, SelectMergeSpanProfileResponse,
    SelectMergeStacktracesRequest, SelectMergeStacktracesResponse, StackTraceSelector,
};
pub(crate) use labels::{
    GetProfileStatsRequest, GetProfileStatsResponse, LabelNamesRequest, LabelNamesResponse, LabelPair, LabelSet,
    LabelValuesRequest, LabelValuesResponse, ProfileType, ProfileTypesRequest, ProfileTypesResponse, SeriesRequest,
    SeriesResponse,
};
pub(crate) use points::{AggregationType, Point, SelectSeriesRequest, SelectSeriesResponse, Series};
