//! From the bytes of an upload to a profile.

mod frame_names;
mod gzip;
mod label_snapshot;
mod recording;

pub(crate) use gzip::{gunzip, is_gzip};

use crate::Config;
use crate::model::{Labels, Profile};
use gzip::GzipError;
use label_snapshot::LabelSnapshot;
use prost::Message;

/// The parts of an upload, gzipped or not, and what its request said.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Source<'a> {
    pub recording: &'a [u8],
    /// Empty if there is none.
    pub label_snapshot: &'a [u8],
    pub labels: &'a Labels,
    pub sample_rate_hz: u32,
}

/// What one upload may take.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub max_part_bytes: usize,
    pub max_series: usize,
}

impl From<&Config> for Limits {
    fn from(config: &Config) -> Self {
        Limits { max_part_bytes: config.max_decompressed_bytes, max_series: config.max_series }
    }
}

/// Why an upload is no profile.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConvertError {
    #[error("the {part} part is more than {limit} bytes once decompressed; send smaller uploads more often")]
    TooLarge { part: &'static str, limit: usize },
    #[error("the {part} part is not valid gzip: {cause}")]
    Gzip { part: &'static str, cause: std::io::Error },
    #[error("the labels part is not a label snapshot: {0}")]
    LabelSnapshot(#[from] prost::DecodeError),
    #[error("{0}")]
    Recording(#[from] jfr::ReadError),
    #[error("more than {0} series (profile types times label sets) in one upload; use fewer label values")]
    TooManySeries(usize),
}

/// Decompresses and parses an upload. The result depends on `source` alone, so it can be made again at any time.
pub(crate) fn convert(source: &Source<'_>, limits: &Limits) -> Result<Profile, ConvertError> {
    let part = |part: &'static str, bytes| {
        gunzip(bytes, limits.max_part_bytes).map_err(|error| match error {
            GzipError::TooLarge => ConvertError::TooLarge { part, limit: limits.max_part_bytes },
            GzipError::Invalid(cause) => ConvertError::Gzip { part, cause },
        })
    };
    let snapshot = LabelSnapshot::decode(&*part("labels", source.label_snapshot)?)?;
    let reader_limits = jfr::Limits { max_bytes: limits.max_part_bytes, ..jfr::Limits::default() };
    let recording = jfr::read(&part("jfr", source.recording)?, &reader_limits)?;
    recording::profile(&recording, &snapshot, source, limits.max_series)
}
