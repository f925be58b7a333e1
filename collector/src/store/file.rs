//! The file of one upload: a header for the index, then the parts as they came.
//!
//! ```text
//! "PYRUPLD1" · header length u32 LE · header CRC-32 u32 LE · header JSON · recording · label snapshot
//! ```
//! The recording is kept gzipped: as received if it came so, otherwise compressed here.

use crate::model::{Labels, Profile, ProfileType};
use flate2::Compression;
use flate2::write::GzEncoder;
use serde::{Deserialize, Serialize};
use std::io::{self, Read, Write};

const MAGIC: &[u8; 8] = b"PYRUPLD1";
/// Magic, length and checksum.
const PREFIX_BYTES: usize = 16;
/// A header is some hundred bytes per series; this bounds what a damaged length can make us read.
const LONGEST_HEADER: usize = 16 << 20;

/// An upload that was accepted and is to be written.
#[derive(Debug, Clone)]
pub(crate) struct NewUpload {
    pub app: String,
    /// Labels of the upload as a whole.
    pub labels: Labels,
    /// The time of all its samples, nanoseconds since the epoch.
    pub from_ns: i64,
    pub until_ns: i64,
    /// Samples per second: one CPU or wall sample stands for 1e9 / this nanoseconds.
    pub sample_rate_hz: u32,
    /// The recording as received, gzipped or not.
    pub recording: bytes::Bytes,
    /// The label snapshot as received, gzipped or not; empty if there was none.
    pub label_snapshot: bytes::Bytes,
}

/// What the index needs to know without opening the recording.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Header {
    pub app: String,
    pub labels: Labels,
    pub from_ns: i64,
    pub until_ns: i64,
    pub sample_rate_hz: u32,
    pub recording_bytes: u64,
    pub label_snapshot_bytes: u64,
    /// Of everything after the header.
    pub body_crc: u32,
    pub fingerprint: u64,
    pub series: Vec<HeaderSeries>,
}

/// The totals of one label set.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct HeaderSeries {
    pub labels: Labels,
    pub totals: Vec<(ProfileType, i64)>,
}

/// A file's bytes and its header.
pub(super) struct Encoded {
    pub bytes: Vec<u8>,
    pub header: Header,
}

/// A file taken apart.
pub(super) struct Stored<'a> {
    pub header: Header,
    pub recording: &'a [u8],
    pub label_snapshot: &'a [u8],
}

/// What is wrong with a file.
#[derive(Debug, thiserror::Error)]
pub(super) enum FileError {
    #[error("it cannot be read: {0}")]
    Io(#[from] io::Error),
    #[error("it does not start as an upload of this version does")]
    Magic,
    #[error("its header is damaged")]
    Header,
    #[error("it holds {found} bytes after the header instead of {expected}")]
    Length { expected: u64, found: u64 },
    #[error("its checksum is wrong")]
    Checksum,
}

impl NewUpload {
    /// Tells uploads of the same time apart: body, name and labels.
    pub fn fingerprint(&self) -> u64 {
        let mut body = crc32fast::Hasher::new();
        body.update(&self.recording);
        body.update(&self.label_snapshot);
        let mut name = crc32fast::Hasher::new();
        for (key, value) in std::iter::once((self.app.as_str(), "")).chain(self.labels.iter()) {
            name.update(key.as_bytes());
            name.update(&[0]);
            name.update(value.as_bytes());
            name.update(&[0]);
        }
        name.update(&self.until_ns.to_le_bytes());
        name.update(&self.sample_rate_hz.to_le_bytes());
        u64::from(body.finalize()) << 32 | u64::from(name.finalize())
    }
}

/// Builds the file of an upload whose parsed form is `profile`.
pub(super) fn encode(new: &NewUpload, profile: &Profile) -> Encoded {
    let recording = gzipped(&new.recording);
    let mut crc = crc32fast::Hasher::new();
    crc.update(&recording);
    crc.update(&new.label_snapshot);
    let header = Header {
        app: new.app.clone(),
        labels: new.labels.clone(),
        from_ns: new.from_ns,
        until_ns: new.until_ns,
        sample_rate_hz: new.sample_rate_hz,
        recording_bytes: recording.len() as u64,
        label_snapshot_bytes: new.label_snapshot.len() as u64,
        body_crc: crc.finalize(),
        fingerprint: new.fingerprint(),
        series: header_series(profile),
    };
    // A struct of strings, numbers and lists always has a JSON form.
    let json = serde_json::to_vec(&header).unwrap_or_default();
    let mut bytes = Vec::with_capacity(PREFIX_BYTES + json.len() + recording.len() + new.label_snapshot.len());
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&(json.len() as u32).to_le_bytes());
    bytes.extend_from_slice(&crc32fast::hash(&json).to_le_bytes());
    bytes.extend_from_slice(&json);
    bytes.extend_from_slice(&recording);
    bytes.extend_from_slice(&new.label_snapshot);
    Encoded { bytes, header }
}

