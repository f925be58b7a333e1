//! The text after `-agentpath:…libpyrite.so=`: `key=value,key=value`, a comma inside a value written `\,`.

/// One item of the agent string.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Text before the first `=`, trimmed.
    pub key: String,
    /// Text after it, or `None` where there is no `=`.
    pub value: Option<String>,
}

/// Splits the agent string. `\,` stands for a comma and `\\` for a backslash; any other backslash is an ordinary character.
/// Empty items are skipped, so a trailing comma does no harm.
pub fn items(text: &str) -> Vec<Item> {
    let mut found = Vec::new();
    let mut current = String::new();
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\\' if matches!(chars.peek(), Some(',' | '\\')) => current.extend(chars.next()),
            ',' => found.extend(item(&std::mem::take(&mut current))),
            _ => current.push(c),
        }
    }
    found.extend(item(&current));
    found
}

fn item(text: &str) -> Option<Item> {
    if text.trim().is_empty() {
        return None;
    }
    Some(match text.split_once('=') {
        Some((key, value)) => Item { key: key.trim().to_owned(), value: Some(value.trim().to_owned()) },
        None => Item { key: text.trim().to_owned(), value: None },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(text: &str) -> Vec<(String, Option<String>)> {
        items(text).into_iter().map(|item| (item.key, item.value)).collect()
    }

    #[test]
    fn commas_separate_and_a_backslash_keeps_them() {
        assert_eq!(
            pairs(r"a=1,b=x\,y\\,c=\n=2"),
            [("a".into(), Some("1".into())), ("b".into(), Some(r"x,y\".into())), ("c".into(), Some(r"\n=2".into())),]
        );
    }

    #[test]
    fn empty_items_are_skipped_and_a_missing_value_is_told_apart() {
        assert_eq!(
            pairs(" , a = 1 ,,verbose,b="),
            [("a".into(), Some("1".into())), ("verbose".into(), None), ("b".into(), Some(String::new())),]
        );
        assert_eq!(pairs(""), []);
        assert_eq!(pairs("\\"), [("\\".into(), None)]);
    }
}
