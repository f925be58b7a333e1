//! Messages about what is held: profile types, labels, series, and since when.

use crate::connect::protojson::{int64, is_default, or_default};
use prost::Message;
use serde::{Deserialize, Serialize};

/// Asks which profile types there are.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ProfileTypesRequest {
    #[prost(int64, tag = "1")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub start: i64,
    #[prost(int64, tag = "2")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub end: i64,
}

/// The profile types of a range.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ProfileTypesResponse {
    #[prost(message, repeated, tag = "1")]
    #[serde(
        rename = "profileTypes",
        alias = "profile_types",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub profile_types: Vec<ProfileType>,
}

/// A profile type and its parts; there is no field 3.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ProfileType {
    #[prost(string, tag = "1")]
    #[serde(rename = "ID", deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub id: String,
    #[prost(string, tag = "2")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub name: String,
    #[prost(string, tag = "4")]
    #[serde(
        rename = "sampleType",
        alias = "sample_type",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub sample_type: String,
    #[prost(string, tag = "5")]
    #[serde(
        rename = "sampleUnit",
        alias = "sample_unit",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub sample_unit: String,
    #[prost(string, tag = "6")]
    #[serde(
        rename = "periodType",
        alias = "period_type",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub period_type: String,
    #[prost(string, tag = "7")]
    #[serde(
        rename = "periodUnit",
        alias = "period_unit",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub period_unit: String,
}

/// Asks for the values of a label.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LabelValuesRequest {
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub name: String,
    #[prost(string, repeated, tag = "2")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub matchers: Vec<String>,
    #[prost(int64, tag = "3")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub start: i64,
    #[prost(int64, tag = "4")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub end: i64,
}

/// Sorted values.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LabelValuesResponse {
    #[prost(string, repeated, tag = "1")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub names: Vec<String>,
}

/// Asks for the names of labels.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LabelNamesRequest {
    #[prost(string, repeated, tag = "1")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub matchers: Vec<String>,
    #[prost(int64, tag = "2")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub start: i64,
    #[prost(int64, tag = "3")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub end: i64,
}

/// Sorted names.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LabelNamesResponse {
    #[prost(string, repeated, tag = "1")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub names: Vec<String>,
}

/// Asks for label sets.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SeriesRequest {
    #[prost(string, repeated, tag = "1")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub matchers: Vec<String>,
    #[prost(string, repeated, tag = "2")]
    #[serde(
        rename = "labelNames",
        alias = "label_names",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub label_names: Vec<String>,
    #[prost(int64, tag = "3")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub start: i64,
    #[prost(int64, tag = "4")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub end: i64,
}

/// The different label sets.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct SeriesResponse {
    #[prost(message, repeated, tag = "2")]
    #[serde(
        rename = "labelsSet",
        alias = "labels_set",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub labels_set: Vec<LabelSet>,
}

/// `types.v1.Labels`.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LabelSet {
    #[prost(message, repeated, tag = "1")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub labels: Vec<LabelPair>,
}

/// A name and a value.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct LabelPair {
    #[prost(string, tag = "1")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub name: String,
    #[prost(string, tag = "2")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub value: String,
}

/// Asks what is held.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct GetProfileStatsRequest {}

/// Whether anything is held, and since when.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct GetProfileStatsResponse {
    #[prost(bool, tag = "1")]
    #[serde(
        rename = "dataIngested",
        alias = "data_ingested",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub data_ingested: bool,
    #[prost(int64, tag = "2")]
    #[serde(
        rename = "oldestProfileTime",
        alias = "oldest_profile_time",
        with = "int64",
        skip_serializing_if = "is_default"
    )]
    pub oldest_profile_time: i64,
    #[prost(int64, tag = "3")]
    #[serde(
        rename = "newestProfileTime",
        alias = "newest_profile_time",
        with = "int64",
        skip_serializing_if = "is_default"
    )]
    pub newest_profile_time: i64,
}
