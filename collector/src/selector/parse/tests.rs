//! Selectors that must parse, and errors that must say where.

use super::*;

fn labels() -> Labels {
    Labels::from_pairs([("service_name", "bank-order-service"), ("env", "production"), ("path", "a\"b\\c")])
}

fn matches(selector: &str) -> bool {
    parse_selector(selector).unwrap_or_else(|error| panic!("{selector}: {error}")).matches(&labels())
}

#[test]
fn selectors_that_match() {
    for selector in [
        "{}",
        "{ }",
        r#"{service_name="bank-order-service"}"#,
        r#"{service_name="bank-order-service", env="production"}"#,
        r#"{service_name=~"bank-.*",env!="staging",}"#,
        r#"{ env != "" , absent = "" }"#,
        r#"{env!~"stag.*|dev"}"#,
        r#"{path="a\"b\\c"}"#,
        r#"{path='a"b\\c'}"#,
        r#"{path=`a"b\c`}"#,
        r#"{"env"="production"}"#,
        r#"{env="\x70roduction"}"#,
        r#"{env="\u0070roduction"}"#,
    ] {
        assert!(matches(selector), "{selector}");
    }
}

#[test]
fn selectors_that_do_not_match() {
    for selector in [
        r#"{env="prod"}"#,
        r#"{env=~"prod"}"#,
        r#"{env!="production"}"#,
        r#"{env!~"p.*"}"#,
        r#"{absent!=""}"#,
        r#"{env="production",service_name="other"}"#,
        "process_cpu",
    ] {
        assert!(!matches(selector), "{selector}");
    }
}

#[test]
fn a_query_has_a_profile_type_before_the_braces() {
    let (name, selector) = parse_query(r#"process_cpu:cpu:nanoseconds:cpu:nanoseconds{env="production"}"#).unwrap();
    assert_eq!(name, "process_cpu:cpu:nanoseconds:cpu:nanoseconds");
    assert!(selector.matches(&labels()));
    assert_eq!(parse_query("nonsense").unwrap().0, "nonsense");
    assert_eq!(parse_query("{}").unwrap().0, "");
}

#[test]
fn errors_say_where_and_what() {
    for (text, expected) in [
        ("", "unknown position: parse error: unexpected end of input"),
        ("a:b{service_name=", "1:18: parse error: unexpected end of input inside braces"),
        ("{", "1:2: parse error: unexpected end of input inside braces"),
        ("{env", "1:5: parse error: unexpected end of input inside braces"),
        ("{env=\"x\"", "1:9: parse error: unexpected end of input inside braces"),
        ("{env=x}", "1:6: parse error: unexpected 'x' in label matching, expected a quoted string"),
        ("{env}", "1:5: parse error: unexpected '}' in label matching, expected one of = != =~ !~"),
        ("{\n env=\"x}", "2:6: parse error: unterminated quoted string"),
        ("{=\"x\"}", "1:2: parse error: unexpected '=' in label matching, expected a label name"),
        ("{9a=\"x\"}", "1:2: parse error: unexpected '9' in label matching, expected a label name"),
        ("{} x", "1:4: parse error: unexpected character: 'x'"),
        ("{a=\"1\" b=\"2\"}", "1:8: parse error: unexpected 'b' in label matching, expected \",\" or \"}\""),
    ] {
        assert_eq!(parse_selector(text).unwrap_err().to_string(), expected, "{text}");
    }
}

#[test]
fn a_bad_expression_or_escape_is_named() {
    let message = parse_selector(r#"{env=~"("}"#).unwrap_err().to_string();
    assert!(message.starts_with("1:7: parse error: regular expression \"(\" of label env"), "{message}");
    let message = parse_selector(r#"{env="\q"}"#).unwrap_err().to_string();
    assert!(message.contains("unknown escape sequence \\q"), "{message}");
    assert!(parse_selector(r#"{env="\u12"}"#).is_err());
    assert!(parse_selector("{env=\"\\").is_err());
}
