//! `Matcher` and `Selector`: whether a label set is meant.

use crate::model::Labels;
use regex::{Regex, RegexBuilder};

/// The four ways to compare a label with a value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MatchOp {
    Equal,
    NotEqual,
    Regex,
    NotRegex,
}

/// One comparison of a selector.
#[derive(Debug, Clone)]
pub(crate) struct Matcher {
    name: String,
    op: MatchOp,
    value: String,
    /// Present for the two regular operators.
    regex: Option<Regex>,
}

/// All comparisons must hold; none at all means every series.
#[derive(Debug, Clone, Default)]
pub(crate) struct Selector {
    matchers: Vec<Matcher>,
}

/// The largest compiled expression, so that a selector cannot take the server's memory.
const REGEX_LIMIT_BYTES: usize = 1 << 20;

impl Matcher {
    /// The expression of a regular operator must match the whole value. Fails with the reason of a bad expression.
    pub fn new(name: &str, op: MatchOp, value: &str) -> Result<Self, regex::Error> {
        let regex = match op {
            MatchOp::Equal | MatchOp::NotEqual => None,
            MatchOp::Regex | MatchOp::NotRegex => {
                let whole = format!("^(?s:{value})$");
                Some(RegexBuilder::new(&whole).size_limit(REGEX_LIMIT_BYTES).build()?)
            }
        };
        Ok(Matcher { name: name.to_owned(), op, value: value.to_owned(), regex })
    }

    /// A label that is not there counts as empty.
    fn matches(&self, labels: &Labels) -> bool {
        let held = labels.get(&self.name).unwrap_or("");
        let matched = self.regex.as_ref().is_some_and(|regex| regex.is_match(held));
        match self.op {
            MatchOp::Equal => held == self.value,
            MatchOp::NotEqual => held != self.value,
            MatchOp::Regex => matched,
            MatchOp::NotRegex => !matched,
        }
    }
}

impl Selector {
    pub fn new(matchers: Vec<Matcher>) -> Self {
        Selector { matchers }
    }

    pub fn matches(&self, labels: &Labels) -> bool {
        self.matchers.iter().all(|matcher| matcher.matches(labels))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(op: MatchOp, value: &str) -> bool {
        let labels = Labels::from_pairs([("env", "production")]);
        Matcher::new("env", op, value).unwrap().matches(&labels)
    }

    #[test]
    fn compares_in_four_ways() {
        assert!(holds(MatchOp::Equal, "production") && !holds(MatchOp::Equal, "prod"));
        assert!(holds(MatchOp::NotEqual, "prod") && !holds(MatchOp::NotEqual, "production"));
        assert!(holds(MatchOp::Regex, "prod.*|dev") && !holds(MatchOp::Regex, "prod"));
        assert!(holds(MatchOp::NotRegex, "prod") && !holds(MatchOp::NotRegex, "p.*n"));
    }

    #[test]
    fn a_missing_label_is_an_empty_one() {
        let labels = Labels::default();
        for (op, value, expected) in [
            (MatchOp::Equal, "", true),
            (MatchOp::NotEqual, "", false),
            (MatchOp::Regex, ".*", true),
            (MatchOp::NotRegex, ".+", true),
        ] {
            assert_eq!(Matcher::new("x", op, value).unwrap().matches(&labels), expected, "{op:?} {value}");
        }
    }

    #[test]
    fn an_expression_that_would_eat_memory_is_refused() {
        assert!(Matcher::new("x", MatchOp::Regex, "(((a{1000}){1000}){1000})").is_err());
        assert!(Matcher::new("x", MatchOp::Regex, "(").is_err());
    }
}