/// Reads the header alone and checks that the file is as long as it should be.
pub(super) fn read_header(mut file: impl Read, file_bytes: u64) -> Result<Header, FileError> {
    let mut prefix = [0; PREFIX_BYTES];
    file.read_exact(&mut prefix)?;
    let (length, crc) = parse_prefix(&prefix)?;
    let mut json = vec![0; length];
    file.read_exact(&mut json)?;
    let header = parse_header(&json, crc)?;
    check_length(&header, file_bytes.saturating_sub((PREFIX_BYTES + length) as u64))?;
    Ok(header)
}

/// Takes a whole file apart and checks every byte of it.
pub(super) fn decode(bytes: &[u8]) -> Result<Stored<'_>, FileError> {
    let prefix = bytes.first_chunk::<PREFIX_BYTES>().ok_or(FileError::Magic)?;
    let (length, crc) = parse_prefix(prefix)?;
    let json = bytes.get(PREFIX_BYTES..PREFIX_BYTES + length).ok_or(FileError::Header)?;
    let header = parse_header(json, crc)?;
    let body = &bytes[PREFIX_BYTES + length..];
    check_length(&header, body.len() as u64)?;
    if crc32fast::hash(body) != header.body_crc {
        return Err(FileError::Checksum);
    }
    let (recording, label_snapshot) = body.split_at(header.recording_bytes as usize);
    Ok(Stored { header, recording, label_snapshot })
}

fn parse_prefix(prefix: &[u8; PREFIX_BYTES]) -> Result<(usize, u32), FileError> {
    let (magic, numbers) = prefix.split_at(MAGIC.len());
    if magic != MAGIC {
        return Err(FileError::Magic);
    }
    let number = |at: usize| u32::from_le_bytes([numbers[at], numbers[at + 1], numbers[at + 2], numbers[at + 3]]);
    let length = number(0) as usize;
    if length > LONGEST_HEADER { Err(FileError::Header) } else { Ok((length, number(4))) }
}

fn parse_header(json: &[u8], crc: u32) -> Result<Header, FileError> {
    if crc32fast::hash(json) != crc {
        return Err(FileError::Header);
    }
    serde_json::from_slice(json).map_err(|_| FileError::Header)
}

fn check_length(header: &Header, found: u64) -> Result<(), FileError> {
    let expected = header.recording_bytes.saturating_add(header.label_snapshot_bytes);
    if expected == found { Ok(()) } else { Err(FileError::Length { expected, found }) }
}

fn header_series(profile: &Profile) -> Vec<HeaderSeries> {
    let rows = profile.series.iter().map(|series| {
        let metric = series.metric.metric();
        let totals = (0..metric.values.len()).map(|index| (metric.profile_type(index), series.total(index)));
        HeaderSeries { labels: series.labels.clone(), totals: totals.collect() }
    });
    rows.collect()
}

fn gzipped(recording: &[u8]) -> std::borrow::Cow<'_, [u8]> {
    if crate::convert::is_gzip(recording) {
        return recording.into();
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing into memory does not fail; if it ever did, the bytes as they came are as good.
    match encoder.write_all(recording).and_then(|()| encoder.finish()) {
        Ok(bytes) => bytes.into(),
        Err(_) => recording.into(),
    }
}

#[cfg(test)]
mod tests;
