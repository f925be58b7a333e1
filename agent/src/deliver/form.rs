//! The upload as pyroscope-java sends it: the address with its query, and the parts of the body.

use std::collections::BTreeMap;
use std::io::Write;

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use url::Url;

use super::plan::ChunkUpload;
use super::queue::Packed;

/// One file part of the multipart body. Pyroscope takes only parts that have a file name; it is the part's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Name and file name.
    pub name: &'static str,
    /// Its `Content-Type`, if it has one.
    pub content_type: Option<&'static str>,
    /// Its content.
    pub body: Bytes,
}

/// What stays as it is in a value of the query; the rest is percent-encoded, a space as `%20`.
const VALUE: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'*');

/// `name{label=value,…}` with the labels in order. Nothing is quoted: the server knows no quoting.
pub fn series_name(application_name: &str, labels: &BTreeMap<String, String>) -> String {
    if labels.is_empty() {
        return application_name.to_owned();
    }
    let pairs: Vec<String> = labels.iter().map(|(name, value)| format!("{name}={value}")).collect();
    format!("{application_name}{{{}}}", pairs.join(","))
}

/// The address of one upload: `/ingest` below the server's path, the server's own query first. It carries no user and no password.
pub fn ingest_url(server: &Url, series_name: &str, packed: &Packed) -> Url {
    let mut url = server.clone();
    // Both fail only for URLs without a host, which cannot be servers.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_path(&format!("{}/ingest", server.path().trim_end_matches('/')));
    let parameters: [(&str, &str); 8] = [
        ("name", series_name),
        ("units", "samples"),
        ("aggregationType", "sum"),
        ("from", &packed.from_s.to_string()),
        ("until", &packed.until_s.to_string()),
        ("spyName", "javaspy"),
        ("sampleRate", &packed.sample_rate_hz.to_string()),
        ("format", "jfr"),
    ];
    let own = parameters.map(|(name, value)| format!("{name}={}", utf8_percent_encode(value, VALUE))).join("&");
    let query = match server.query().filter(|query| !query.is_empty()) {
        Some(query) => format!("{query}&{own}"),
        None => own,
    };
    url.set_query(Some(&query));
    url
}

/// The parts of the body, in the order in which they are sent.
pub fn parts(packed: &Packed) -> Vec<Part> {
    let jfr = Part { name: "jfr", content_type: None, body: packed.jfr.clone() };
    let labels =
        packed.labels.clone().map(|body| Part { name: "labels", content_type: Some("application/x-protobuf"), body });
    std::iter::once(jfr).chain(labels).collect()
}

/// Compresses a chunk. `now` is the time of the call, at which the chunk has just ended.
pub fn pack(chunk: ChunkUpload, level_jfr: u32, level_labels: u32, now: tokio::time::Instant) -> Packed {
    const SECOND: u64 = 1_000_000_000;
    let length = std::time::Duration::from_nanos(chunk.until_epoch_ns.saturating_sub(chunk.from_epoch_ns));
    let from_s = chunk.from_epoch_ns / SECOND;
    Packed {
        jfr: gzip(chunk.jfr, level_jfr),
        labels: chunk.labels.filter(|labels| !labels.is_empty()).map(|labels| gzip(labels, level_labels)),
        from_s,
        until_s: (chunk.until_epoch_ns / SECOND).max(from_s),
        sample_rate_hz: chunk.sample_rate_hz,
        began: now.checked_sub(length).unwrap_or(now),
        tries: 0,
    }
}

/// `data` as one gzip member, or as it is for level 0, as pyroscope-java does.
fn gzip(data: Vec<u8>, level: u32) -> Bytes {
    if level == 0 {
        return Bytes::from(data);
    }
    let mut encoder = GzEncoder::new(Vec::with_capacity(data.len() / 2), Compression::new(level.min(9)));
    // Writing to memory does not fail; were it to, the data as it is would still be readable.
    match encoder.write_all(&data).and_then(|()| encoder.finish()) {
        Ok(packed) => Bytes::from(packed),
        Err(_) => Bytes::from(data),
    }
}

#[cfg(test)]
mod tests;
