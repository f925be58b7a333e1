//! Strings of the JVM: modified UTF-8 in memory that JVMTI allocated.
//!
//! # Safety
//! The pointers come from a JVMTI call that succeeded, so they are null or NUL-terminated.
#![allow(unsafe_code)]

use std::ffi::{CStr, c_char};

/// Copies a C string of the JVM and makes real UTF-8 of it. Empty for null.
///
/// # Safety
/// `text` is null or a NUL-terminated string.
pub unsafe fn copy_modified_utf8(text: *const c_char) -> String {
    if text.is_null() {
        return String::new();
    }
    // SAFETY: the caller's promise.
    let bytes = unsafe { CStr::from_ptr(text) }.to_bytes();
    decode_modified_utf8(bytes)
}

/// Decodes modified UTF-8 (JVM specification 4.4.7): NUL as C0 80, and characters above the basic plane as two
/// surrogates of three bytes each. What cannot be decoded becomes U+FFFD.
pub fn decode_modified_utf8(bytes: &[u8]) -> String {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return text.to_owned();
    }
    let mut units = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((unit, length)) = first_unit(rest) {
        units.push(unit);
        rest = rest.get(length..).unwrap_or_default();
    }
    String::from_utf16_lossy(&units)
}

/// The first UTF-16 unit of `bytes` and how many bytes it takes.
fn first_unit(bytes: &[u8]) -> Option<(u16, usize)> {
    const REPLACEMENT: u16 = 0xfffd;
    let first = u16::from(*bytes.first()?);
    let follow =
        |index: usize| bytes.get(index).filter(|byte| **byte & 0xc0 == 0x80).map(|byte| u16::from(*byte) & 0x3f);
    Some(match first {
        0x00..=0x7f => (first, 1),
        0xc0..=0xdf => match follow(1) {
            Some(second) => ((first & 0x1f) << 6 | second, 2),
            None => (REPLACEMENT, 1),
        },
        0xe0..=0xef => match (follow(1), follow(2)) {
            (Some(second), Some(third)) => ((first & 0x0f) << 12 | second << 6 | third, 3),
            _ => (REPLACEMENT, 1),
        },
        _ => (REPLACEMENT, 1),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modified_utf8_becomes_real_utf8() {
        assert_eq!(decode_modified_utf8(b"java/lang/String"), "java/lang/String");
        assert_eq!(decode_modified_utf8(b"a\xc0\x80b"), "a\0b");
        assert_eq!(decode_modified_utf8("größe".as_bytes()), "größe");
        assert_eq!(decode_modified_utf8(b"x\xed\xa0\xbd\xed\xb8\x80"), "x\u{1f600}");
        assert_eq!(decode_modified_utf8(b"x\xed\xa0\xbd"), "x\u{fffd}");
        assert_eq!(decode_modified_utf8(b"\xff\xfe"), "\u{fffd}\u{fffd}");
    }
}
