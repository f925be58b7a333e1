//! Bounded reads from one chunk.

use super::ReadError;

/// A text as it lies in the chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Text {
    Null,
    /// UTF-8 in `length` bytes from `at`.
    Utf8 {
        at: usize,
        length: usize,
    },
    /// One byte per character.
    Latin1 {
        at: usize,
        length: usize,
    },
    /// `count` UTF-16 units as compressed integers from `at`.
    Utf16 {
        at: usize,
        count: usize,
    },
    /// Key in the pool of `java.lang.String`.
    Pooled(i64),
}

/// Reads forward within `[at, end)` of a chunk that starts at `base` of the recording.
#[derive(Clone, Copy, Debug)]
pub(super) struct Cursor<'a> {
    bytes: &'a [u8],
    base: usize,
    at: usize,
}

impl<'a> Cursor<'a> {
    /// Reads `bytes` of the chunk up to `end` (or the end of the bytes).
    pub(super) fn new(bytes: &'a [u8], base: usize, at: usize, end: usize) -> Self {
        Self { bytes: bytes.get(..end).unwrap_or(bytes), base, at }
    }

    /// Position within the chunk.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Position within the recording.
    pub(super) fn offset(&self) -> usize {
        self.base.saturating_add(self.at)
    }

    pub(super) fn remaining(&self) -> usize {
        self.bytes.len().saturating_sub(self.at)
    }

    pub(super) fn truncated(&self, what: &'static str) -> ReadError {
        ReadError::Truncated { offset: self.offset(), what }
    }

    pub(super) fn take(&mut self, count: usize, what: &'static str) -> Result<&'a [u8], ReadError> {
        let end = self.at.checked_add(count).ok_or_else(|| self.truncated(what))?;
        let bytes = self.bytes.get(self.at..end).ok_or_else(|| self.truncated(what))?;
        self.at = end;
        Ok(bytes)
    }

    pub(super) fn byte(&mut self, what: &'static str) -> Result<u8, ReadError> {
        let byte = self.bytes.get(self.at).copied().ok_or_else(|| self.truncated(what))?;
        self.at += 1;
        Ok(byte)
    }

    /// A compressed integer of at most nine bytes; the ninth carries eight bits. Padded encodings are fine.
    pub(super) fn varint(&mut self, what: &'static str) -> Result<u64, ReadError> {
        let mut value = 0;
        for shift in (0..56).step_by(7) {
            let byte = self.byte(what)?;
            value |= u64::from(byte & 0x7F) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Ok(value | u64::from(self.byte(what)?) << 56)
    }

    pub(super) fn long(&mut self, what: &'static str) -> Result<i64, ReadError> {
        Ok(self.varint(what)? as i64)
    }

    /// A number of things that follow, each of which takes at least one byte.
    pub(super) fn count(&mut self, what: &'static str) -> Result<usize, ReadError> {
        let start = *self;
        let count = self.varint(what)?;
        match usize::try_from(count) {
            Ok(count) if count <= self.remaining() => Ok(count),
            _ => Err(start.truncated(what)),
        }
    }

    pub(super) fn float(&mut self, what: &'static str) -> Result<f32, ReadError> {
        let bytes = self.take(4, what)?;
        Ok(bytes.try_into().map(f32::from_be_bytes).unwrap_or_default())
    }

    pub(super) fn double(&mut self, what: &'static str) -> Result<f64, ReadError> {
        let bytes = self.take(8, what)?;
        Ok(bytes.try_into().map(f64::from_be_bytes).unwrap_or_default())
    }

    pub(super) fn text(&mut self) -> Result<Text, ReadError> {
        let start = *self;
        match self.byte("string")? {
            0 => Ok(Text::Null),
            1 => Ok(Text::Utf8 { at: self.at, length: 0 }),
            2 => Ok(Text::Pooled(self.long("string reference")?)),
            3 => self.text_bytes().map(|(at, length)| Text::Utf8 { at, length }),
            4 => {
                let count = self.count("string")?;
                let at = self.at;
                for _ in 0..count {
                    self.varint("string")?;
                }
                Ok(Text::Utf16 { at, count })
            }
            5 => self.text_bytes().map(|(at, length)| Text::Latin1 { at, length }),
            other => Err(ReadError::malformed(start.offset(), format!("string encoding {other}, 0 to 5 are known"))),
        }
    }

    fn text_bytes(&mut self) -> Result<(usize, usize), ReadError> {
        let length = self.count("string")?;
        let at = self.at;
        self.take(length, "string")?;
        Ok((at, length))
    }
}

/// The characters of `text`, which lies in `bytes`; `None` for null and for a reference, which only a pool resolves.
pub(super) fn decode(bytes: &[u8], text: Text) -> Option<String> {
    match text {
        Text::Null | Text::Pooled(_) => None,
        Text::Utf8 { at, length } => {
            Some(String::from_utf8_lossy(bytes.get(at..at + length).unwrap_or_default()).into_owned())
        }
        Text::Latin1 { at, length } => {
            Some(bytes.get(at..at + length).unwrap_or_default().iter().map(|byte| char::from(*byte)).collect())
        }
        Text::Utf16 { at, count } => {
            let mut cursor = Cursor::new(bytes, 0, at, bytes.len());
            let units: Vec<_> =
                (0..count).map_while(|_| cursor.varint("string").ok()).map(|unit| unit as u16).collect();
            Some(String::from_utf16_lossy(&units))
        }
    }
}
