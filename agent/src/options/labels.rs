//! Static labels and the application name: what the server's `name` parameter can carry.

use std::collections::BTreeMap;

/// Longest label name and value the server takes, in bytes (Pyroscope's default limits).
const MAX_NAME_BYTES: usize = 1_024;
const MAX_VALUE_BYTES: usize = 2_048;

/// Adds `name=value` to `labels`, or says in a few words what is allowed. The server knows no quoting, so a character that ends a value
/// cannot be sent at all.
pub fn add(labels: &mut BTreeMap<String, String>, name: &str, value: &str) -> Result<(), &'static str> {
    let (name, value) = (name.trim(), value.trim());
    check_name(name)?;
    if value.is_empty() {
        return Err("the value must not be empty");
    }
    if value.len() > MAX_VALUE_BYTES {
        return Err("a value has at most 2048 bytes");
    }
    if value.contains(|c: char| matches!(c, ',' | '{' | '}') || c.is_control()) {
        return Err("a value must not contain , { } or control characters");
    }
    labels.insert(name.to_owned(), value.to_owned());
    Ok(())
}

/// The items of `k=v,k2=v2`, each split at its first `=`. An item without one has no value.
pub fn items(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split(',')
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(|item| item.split_once('=').unwrap_or((item, "")))
}

/// Splits `name{k=v,…}` into the name and the labels' text, which is empty where there are no braces.
pub fn split_application_name(text: &str) -> (&str, &str) {
    match (text.find('{'), text.find('}')) {
        (Some(open), Some(close)) if open < close => (text[..open].trim(), &text[open + 1..close]),
        _ => (text.trim(), ""),
    }
}

/// `name` with every character that the server refuses in an application name replaced by `_`, cut to the server's limit.
pub fn legal_application_name(name: &str) -> String {
    let legal = |c: char| {
        if c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '/') { c } else { '_' }
    };
    name.chars().map(legal).take(MAX_VALUE_BYTES).collect()
}

fn check_name(name: &str) -> Result<(), &'static str> {
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    if !starts_well
        || !name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
        || name.len() > MAX_NAME_BYTES
    {
        return Err("a name is letters, digits, _ and ., and does not start with a digit");
    }
    if name.starts_with("__") && name != "__session_id__" {
        return Err("names that start with __ belong to the server");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(name: &str, value: &str) -> Option<(String, String)> {
        let mut labels = BTreeMap::new();
        add(&mut labels, name, value).ok()?;
        labels.pop_first()
    }

    #[test]
    fn only_labels_that_the_server_can_read_are_taken() {
        assert_eq!(added(" env ", " pro duction=1 "), Some(("env".into(), "pro duction=1".into())));
        assert_eq!(added("otel.scope.name", "com.x/java"), Some(("otel.scope.name".into(), "com.x/java".into())));
        let refused = [
            ("", "v"),
            ("1a", "v"),
            ("a b", "v"),
            ("é", "v"),
            ("a-b", "v"),
            ("__name__", "v"),
            ("a", ""),
            ("a", "x,y"),
            ("a", "}"),
        ];
        for (name, value) in refused {
            assert_eq!(added(name, value), None, "{name}={value}");
        }
        assert_eq!(added("a", &"v".repeat(2_049)), None);
    }

    #[test]
    fn lists_split_at_commas_and_first_equals() {
        assert_eq!(items("a=1, b=x=y,,c").collect::<Vec<_>>(), [("a", "1"), ("b", "x=y"), ("c", "")]);
    }

    #[test]
    fn an_application_name_may_carry_labels() {
        assert_eq!(split_application_name("bank{env=prod,a=b}"), ("bank", "env=prod,a=b"));
        assert_eq!(split_application_name(" bank "), ("bank", ""));
        assert_eq!(split_application_name("}bank{"), ("}bank{", ""));
    }

    #[test]
    fn illegal_characters_of_a_name_become_underscores() {
        assert_eq!(legal_application_name("a/b.c-d_é f{"), "a/b.c-d___f_");
    }
}
