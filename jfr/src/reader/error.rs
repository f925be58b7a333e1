//! Why a recording could not be read.

use std::fmt;

/// Why a recording could not be read. Offsets are bytes from the start of the recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReadError {
    /// The bytes do not start with a JFR chunk.
    NotJfr {
        /// Where a chunk should start.
        offset: usize,
    },
    /// A version of the format that is not read.
    UnsupportedVersion {
        /// Where the chunk starts.
        offset: usize,
        /// Major version found.
        major: u16,
        /// Minor version found.
        minor: u16,
    },
    /// The chunk was still being written when it was copied.
    Unfinished {
        /// Where the chunk starts.
        offset: usize,
    },
    /// The bytes end, or an event ends, inside something.
    Truncated {
        /// Where the value starts.
        offset: usize,
        /// What ends too early.
        what: &'static str,
    },
    /// The recording contradicts itself.
    Malformed {
        /// Where it does.
        offset: usize,
        /// How it does.
        reason: String,
    },
    /// The recording exceeds one of the reader's limits.
    LimitExceeded {
        /// Where it does.
        offset: usize,
        /// What there is too much of.
        what: &'static str,
        /// How much is allowed.
        max: usize,
    },
}

impl ReadError {
    /// Where in the recording the reader stopped, in bytes from its start.
    #[must_use]
    pub fn offset(&self) -> usize {
        match self {
            Self::NotJfr { offset }
            | Self::UnsupportedVersion { offset, .. }
            | Self::Unfinished { offset }
            | Self::Truncated { offset, .. }
            | Self::Malformed { offset, .. }
            | Self::LimitExceeded { offset, .. } => *offset,
        }
    }

    pub(super) fn malformed(offset: usize, reason: impl Into<String>) -> Self {
        Self::Malformed { offset, reason: reason.into() }
    }

    pub(super) fn limit(offset: usize, what: &'static str, max: usize) -> Self {
        Self::LimitExceeded { offset, what, max }
    }
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJfr { offset } => write!(f, "not a JFR recording: no chunk magic \"FLR\\0\" at byte {offset}"),
            Self::UnsupportedVersion { offset, major, minor } => {
                write!(f, "JFR version {major}.{minor} at byte {offset} is not supported, only 2.x is")
            }
            Self::Unfinished { offset } => {
                write!(f, "the JFR chunk at byte {offset} is unfinished: copy the recording after it was closed")
            }
            Self::Truncated { offset, what } => {
                write!(f, "JFR recording truncated: {what} at byte {offset} is incomplete")
            }
            Self::Malformed { offset, reason } => {
                write!(f, "malformed JFR recording at byte {offset}: {reason}")
            }
            Self::LimitExceeded { offset, what, max } => {
                write!(f, "JFR recording too large: more than {max} {what} at byte {offset}")
            }
        }
    }
}

impl std::error::Error for ReadError {}
