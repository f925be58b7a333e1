//! The `labels` part of an upload: which labels a context id stands for.

use prost::Message;
use std::collections::HashMap;

/// Protobuf as pyroscope-java writes it: context id → (name id → value id), and id → string.
#[derive(Clone, PartialEq, Message)]
pub(crate) struct LabelSnapshot {
    #[prost(map = "int64, message", tag = "1")]
    contexts: HashMap<i64, Context>,
    #[prost(map = "int64, string", tag = "2")]
    strings: HashMap<i64, String>,
}

#[derive(Clone, PartialEq, Message)]
struct Context {
    #[prost(map = "int64, int64", tag = "1")]
    labels: HashMap<i64, i64>,
}

impl LabelSnapshot {
    /// The pairs of a context, sorted by name; a context that is not known has none. Pairs with an empty name or
    /// value are left out.
    pub fn labels(&self, context_id: i64) -> Vec<(&str, &str)> {
        let Some(context) = self.contexts.get(&context_id) else { return Vec::new() };
        let pair = |(name, value): (&i64, &i64)| Some((self.string(*name)?, self.string(*value)?));
        let mut pairs: Vec<_> = context.labels.iter().filter_map(pair).collect();
        pairs.sort_unstable();
        pairs
    }

    /// A snapshot of one context.
    #[cfg(test)]
    pub fn for_test(context_id: i64, labels: &[(i64, i64)], strings: &[(i64, &str)]) -> Self {
        let context = Context { labels: labels.iter().copied().collect() };
        let strings = strings.iter().map(|(id, text)| (*id, (*text).to_owned())).collect();
        LabelSnapshot { contexts: [(context_id, context)].into(), strings }
    }

    /// A string that is there and not empty.
    pub fn string(&self, id: i64) -> Option<&str> {
        self.strings.get(&id).map(String::as_str).filter(|text| !text.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_is_looked_up_through_the_strings() {
        let strings = [(1, "endpoint"), (2, "/pay"), (3, "")];
        let snapshot = LabelSnapshot::for_test(7, &[(1, 2), (3, 2), (2, 9)], &strings);
        let decoded = LabelSnapshot::decode(&*snapshot.encode_to_vec()).unwrap();
        assert_eq!(decoded.labels(7), [("endpoint", "/pay")]);
        assert!(decoded.labels(8).is_empty());
    }
}
