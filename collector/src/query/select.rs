//! Which samples a query means, and merging them into a tree.

use super::{CallTree, Side};
use crate::model::{Labels, Profile, ProfileType, SeriesKey};
use crate::selector::Selector;
use crate::store::{Store, StoreError};
use std::collections::HashSet;

/// Milliseconds since the epoch, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct TimeRange {
    pub start_ms: i64,
    pub end_ms: i64,
}

/// A range that cannot be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum QueryError {
    #[error("query start time is after end time")]
    Reversed,
    #[error("invalid span id {0:?}: 16 hexadecimal digits are needed")]
    SpanId(String),
}

/// The first and the last millisecond that nanoseconds since the epoch can tell in 64 bits: the years 1677 and 2262.
/// Within them no sum of times and steps overflows.
const FIRST_MS: i64 = i64::MIN / 1_000_000;
const LAST_MS: i64 = i64::MAX / 1_000_000;

impl TimeRange {
    /// Everything that is held.
    pub const ALL: TimeRange = TimeRange { start_ms: FIRST_MS, end_ms: LAST_MS };

    /// Both 0 means no range was given, which Pyroscope's storage refuses and we answer with everything held;
    /// an end of 0 alone means no end.
    pub fn new(start_ms: i64, end_ms: i64) -> Result<Self, QueryError> {
        match (start_ms, end_ms) {
            (0, 0) => Ok(TimeRange::ALL),
            (_, 0) => Ok(TimeRange { start_ms: start_ms.clamp(FIRST_MS, LAST_MS), ..TimeRange::ALL }),
            _ if start_ms > end_ms => Err(QueryError::Reversed),
            _ => Ok(TimeRange { start_ms: start_ms.clamp(FIRST_MS, LAST_MS), end_ms: end_ms.clamp(FIRST_MS, LAST_MS) }),
        }
    }

    /// The range with open ends put where the data ends, so that it can be drawn.
    pub fn closed(self, held_ms: Option<(i64, i64)>) -> Self {
        let (first_ms, last_ms) = held_ms.unwrap_or((0, 0));
        TimeRange {
            start_ms: if self.start_ms == FIRST_MS { first_ms.min(self.end_ms) } else { self.start_ms },
            end_ms: if self.end_ms == LAST_MS { last_ms.max(self.start_ms) } else { self.end_ms },
        }
    }
}

/// Keeps samples of certain spans; without any, all samples.
#[derive(Debug, Default)]
pub(crate) struct SpanFilter(HashSet<u64>);

impl SpanFilter {
    /// Reads ids of 16 hexadecimal digits.
    pub fn new(spans: &[String]) -> Result<Self, QueryError> {
        let span = |text: &String| hexadecimal(text).ok_or_else(|| QueryError::SpanId(text.clone()));
        Ok(SpanFilter(spans.iter().map(span).collect::<Result<_, _>>()?))
    }

    fn keeps(&self, span_id: u64) -> bool {
        self.0.is_empty() || self.0.contains(&span_id)
    }
}

/// The standard parser alone would take a sign, and fewer digits.
fn hexadecimal(text: &str) -> Option<u64> {
    let exact = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    exact.then(|| u64::from_str_radix(text, 16).ok()).flatten()
}

/// What a flame graph is asked for.
#[derive(Debug)]
pub(crate) struct Query {
    pub profile_type: ProfileType,
    pub selector: Selector,
    pub range: TimeRange,
    pub spans: SpanFilter,
}

impl Query {
    pub fn matches(&self, series: &SeriesKey) -> bool {
        series.profile_type == self.profile_type && self.selector.matches(&series.labels)
    }
}

/// Adds all samples that `query` means to one side of `tree`.
///
/// Uploads whose index has no matching series are not opened. One that turns out to be unreadable is left out; the
/// store has said so in the log.
pub(crate) fn merge_into(tree: &mut CallTree, side: Side, store: &Store, query: &Query) -> Result<(), StoreError> {
    let mut uploads = store.uploads(query.range);
    uploads.retain(|upload| upload.series.iter().any(|(series, _)| query.matches(series)));
    for batch in uploads.chunks(store.parallelism()) {
        for profile in store.profiles(batch) {
            if let Some(profile) = profile? {
                merge_profile(tree, side, &profile, query);
            }
        }
    }
    Ok(())
}

/// Adds the samples of one profile.
pub(crate) fn merge_profile(tree: &mut CallTree, side: Side, profile: &Profile, query: &Query) {
    for series in &profile.series {
        let metric = series.metric.metric();
        for index in 0..metric.values.len() {
            if metric.profile_type(index) != query.profile_type || !selects(query, &series.labels) {
                continue;
            }
            let kept = series.samples.iter().filter(|sample| query.spans.keeps(sample.span_id));
            tree.add(side, profile, kept.map(|sample| (sample.leaf, sample.values[index])));
        }
    }
}

fn selects(query: &Query, labels: &Labels) -> bool {
    let series = SeriesKey::new(query.profile_type.clone(), labels);
    query.selector.matches(&series.labels)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_may_be_left_out_but_not_reversed() {
        assert_eq!(TimeRange::new(5, 7), Ok(TimeRange { start_ms: 5, end_ms: 7 }));
        assert_eq!(TimeRange::new(0, 0).unwrap(), TimeRange::ALL);
        assert_eq!(TimeRange::new(5, 0).unwrap().end_ms, LAST_MS);
        assert_eq!(TimeRange::new(i64::MIN, i64::MAX).unwrap(), TimeRange::ALL);
        assert_eq!(TimeRange::new(8, 7), Err(QueryError::Reversed));
    }

    #[test]
    fn open_ends_close_where_the_data_ends() {
        let closed = |start_ms, end_ms| TimeRange::new(start_ms, end_ms).unwrap().closed(Some((10, 20)));
        assert_eq!(closed(0, 0), TimeRange { start_ms: 10, end_ms: 20 });
        assert_eq!(closed(12, 0), TimeRange { start_ms: 12, end_ms: 20 });
        assert_eq!(closed(30, 0), TimeRange { start_ms: 30, end_ms: 30 });
        assert_eq!(closed(5, 7), TimeRange { start_ms: 5, end_ms: 7 });
        assert_eq!(TimeRange::ALL.closed(None), TimeRange { start_ms: 0, end_ms: 0 });
    }

    #[test]
    fn span_ids_are_hexadecimal_of_full_length() {
        let filter = SpanFilter::new(&["00000000000000ff".into()]).unwrap();
        assert!(filter.keeps(255) && !filter.keeps(254));
        assert!(SpanFilter::default().keeps(0));
        for bad in ["ff", "zz00000000000000", "", "+0000000000000ff"] {
            assert!(SpanFilter::new(&[bad.to_owned()]).is_err(), "{bad}");
        }
    }
}
