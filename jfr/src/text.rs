//! Text as the format wants it: real UTF-8 of bounded length.

use std::borrow::Cow;

/// Longest text written, in bytes. Pyroscope refuses a symbol above 65,535 bytes (its `max-profile-symbol-value-length`).
pub const MAX_BYTES: usize = 65_535;

/// The longest prefix of `text` that is at most `max_bytes` long and ends between characters.
#[must_use]
pub fn prefix(text: &str, max_bytes: usize) -> &str {
    if text.len() <= max_bytes {
        return text;
    }
    // UTF-8 characters are at most four bytes, so a border lies within the three bytes before the limit.
    let cut = (0..=max_bytes).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    &text[..cut]
}

/// Turns what JVMTI and JNI return ("modified UTF-8", JNI specification 12.3) into real UTF-8.
///
/// Surrogate pairs written as two three-byte sequences become one character, `C0 80` becomes U+0000, and whatever cannot be
/// converted becomes U+FFFD, one per byte. Text that already is UTF-8 is borrowed.
#[must_use]
pub fn from_modified_utf8(bytes: &[u8]) -> Cow<'_, str> {
    if let Ok(text) = std::str::from_utf8(bytes) {
        return Cow::Borrowed(text);
    }
    let mut text = String::with_capacity(bytes.len());
    let mut rest = bytes;
    while !rest.is_empty() {
        let (character, used) = next_character(rest);
        text.push(character);
        rest = rest.get(used..).unwrap_or_default();
    }
    Cow::Owned(text)
}

/// First character of non-empty `bytes` and the number of bytes it took.
fn next_character(bytes: &[u8]) -> (char, usize) {
    if let [0xC0, 0x80, ..] = bytes {
        return ('\0', 2);
    }
    let pair = (surrogate(bytes), bytes.get(3..).and_then(surrogate));
    if let (Some(high), Some(low)) = pair
        && let Some(Ok(character)) = char::decode_utf16([high, low]).next()
    {
        return (character, 6);
    }
    let longest = bytes.len().min(4);
    for used in 1..=longest {
        if let Some(character) = std::str::from_utf8(&bytes[..used]).ok().and_then(|text| text.chars().next()) {
            return (character, used);
        }
    }
    (char::REPLACEMENT_CHARACTER, 1)
}

/// The UTF-16 surrogate that the first three bytes spell, if they do.
fn surrogate(bytes: &[u8]) -> Option<u16> {
    match *bytes {
        [0xED, second @ 0xA0..=0xBF, third @ 0x80..=0xBF, ..] => {
            Some(0xD000 | (u16::from(second & 0x3F) << 6) | u16::from(third & 0x3F))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_end_between_characters() {
        assert_eq!(prefix("aé", 2), "a");
        assert_eq!(prefix("aé", 3), "aé");
        assert_eq!(prefix("é", 0), "");
        assert_eq!(prefix("😀", 3), "");
    }

    #[test]
    fn plain_utf8_is_borrowed() {
        assert!(matches!(from_modified_utf8("naïve".as_bytes()), Cow::Borrowed("naïve")));
    }

    #[test]
    fn surrogate_pairs_become_one_character() {
        let bytes = [b'a', 0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80, b'b'];
        assert_eq!(from_modified_utf8(&bytes), "a😀b");
    }

    #[test]
    fn long_form_nul_and_rubbish() {
        assert_eq!(from_modified_utf8(&[0xC0, 0x80, b'x', 0xFF]), "\0x\u{FFFD}");
        assert_eq!(from_modified_utf8(&[0xED, 0xA0, 0xBD]), "\u{FFFD}\u{FFFD}\u{FFFD}");
        assert_eq!(from_modified_utf8(&[0xE2, 0x82]), "\u{FFFD}\u{FFFD}");
    }
}
