//! Java's `.properties` syntax, as `java.util.Properties.load` documents it.

/// Decodes a properties file: UTF-8 where it is valid, else ISO 8859-1, which is what Java versions up to 8 wrote.
pub fn decode(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.trim_start_matches('\u{feff}').to_owned(),
        Err(_) => bytes.iter().map(|&byte| char::from(byte)).collect(),
    }
}

/// The key and value pairs of `text` in the order of the file. A malformed `\u` escape stays as it is written.
pub fn pairs(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let text = text.replace("\r\n", "\n");
    let mut lines = text.split(['\n', '\r']);
    while let Some(line) = lines.next() {
        let line = line.trim_start_matches(is_blank);
        if line.is_empty() || line.starts_with(['#', '!']) {
            continue;
        }
        let mut logical = line.to_owned();
        while ends_in_continuation(&logical) {
            logical.pop();
            let Some(next) = lines.next() else { break };
            logical.push_str(next.trim_start_matches(is_blank));
        }
        found.push(pair(&logical));
    }
    found
}

fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\u{c}')
}

/// An odd number of backslashes at the end: the last of them escapes the line end.
fn ends_in_continuation(line: &str) -> bool {
    line.bytes().rev().take_while(|&byte| byte == b'\\').count() % 2 == 1
}

/// The key ends at the first unescaped `=`, `:` or blank; blanks around one separator belong to neither side.
fn pair(line: &str) -> (String, String) {
    let mut escaped = false;
    let end = line.find(|c: char| {
        let ends = !escaped && (matches!(c, '=' | ':') || is_blank(c));
        escaped = c == '\\' && !escaped;
        ends
    });
    let (key, rest) = line.split_at(end.unwrap_or(line.len()));
    let rest = rest.trim_start_matches(is_blank);
    let value = rest.strip_prefix(['=', ':']).unwrap_or(rest).trim_start_matches(is_blank);
    (unescape(key), unescape(value))
}

fn unescape(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        plain.push_str(&rest[..at]);
        let after = &rest[at + 1..];
        let Some(c) = after.chars().next() else {
            return plain;
        };
        let used = match c {
            'u' => match unicode(&after[1..]) {
                Some((decoded, length)) => {
                    plain.push(decoded);
                    1 + length
                }
                None => {
                    plain.push_str("\\u");
                    1
                }
            },
            _ => {
                plain.push(match c {
                    't' => '\t',
                    'n' => '\n',
                    'r' => '\r',
                    'f' => '\u{c}',
                    other => other,
                });
                c.len_utf8()
            }
        };
        rest = &after[used..];
    }
    plain.push_str(rest);
    plain
}

/// Four hexadecimal digits, or two such escapes that form one character outside the basic plane; gives the bytes used after the first `\u`.
fn unicode(text: &str) -> Option<(char, usize)> {
    let unit = |text: &str| {
        u16::from_str_radix(text.get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?, 16).ok()
    };
    let first = unit(text)?;
    if let Some(c) = char::from_u32(u32::from(first)) {
        return Some((c, 4));
    }
    let second = unit(text.get(4..)?.strip_prefix("\\u")?)?;
    let c = char::decode_utf16([first, second]).next()?.ok()?;
    Some((c, 10))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(line: &str) -> (String, String) {
        let mut found = pairs(line);
        assert_eq!(found.len(), 1, "{found:?}");
        found.remove(0)
    }

    fn expect(line: &str, key: &str, value: &str) {
        assert_eq!(one(line), (key.to_owned(), value.to_owned()), "{line:?}");
    }

    #[test]
    fn separators_are_equals_colon_or_blank() {
        for line in ["k=v", "k = v", "k:v", "k v", "  k\t:\tv", "k=  v"] {
            expect(line, "k", "v");
        }
        expect("k==v", "k", "=v");
        expect("k", "k", "");
        expect("k=v  ", "k", "v  ");
        expect(r"a\=b\ c=d", "a=b c", "d");
    }

    #[test]
    fn comments_and_blank_lines_are_skipped() {
        assert_eq!(pairs("# c\n! d\r\n\n   \n\t# e\n"), []);
    }

    #[test]
    fn a_backslash_at_the_end_continues_on_the_next_line() {
        for line in ["k=a,\\\n    b", "k=a,\\\r\n    b"] {
            expect(line, "k", "a,b");
        }
        assert_eq!(pairs("k=a\\\\\nl=b"), [("k".into(), "a\\".into()), ("l".into(), "b".into())]);
        expect("k=a\\", "k", "a");
        assert_eq!(pairs("k=a\\\n\nl=b"), [("k".into(), "a".into()), ("l".into(), "b".into())]);
    }

    #[test]
    fn escapes_are_decoded() {
        expect(r"k=\tA\u00e9\uD83D\uDE00\z", "k", "\tAé😀z");
        expect(r"k=\u12", "k", r"\u12");
        expect(r"k=\uD83Dx", "k", r"\uD83Dx");
    }

    #[test]
    fn bytes_that_are_no_utf8_are_latin_1() {
        assert_eq!(decode(b"k=\xe9"), "k=é");
        assert_eq!(decode("\u{feff}k=é".as_bytes()), "k=é");
    }
}
