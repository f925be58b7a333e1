//! HTTP header values that a user gives: checked here, so that none of them can break a request later.

use std::collections::BTreeMap;

use crate::redact::Secret;

use super::values::Invalid;

/// Headers that describe the body. The upload sets them itself; any other value would make it unreadable.
const RESERVED: &[&str] = &["content-type", "content-length", "content-encoding", "transfer-encoding"];

/// A JSON object of strings as header names and values.
pub fn parse(text: &str) -> Result<BTreeMap<String, Secret>, Invalid> {
    let object: BTreeMap<String, String> = serde_json::from_str(text).map_err(|_| Invalid)?;
    for (name, value) in &object {
        let legal_name = !name.is_empty() && name.bytes().all(is_token);
        if !legal_name || RESERVED.iter().any(|reserved| reserved.eq_ignore_ascii_case(name)) {
            return Err(Invalid);
        }
        legal_value(value)?;
    }
    Ok(object.into_iter().map(|(name, value)| (name, Secret::new(value))).collect())
}

/// `text`, if it can be sent as the value of a header: visible ASCII and inner spaces.
pub fn legal_value(text: &str) -> Result<&str, Invalid> {
    let text = text.trim();
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) { Ok(text) } else { Err(Invalid) }
}

/// The characters of a token (RFC 9110, section 5.6.2).
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_headers_that_can_be_sent_are_taken() {
        let headers = parse(r#"{"X-Team":"payments","Host":"a b"}"#).unwrap();
        assert_eq!(headers["X-Team"].expose(), "payments");
        assert_eq!(format!("{headers:?}"), r#"{"Host": ***, "X-Team": ***}"#);
        for text in [
            "",
            "[]",
            r#"{"a":1}"#,
            r#"{"a b":"c"}"#,
            r#"{"":"c"}"#,
            r#"{"a":"x\ny"}"#,
            r#"{"Content-Type":"x"}"#,
            r#"{"a":"é"}"#,
        ] {
            assert_eq!(parse(text), Err(Invalid), "{text}");
        }
    }
}
