//! `Labels`: a sorted set of names and values.

use serde::{Deserialize, Serialize};

/// Label pairs, sorted by name, each name once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Labels(Vec<(String, String)>);

impl Labels {
    /// Collects pairs; of two with the same name the first one stays.
    pub fn from_pairs<N: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (N, V)>) -> Self {
        let mut labels = Labels::default();
        for (name, value) in pairs {
            labels.insert_missing(name.into(), value.into());
        }
        labels
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.position(name).ok().map(|at| self.0[at].1.as_str())
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    /// Adds a pair unless the name is taken: existing labels win, as they do in Pyroscope.
    pub fn insert_missing(&mut self, name: String, value: String) {
        if let Err(at) = self.position(&name) {
            self.0.insert(at, (name, value));
        }
    }

    /// The pairs whose names are in `names`, or all of them if `names` is empty.
    pub fn project(&self, names: &[String]) -> Labels {
        if names.is_empty() {
            return self.clone();
        }
        Labels(self.0.iter().filter(|(name, _)| names.contains(name)).cloned().collect())
    }

    /// Drops the names that Prometheus' classic syntax cannot write (`otel.scope.name`): Pyroscope stores them but
    /// hides them from clients that have not said they understand them.
    pub fn without_dotted(&self) -> Labels {
        Labels(self.0.iter().filter(|(name, _)| is_classic_name(name)).cloned().collect())
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn position(&self, name: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(held, _)| held.as_str().cmp(name))
    }
}

/// Whether a name is `[a-zA-Z_][a-zA-Z0-9_]*`.
pub(crate) fn is_classic_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    let starts = bytes.next().is_some_and(|b| b.is_ascii_alphabetic() || b == b'_');
    starts && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stays_sorted_and_the_first_value_wins() {
        let labels = Labels::from_pairs([("b", "1"), ("a", "2"), ("b", "3")]);
        assert_eq!(labels.iter().collect::<Vec<_>>(), [("a", "2"), ("b", "1")]);
        assert_eq!(labels.get("b"), Some("1"));
        assert_eq!(labels.get("c"), None);
    }

    #[test]
    fn hides_names_with_dots_only() {
        let labels = Labels::from_pairs([("otel.scope", "1"), ("_a9", "2"), ("9a", "3"), ("__x__", "4")]);
        assert_eq!(labels.without_dotted(), Labels::from_pairs([("_a9", "2"), ("__x__", "4")]));
    }

    #[test]
    fn projects_onto_the_names_asked_for() {
        let labels = Labels::from_pairs([("a", "1"), ("b", "2")]);
        assert_eq!(labels.project(&["b".into(), "z".into()]), Labels::from_pairs([("b", "2")]));
        assert_eq!(labels.project(&[]), labels);
    }
}
