//! Decompression with a bound, so that a small body cannot become a large one.

use flate2::read::MultiGzDecoder;
use std::borrow::Cow;
use std::io::{self, Read};

/// Why a part cannot be decompressed.
#[derive(Debug, thiserror::Error)]
pub(crate) enum GzipError {
    #[error("it is too large")]
    TooLarge,
    #[error("{0}")]
    Invalid(io::Error),
}

/// Whether bytes start as gzip does (RFC 1952, section 2.3.1).
pub(crate) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

/// The bytes as they are, or decompressed if they are gzip (several members in a row count as one). Stops reading
/// one byte after `limit`.
pub(crate) fn gunzip(bytes: &[u8], limit: usize) -> Result<Cow<'_, [u8]>, GzipError> {
    if !is_gzip(bytes) {
        return if bytes.len() > limit { Err(GzipError::TooLarge) } else { Ok(bytes.into()) };
    }
    let mut plain = Vec::new();
    let bounded = MultiGzDecoder::new(bytes).take(limit as u64 + 1).read_to_end(&mut plain);
    match bounded {
        Ok(_) if plain.len() > limit => Err(GzipError::TooLarge),
        Ok(_) => Ok(plain.into()),
        Err(error) => Err(GzipError::Invalid(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use std::io::Write;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
        encoder.write_all(bytes).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn gzip_is_told_by_its_first_bytes() {
        assert_eq!(&*gunzip(b"FLR\0", 10).unwrap(), b"FLR\0");
        assert_eq!(&*gunzip(&gzip(b"FLR\0"), 10).unwrap(), b"FLR\0");
        let two = [gzip(b"ab"), gzip(b"cd")].concat();
        assert_eq!(&*gunzip(&two, 10).unwrap(), b"abcd");
    }

    #[test]
    fn the_limit_holds_for_both() {
        assert!(gunzip(&gzip(&[0; 10]), 10).is_ok());
        assert!(matches!(gunzip(&gzip(&[0; 11]), 10), Err(GzipError::TooLarge)));
        assert!(matches!(gunzip(&gzip(&vec![0; 50_000_000]), 10), Err(GzipError::TooLarge)));
        assert!(matches!(gunzip(&[0; 11], 10), Err(GzipError::TooLarge)));
    }

    #[test]
    fn a_cut_stream_is_invalid() {
        let bytes = gzip(b"something that is long enough");
        for cut in 2..bytes.len() {
            assert!(matches!(gunzip(&bytes[..cut], 100), Err(GzipError::Invalid(_))), "cut at {cut}");
        }
    }
}
