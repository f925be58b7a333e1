//! `Codec`: messages as JSON or as binary protobuf.

use crate::error::ApiError;
use prost::Message;
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The two codecs that every Connect server speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Codec {
    Json,
    Proto,
}

impl Codec {
    /// Told by the content type; parameters such as a charset do not matter.
    pub fn from_content_type(content_type: &str) -> Option<Self> {
        match content_type.split(';').next().unwrap_or("").trim() {
            "application/json" => Some(Codec::Json),
            "application/proto" => Some(Codec::Proto),
            _ => None,
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Codec::Json => "application/json",
            Codec::Proto => "application/proto",
        }
    }

    /// `type_name` is for the message of an error, which is worded as connect-go's are.
    pub fn decode<M: Message + Default + DeserializeOwned>(self, body: &[u8], type_name: &str) -> Result<M, ApiError> {
        let decoded = match self {
            Codec::Proto => M::decode(body).map_err(|error| format!("proto: {error}")),
            Codec::Json => from_json(body),
        };
        decoded.map_err(|reason| ApiError::invalid(format!("unmarshal message: unmarshal into *{type_name}: {reason}")))
    }

    pub fn encode<M: Message + Serialize>(self, message: &M) -> Result<Vec<u8>, ApiError> {
        match self {
            Codec::Proto => Ok(message.encode_to_vec()),
            Codec::Json => serde_json::to_vec(message)
                .map_err(|error| ApiError::internal(format!("the answer has no JSON form: {error}"))),
        }
    }
}

/// Unknown fields are skipped, as connect-go does. An empty body is refused, as connect-go does.
fn from_json<M: DeserializeOwned>(body: &[u8]) -> Result<M, String> {
    let text = std::str::from_utf8(body).map_err(|_| "proto: invalid UTF-8".to_owned())?;
    let mut reader = serde_json::Deserializer::from_str(text);
    let message = serde_path_to_error::deserialize(&mut reader).map_err(|error| json_error(text, &error))?;
    reader
        .end()
        .map_err(|error| format!("proto: syntax error {}: unexpected data after the message", place(&error)))?;
    Ok(message)
}

/// A wrong type is reported by field and place, anything else as a syntax error.
fn json_error(text: &str, error: &serde_path_to_error::Error<serde_json::Error>) -> String {
    let inner = error.inner();
    if !inner.is_data() {
        return format!("proto: syntax error {}: {}", place(inner), reason(inner));
    }
    // serde points at the last character of the value; protobuf's messages at the first.
    let value = last_token(text, inner.line(), inner.column());
    let column = (inner.column() + 1).saturating_sub(value.chars().count()).max(1);
    let kind = reason(inner)
        .rsplit_once("expected a ")
        .map_or("", |(_, kind)| kind.split(' ').next().unwrap_or(""))
        .to_owned();
    let kind = if kind.is_empty() { kind } else { format!("{kind} ") };
    let field = error.path().to_string();
    format!("proto: (line {}:{column}): invalid value for {kind}field {field}: {value}", inner.line())
}

fn place(error: &serde_json::Error) -> String {
    format!("(line {}:{})", error.line(), error.column())
}

/// serde's text without the place, which is given in protobuf's way.
fn reason(error: &serde_json::Error) -> String {
    let text = error.to_string();
    text.rsplit_once(" at line ").map_or(text.clone(), |(reason, _)| reason.to_owned())
}

/// The number, string or word that ends at a place.
fn last_token(text: &str, line: usize, column: usize) -> String {
    let line = text.lines().nth(line.saturating_sub(1)).unwrap_or("");
    let before = line.get(..column).unwrap_or(line);
    let start = match before.strip_suffix('"') {
        Some(inside) => inside.rfind('"').unwrap_or(0),
        None => before.rfind([':', ',', '[', '{', ' ']).map_or(0, |at| at + 1),
    };
    before.get(start..).unwrap_or("").to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::messages::{LabelValuesRequest, SelectSeriesRequest};
    use super::*;

    fn message(json: &str) -> String {
        let outcome: Result<LabelValuesRequest, _> = Codec::Json.decode(json.as_bytes(), "typesv1.LabelValuesRequest");
        outcome.unwrap_err().message
    }

    #[test]
    fn a_wrong_type_is_named_as_connect_go_names_it() {
        let prefix = "unmarshal message: unmarshal into *typesv1.LabelValuesRequest: proto: ";
        assert_eq!(message(r#"{"name": 5}"#), format!("{prefix}(line 1:10): invalid value for string field name: 5"));
        assert_eq!(
            message("{\n\"name\": true}"),
            format!("{prefix}(line 2:9): invalid value for string field name: true")
        );
        assert!(message("").starts_with(&format!("{prefix}syntax error (line 1:0)")), "{}", message(""));
        assert!(message("{} x").contains("unexpected data after the message"));
        assert!(message(r#"{"start":"soon"}"#).contains("field start: \"soon\""), "{}", message(r#"{"start":"soon"}"#));
    }

    #[test]
    fn both_codecs_carry_the_same_message() {
        let json = br#"{"profileTypeID":"a:b:c:d:e","label_selector":"{}","step":5,"groupBy":["x"],"start":"1","end":2,
                        "aggregation":"TIME_SERIES_AGGREGATION_TYPE_AVERAGE","limit":"3","unknown":{"a":[1]}}"#;
        let from_json: SelectSeriesRequest = Codec::Json.decode(json, "x").unwrap();
        let binary = Codec::Proto.encode(&from_json).unwrap();
        let from_proto: SelectSeriesRequest = Codec::Proto.decode(&binary, "x").unwrap();
        assert_eq!(from_json, from_proto);
        assert_eq!(
            (from_proto.start, from_proto.end, from_proto.limit, from_proto.aggregation),
            (1, 2, Some(3), Some(1))
        );
        let again: SelectSeriesRequest = Codec::Json.decode(&Codec::Json.encode(&from_proto).unwrap(), "x").unwrap();
        assert_eq!(again, from_json);
    }

    #[test]
    fn content_types_may_have_parameters() {
        assert_eq!(Codec::from_content_type("application/json; charset=utf-8"), Some(Codec::Json));
        assert_eq!(Codec::from_content_type("application/proto"), Some(Codec::Proto));
        assert_eq!(Codec::from_content_type("application/connect+proto"), None);
    }
}
