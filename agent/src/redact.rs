//! Keeps secrets out of everything that people read: a string that does not print itself, and the clean-up of foreign text before it is logged.

use std::fmt;

use url::Url;

/// What stands in the place of a secret.
pub const MASK: &str = "***";

/// A token, password or header value. `Debug` and `Display` print [`MASK`], so a secret can sit in any struct that is logged.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps `text`.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The secret itself, for the one place that must send it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// True when there is nothing to hide.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(MASK)
    }
}

/// A URL without its user, password, query and fragment: each of the first three may carry a credential.
pub fn url(address: &Url) -> String {
    let mut shown = address.clone();
    // Both setters fail only for URLs that cannot hold a user at all, which then have none to hide.
    let had_user = !shown.username().is_empty() || shown.password().is_some();
    let _ = shown.set_password(None);
    let _ = shown.set_username("");
    let had_query = shown.query().is_some();
    shown.set_query(None);
    shown.set_fragment(None);
    let mut text = shown.to_string();
    if shown.path() == "/" {
        text.truncate(text.trim_end_matches('/').len());
    }
    if had_user {
        text = text.replacen("://", &format!("://{MASK}@"), 1);
    }
    if had_query {
        text.push('?');
        text.push_str(MASK);
    }
    text
}

/// The same for text that was meant as an address but does not parse. Errs on the side of hiding too much: a password may itself
/// contain `/`, `@` or `:`, so everything up to the last `@` goes.
pub fn address(text: &str) -> String {
    let (scheme, rest) = match text.find("://") {
        Some(at) => text.split_at(at + 3),
        None => ("", text),
    };
    let rest = match rest.rfind('@') {
        Some(at) => format!("{MASK}{}", &rest[at..]),
        None => rest.to_owned(),
    };
    let rest = match rest.find(['?', '#']) {
        Some(at) => format!("{}?{MASK}", &rest[..at]),
        None => rest,
    };
    format!("{scheme}{rest}")
}

/// `text` with each of `secrets` replaced by [`MASK`]. Secrets shorter than four bytes are left, because replacing them would
/// riddle ordinary words; nothing that short protects anything.
pub fn secrets_in<'a>(text: &str, secrets: impl IntoIterator<Item = &'a Secret>) -> String {
    let mut clean = text.to_owned();
    for secret in secrets {
        if secret.0.len() >= 4 {
            clean = clean.replace(secret.0.as_str(), MASK);
        }
    }
    clean
}

/// `text` as one line of at most `max_chars` characters: runs of white space and control characters become one space, a cut is marked.
pub fn one_line(text: &str, max_chars: usize) -> String {
    let mut line = String::new();
    let mut left = max_chars;
    for word in text.split(|c: char| c.is_whitespace() || c.is_control()) {
        if word.is_empty() {
            continue;
        }
        let space = usize::from(!line.is_empty());
        let length = word.chars().count();
        if length + space > left {
            line.extend((space == 1).then_some(' '));
            line.extend(word.chars().take(left.saturating_sub(space)));
            line.push('…');
            return line;
        }
        line.extend((space == 1).then_some(' '));
        line.push_str(word);
        left -= length + space;
    }
    line
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_prints_nothing_of_itself() {
        let secret = Secret::new("hunter2");
        assert_eq!(format!("{secret} {secret:?} {:?}", Some(&secret)), "*** *** Some(***)");
        assert_eq!(secret.expose(), "hunter2");
    }

    #[test]
    fn urls_lose_user_password_and_query() {
        let parse = |text: &str| url(&Url::parse(text).unwrap());
        assert_eq!(parse("https://me:pw@host:4040/x?token=1#f"), "https://***@host:4040/x?***");
        assert_eq!(parse("http://localhost:4040/"), "http://localhost:4040");
        assert_eq!(parse("http://me@[::1]:4040/a/"), "http://***@[::1]:4040/a/");
    }

    #[test]
    fn text_that_is_no_url_loses_the_same() {
        assert_eq!(address("htp://me:p@ss/w@host/x?t=1"), "htp://***@host/x?***");
        assert_eq!(address("me:pw@host"), "***@host");
        assert_eq!(address("host:4040"), "host:4040");
    }

    #[test]
    fn known_secrets_are_masked_in_foreign_text() {
        let token = Secret::new("abcd-token");
        let short = Secret::new("a");
        assert_eq!(secrets_in("bad abcd-token, alas", [&token, &short]), "bad ***, alas");
    }

    #[test]
    fn one_line_flattens_and_cuts() {
        assert_eq!(one_line(" a\n\tb\u{7}  c ", 10), "a b c");
        assert_eq!(one_line("hello world", 8), "hello wo…");
        assert_eq!(one_line("hello world", 11), "hello world");
        assert_eq!(one_line("äöü", 2), "äö…");
        assert_eq!(one_line("", 5), "");
    }
}
