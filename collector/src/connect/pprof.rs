//! pprof's profile message.
//!
//! Source: profile.proto of google/pprof, the same in Pyroscope's API as `google.v1`.

use super::protojson::{int64, int64_list, is_default, or_default, uint64};
use prost::Message;
use serde::{Deserialize, Serialize};

/// `perftools.profiles.Profile`; names are indexes into `string_table`.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Profile {
    #[prost(message, repeated, tag = "1")]
    #[serde(
        rename = "sampleType",
        alias = "sample_type",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub sample_type: Vec<ValueType>,
    #[prost(message, repeated, tag = "2")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub sample: Vec<Sample>,
    #[prost(message, repeated, tag = "3")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub mapping: Vec<Mapping>,
    #[prost(message, repeated, tag = "4")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub location: Vec<Location>,
    #[prost(message, repeated, tag = "5")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub function: Vec<Function>,
    #[prost(string, repeated, tag = "6")]
    #[serde(
        rename = "stringTable",
        alias = "string_table",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub string_table: Vec<String>,
    #[prost(int64, tag = "7")]
    #[serde(rename = "dropFrames", alias = "drop_frames", with = "int64", skip_serializing_if = "is_default")]
    pub drop_frames: i64,
    #[prost(int64, tag = "8")]
    #[serde(rename = "keepFrames", alias = "keep_frames", with = "int64", skip_serializing_if = "is_default")]
    pub keep_frames: i64,
    #[prost(int64, tag = "9")]
    #[serde(rename = "timeNanos", alias = "time_nanos", with = "int64", skip_serializing_if = "is_default")]
    pub time_nanos: i64,
    #[prost(int64, tag = "10")]
    #[serde(rename = "durationNanos", alias = "duration_nanos", with = "int64", skip_serializing_if = "is_default")]
    pub duration_nanos: i64,
    #[prost(message, optional, tag = "11")]
    #[serde(rename = "periodType", alias = "period_type", skip_serializing_if = "is_default")]
    pub period_type: Option<ValueType>,
    #[prost(int64, tag = "12")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub period: i64,
    #[prost(int64, repeated, tag = "13")]
    #[serde(with = "int64_list", skip_serializing_if = "is_default")]
    pub comment: Vec<i64>,
    #[prost(int64, tag = "14")]
    #[serde(
        rename = "defaultSampleType",
        alias = "default_sample_type",
        with = "int64",
        skip_serializing_if = "is_default"
    )]
    pub default_sample_type: i64,
}

/// What a value counts, and its unit.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ValueType {
    #[prost(int64, tag = "1")]
    #[serde(rename = "type", with = "int64", skip_serializing_if = "is_default")]
    pub kind: i64,
    #[prost(int64, tag = "2")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub unit: i64,
}

/// A stack trace, leaf first, and its values.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Sample {
    #[prost(uint64, repeated, tag = "1")]
    #[serde(rename = "locationId", alias = "location_id", with = "int64_list", skip_serializing_if = "is_default")]
    pub location_id: Vec<u64>,
    #[prost(int64, repeated, tag = "2")]
    #[serde(with = "int64_list", skip_serializing_if = "is_default")]
    pub value: Vec<i64>,
    #[prost(message, repeated, tag = "3")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub label: Vec<Label>,
}

/// A label of a sample.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Label {
    #[prost(int64, tag = "1")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub key: i64,
    #[prost(int64, tag = "2")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub str: i64,
    #[prost(int64, tag = "3")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub num: i64,
    #[prost(int64, tag = "4")]
    #[serde(rename = "numUnit", alias = "num_unit", with = "int64", skip_serializing_if = "is_default")]
    pub num_unit: i64,
}

/// A mapped file.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Mapping {
    #[prost(uint64, tag = "1")]
    #[serde(with = "uint64", skip_serializing_if = "is_default")]
    pub id: u64,
    #[prost(uint64, tag = "2")]
    #[serde(rename = "memoryStart", alias = "memory_start", with = "uint64", skip_serializing_if = "is_default")]
    pub memory_start: u64,
    #[prost(uint64, tag = "3")]
    #[serde(rename = "memoryLimit", alias = "memory_limit", with = "uint64", skip_serializing_if = "is_default")]
    pub memory_limit: u64,
    #[prost(uint64, tag = "4")]
    #[serde(rename = "fileOffset", alias = "file_offset", with = "uint64", skip_serializing_if = "is_default")]
    pub file_offset: u64,
    #[prost(int64, tag = "5")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub filename: i64,
    #[prost(int64, tag = "6")]
    #[serde(rename = "buildId", alias = "build_id", with = "int64", skip_serializing_if = "is_default")]
    pub build_id: i64,
    #[prost(bool, tag = "7")]
    #[serde(
        rename = "hasFunctions",
        alias = "has_functions",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub has_functions: bool,
    #[prost(bool, tag = "8")]
    #[serde(
        rename = "hasFilenames",
        alias = "has_filenames",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub has_filenames: bool,
    #[prost(bool, tag = "9")]
    #[serde(
        rename = "hasLineNumbers",
        alias = "has_line_numbers",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub has_line_numbers: bool,
    #[prost(bool, tag = "10")]
    #[serde(
        rename = "hasInlineFrames",
        alias = "has_inline_frames",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub has_inline_frames: bool,
}

/// A place in the code.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Location {
    #[prost(uint64, tag = "1")]
    #[serde(with = "uint64", skip_serializing_if = "is_default")]
    pub id: u64,
    #[prost(uint64, tag = "2")]
    #[serde(rename = "mappingId", alias = "mapping_id", with = "uint64", skip_serializing_if = "is_default")]
    pub mapping_id: u64,
    #[prost(uint64, tag = "3")]
    #[serde(with = "uint64", skip_serializing_if = "is_default")]
    pub address: u64,
    #[prost(message, repeated, tag = "4")]
    #[serde(deserialize_with = "or_default", skip_serializing_if = "is_default")]
    pub line: Vec<Line>,
    #[prost(bool, tag = "5")]
    #[serde(
        rename = "isFolded",
        alias = "is_folded",
        deserialize_with = "or_default",
        skip_serializing_if = "is_default"
    )]
    pub is_folded: bool,
}

/// A function and a line in it.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Line {
    #[prost(uint64, tag = "1")]
    #[serde(rename = "functionId", alias = "function_id", with = "uint64", skip_serializing_if = "is_default")]
    pub function_id: u64,
    #[prost(int64, tag = "2")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub line: i64,
}

/// A named function.
#[derive(Clone, PartialEq, Message, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Function {
    #[prost(uint64, tag = "1")]
    #[serde(with = "uint64", skip_serializing_if = "is_default")]
    pub id: u64,
    #[prost(int64, tag = "2")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub name: i64,
    #[prost(int64, tag = "3")]
    #[serde(rename = "systemName", alias = "system_name", with = "int64", skip_serializing_if = "is_default")]
    pub system_name: i64,
    #[prost(int64, tag = "4")]
    #[serde(with = "int64", skip_serializing_if = "is_default")]
    pub filename: i64,
    #[prost(int64, tag = "5")]
    #[serde(rename = "startLine", alias = "start_line", with = "int64", skip_serializing_if = "is_default")]
    pub start_line: i64,
}
