//! The 68-byte chunk header.

use super::ReadError;

/// Header size in bytes.
pub(super) const HEADER_BYTES: usize = 68;

/// State byte of a chunk whose header is being rewritten.
const STATE_UPDATING: u8 = 255;

/// Header of a chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// Size of the chunk in bytes, header included.
    pub size: usize,
    /// Start of the chunk in nanoseconds since 1970.
    pub start_epoch_ns: u64,
    /// Length of the chunk in nanoseconds.
    pub duration_ns: u64,
    /// Start of the chunk in ticks.
    pub start_ticks: i64,
    /// Ticks in a second.
    pub ticks_per_second: u64,
    pub(super) checkpoint_at: usize,
    pub(super) metadata_at: usize,
}

impl Header {
    /// The header at `at`; the chunk lies within `bytes`, and both offsets lie within the chunk.
    pub(super) fn read(bytes: &[u8], at: usize) -> Result<Self, ReadError> {
        let rest = bytes.get(at..).unwrap_or_default();
        if !rest.starts_with(b"FLR\0") {
            return Err(ReadError::NotJfr { offset: at });
        }
        let Some(header) = rest.first_chunk::<HEADER_BYTES>() else {
            return Err(ReadError::Truncated { offset: at, what: "chunk header" });
        };
        let [major, minor] = [4, 6].map(|from| u16::from_be_bytes([header[from], header[from + 1]]));
        if major != 2 {
            return Err(ReadError::UnsupportedVersion { offset: at, major, minor });
        }
        let long = |from: usize| header[from..from + 8].iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
        let size = long(8);
        if size == 0 || header[64] == STATE_UPDATING {
            return Err(ReadError::Unfinished { offset: at });
        }
        let position = |from: usize, what| inner_position(at, long(from), size, what);
        let header = Self {
            size: chunk_size(at, size, rest.len())?,
            checkpoint_at: position(16, "checkpoint")?,
            metadata_at: position(24, "metadata")?,
            start_epoch_ns: long(32),
            duration_ns: long(40),
            start_ticks: long(48) as i64,
            ticks_per_second: long(56),
        };
        Ok(header)
    }
}

fn chunk_size(at: usize, size: u64, available: usize) -> Result<usize, ReadError> {
    match usize::try_from(size) {
        Ok(size) if size < HEADER_BYTES => Err(ReadError::malformed(at, format!("a chunk of {size} bytes"))),
        Ok(size) if size <= available => Ok(size),
        _ => Err(ReadError::Truncated { offset: at, what: "chunk" }),
    }
}

fn inner_position(at: usize, position: u64, size: u64, what: &str) -> Result<usize, ReadError> {
    match usize::try_from(position) {
        Ok(position) if position >= HEADER_BYTES && (position as u64) < size => Ok(position),
        _ => Err(ReadError::malformed(at, format!("{what} offset {position} lies outside the chunk of {size} bytes"))),
    }
}
