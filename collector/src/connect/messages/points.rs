//! Messages about totals over time.

use super::{LabelPair, StackTraceSelector};
use crate::connect::protojson::{Named, OptionalEnumName, double, int64, is_default, optional_int64, or_default};
use prost::Message;
use serde::{Deserialize, Serialize};

/// How the values of one step become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, prost::Enumeration)]
#[repr(i32)]
pub(crate) enum AggregationType {
    Sum = 0,
    Average = 1,
}

impl Named for AggregationType {
    const NAMES: &'static [(&'static str, i32)] =
        &[("TIME_SERIES_AGGREGATION_TYPE_SUM", 0), ("TIME_SERIES_AGGREGATION_TYPE_AVERAGE", 1)];
}

/// Asks for totals over time; `step` is in seconds.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SelectSeriesRequest {
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
    #[prost(string, repeated, tag = "5")]
    #[serde(
        rename = "groupBy",
        alias = "group_by",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub group_by: Vec<String>,
    #[prost(double, tag = "6")]
    #[serde(with = "double", skip_serializing_if = "is_default")]
    pub step: f64,
    #[prost(enumeration = "AggregationType", optional, tag = "7")]
    #[serde(with = "OptionalEnumName::<AggregationType>", skip_serializing_if = "is_default")]
    pub aggregation: Option<i32>,
    #[prost(message, optional, tag = "8")]
    #[serde(rename = "stackTraceSelector", alias = "stack_trace_selector", skip_serializing_if = "is_default")]
    pub stack_trace_selector: Option<StackTraceSelector>,
    #[prost(int64, optional, tag = "9")]
    #[serde(with = "optional_int64", skip_serializing_if = "is_default")]
    pub limit: Option<i64>,
}

/// One series of points per group.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SelectSeriesResponse {
    #[prost(message, repeated, tag = "1")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub series: Vec<Series>,
}

/// The points of a group.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Series {
    #[prost(message, repeated, tag = "1")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub labels: Vec<LabelPair>,
    #[prost(message, repeated, tag = "2")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub points: Vec<Point>,
}

/// A value at a time in milliseconds.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Point {
    #[prost(double, tag = "1")]
    #[serde(with = "double", skip_serializing_if = "is_default")]
    pub value: f64,
    #[prost(int64, tag = "2")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub timestamp: i64,
}
