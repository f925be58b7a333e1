//! JSON forms that protobuf allows, and some that it does not.

use super::*;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
#[serde(default)]
struct Sample {
    #[serde(with = "int64")]
    number: i64,
    #[serde(with = "optional_int64")]
    maybe: Option<i64>,
    #[serde(with = "int64_list")]
    list: Vec<i64>,
    #[serde(with = "double")]
    real: f64,
    #[serde(deserialize_with = "or_default")]
    text: String,
}

impl Default for Sample {
    fn default() -> Self {
        Sample { number: 0, maybe: None, list: Vec::new(), real: 0.0, text: String::new() }
    }
}

fn parse(json: &str) -> Sample {
    serde_json::from_str(json).unwrap_or_else(|error| panic!("{json}: {error}"))
}

#[test]
fn numbers_come_as_numbers_or_strings() {
    for json in [
        r#"{"number":5,"maybe":6,"list":[7,"8"],"real":1.5,"text":"x"}"#,
        r#"{"number":"5","maybe":"6","list":["7",8.0],"real":"1.5","text":"x"}"#,
    ] {
        let expected = Sample { number: 5, maybe: Some(6), list: vec![7, 8], real: 1.5, text: "x".into() };
        assert_eq!(parse(json), expected);
    }
}

#[test]
fn null_is_the_default() {
    let all = r#"{"number":null,"maybe":null,"list":null,"real":null,"text":null}"#;
    assert_eq!(parse(all), Sample::default());
    assert_eq!(parse("{}"), Sample::default());
}

#[test]
fn large_numbers_keep_every_digit() {
    let sample = Sample { number: i64::MAX, list: vec![i64::MIN], real: 8_050_000_000.0, ..Sample::default() };
    let json = serde_json::to_string(&sample).unwrap();
    assert!(json.contains(r#""number":"9223372036854775807""#), "{json}");
    assert!(json.contains(r#""real":8050000000,"#), "{json}");
    assert_eq!(parse(&json), sample);
}

#[test]
fn what_is_no_whole_number_is_refused() {
    for json in [r#"{"number":1.5}"#, r#"{"number":"x"}"#, r#"{"number":1e30}"#, r#"{"list":[true]}"#] {
        assert!(serde_json::from_str::<Sample>(json).is_err(), "{json}");
    }
}
