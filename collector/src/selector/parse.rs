//! Reads a selector from text; errors carry line and column in the form that Prometheus' parser gives them.

use super::{MatchOp, Matcher, Selector};
use crate::model::Labels;
use crate::model::is_classic_name;

/// What is wrong with a selector, and where.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: parse error: {reason}")]
pub(crate) struct SelectorError {
    place: String,
    reason: String,
}

/// Reads `{…}`, a bare metric name or both; the name becomes a matcher on `__name__`.
pub(crate) fn parse_selector(text: &str) -> Result<Selector, SelectorError> {
    let (name, mut matchers) = Reader::new(text).query()?;
    if !name.is_empty() {
        let by_name = Matcher::new("__name__", MatchOp::Equal, name);
        matchers.extend(by_name.ok());
    }
    Ok(Selector::new(matchers))
}

/// Reads a query of `/pyroscope/render`: a profile type (empty if there is none) before the braces.
pub(crate) fn parse_query(text: &str) -> Result<(&str, Selector), SelectorError> {
    let (name, matchers) = Reader::new(text).query()?;
    Ok((name, Selector::new(matchers)))
}

/// The operators, longest first, because `=` begins `=~`.
const OPERATORS: &[(&str, MatchOp)] =
    &[("=~", MatchOp::Regex), ("!~", MatchOp::NotRegex), ("!=", MatchOp::NotEqual), ("=", MatchOp::Equal)];

/// A place in the text; every method moves on over what it read.
struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn new(text: &'a str) -> Self {
        Reader { text, at: 0 }
    }

    /// An optional metric name, then optional braces, then the end.
    fn query(&mut self) -> Result<(&'a str, Vec<Matcher>), SelectorError> {
        self.skip_space();
        if self.rest().is_empty() {
            return Err(SelectorError {
                place: "unknown position".to_owned(),
                reason: "unexpected end of input".to_owned(),
            });
        }
        let name = self.take_while(|c| c.is_ascii_alphanumeric() || c == '_' || c == ':');
        self.skip_space();
        let matchers = if self.eat("{") { self.matchers()? } else { Vec::new() };
        self.skip_space();
        match self.rest().chars().next() {
            None => Ok((name, matchers)),
            Some(other) => Err(self.error(format!("unexpected character: {other:?}"))),
        }
    }

    /// What is between the braces; a comma before the closing one is allowed.
    fn matchers(&mut self) -> Result<Vec<Matcher>, SelectorError> {
        let mut matchers = Vec::new();
        loop {
            self.skip_space();
            if self.eat("}") {
                return Ok(matchers);
            }
            matchers.push(self.matcher()?);
            self.skip_space();
            if self.eat("}") {
                return Ok(matchers);
            }
            if !self.eat(",") {
                return Err(self.unexpected("\",\" or \"}\""));
            }
        }
    }

    /// `name op "value"`. A name with other characters than letters, digits and underscores must be quoted.
    fn matcher(&mut self) -> Result<Matcher, SelectorError> {
        let start = self.at;
        let name = match self.rest().chars().next() {
            Some('"' | '\'' | '`') => self.string()?,
            _ => self.take_while(|c| c.is_ascii_alphanumeric() || c == '_').to_owned(),
        };
        if name.is_empty() || (self.text[start..self.at] == *name && !is_classic_name(&name)) {
            self.at = start;
            return Err(self.unexpected("a label name"));
        }
        self.skip_space();
        let Some((_, op)) = OPERATORS.iter().find(|(sign, _)| self.eat(sign)) else {
            return Err(self.unexpected("one of = != =~ !~"));
        };
        self.skip_space();
        let value_at = self.at;
        let value = self.string()?;
        Matcher::new(&name, *op, &value).map_err(|error| {
            let message = error.to_string();
            let last = message.lines().last().unwrap_or_default().trim().to_owned();
            self.error_at(value_at, format!("regular expression {value:?} of label {name}: {last}"))
        })
    }

    /// A string in double or single quotes with escapes, or in back quotes without.
    fn string(&mut self) -> Result<String, SelectorError> {
        let quote = match self.rest().chars().next() {
            Some(quote @ ('"' | '\'' | '`')) => quote,
            _ => return Err(self.unexpected("a quoted string")),
        };
        let start = self.at;
        self.at += 1;
        let mut value = String::new();
        while let Some(next) = self.rest().chars().next() {
            self.at += next.len_utf8();
            match next {
                _ if next == quote => return Ok(value),
                '\\' if quote != '`' => value.push(self.escaped()?),
                _ => value.push(next),
            }
        }
        Err(self.error_at(start, "unterminated quoted string".to_owned()))
    }

    /// What follows a backslash, by Go's rules for strings.
    fn escaped(&mut self) -> Result<char, SelectorError> {
        const PLAIN: &[(char, char)] = &[
            ('a', '\u{7}'),
            ('b', '\u{8}'),
            ('f', '\u{c}'),
            ('n', '\n'),
            ('r', '\r'),
            ('t', '\t'),
            ('v', '\u{b}'),
            ('\\', '\\'),
            ('\'', '\''),
            ('"', '"'),
        ];
        let Some(letter) = self.rest().chars().next() else {
            return Err(self.error("unterminated escape sequence".to_owned()));
        };
        let digits = match letter {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let start = self.at;
        self.at += letter.len_utf8();
        if digits == 0 {
            let found = PLAIN.iter().find(|(from, _)| *from == letter);
            return found.map(|(_, to)| *to).ok_or_else(|| {
                self.error_at(
                    start,
                    format!("unknown escape sequence \\{letter}; allowed are \\\\ \\\" \\n \\t \\xHH \\uHHHH"),
                )
            });
        }
        let code = self.rest().get(..digits).and_then(|hex| u32::from_str_radix(hex, 16).ok());
        self.at = (self.at + digits).min(self.text.len());
        code.and_then(char::from_u32)
            .ok_or_else(|| self.error_at(start, format!("\\{letter} needs {digits} hexadecimal digits of a character")))
    }

    /// What is not read yet.
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or("")
    }

    fn skip_space(&mut self) {
        self.take_while(char::is_whitespace);
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let end = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    /// Moves over `token` if it comes next, and says whether it did.
    fn eat(&mut self, token: &str) -> bool {
        let found = self.rest().starts_with(token);
        self.at += if found { token.len() } else { 0 };
        found
    }

    /// Names what was found where something else was wanted; the end of the text is worded as Prometheus words it.
    fn unexpected(&self, wanted: &str) -> SelectorError {
        match self.rest().chars().next() {
            None => self.error("unexpected end of input inside braces".to_owned()),
            Some(found) => self.error(format!("unexpected {found:?} in label matching, expected {wanted}")),
        }
    }

    fn error(&self, reason: String) -> SelectorError {
        self.error_at(self.at, reason)
    }

    /// Columns count bytes from 1, as Prometheus counts them.
    fn error_at(&self, at: usize, reason: String) -> SelectorError {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap_or("").len() + 1;
        SelectorError { place: format!("{line}:{column}"), reason }
    }
}

/// Combines the matchers of a request: a series is meant if any of them matches, all series if there are none.
pub(crate) fn any_matches(selectors: &[Selector], labels: &Labels) -> bool {
    selectors.is_empty() || selectors.iter().any(|selector| selector.matches(labels))
}

#[cfg(test)]
mod tests;
