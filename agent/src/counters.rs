//! The agent's own counters by name, as every chunk carries them (event `pyrite.Counters`) and the debug log shows them.

use std::sync::atomic::Ordering;

use sampler::counters::{HandlerCounters, Outcome};

/// Counters of the drain and the fold, cumulative.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DrainCounters {
    /// Failed walks by AsyncGetCallTrace's code, at the index of its negation.
    pub walk_failed: [u64; jvmti_sys::AGCT_FAILURES.len()],
    /// Failed walks with a code that HotSpot does not document.
    pub walk_failed_otherwise: u64,
    /// Samples whose stack was cut.
    pub truncated: u64,
    /// Chunks that were begun early to stay inside the server's limits.
    pub early_chunks: u64,
    /// Intervals whose chunk could not be made.
    pub failed_chunks: u64,
}

impl DrainCounters {
    /// Counts a failed walk.
    pub fn count_failure(&mut self, code: i32) {
        match usize::try_from(-i64::from(code)).ok().and_then(|index| self.walk_failed.get_mut(index)) {
            Some(counter) => *counter += 1,
            None => self.walk_failed_otherwise += 1,
        }
    }

    /// Adds these counters by name.
    pub fn list(&self, into: &mut Vec<(String, i64)>) {
        for failure in &jvmti_sys::AGCT_FAILURES {
            let count = self.walk_failed.get((-failure.code) as usize).copied().unwrap_or(0);
            if count > 0 {
                put(into, &format!("walk_failed.{}", failure.name), count);
            }
        }
        put_if_any(into, "walk_failed.other", self.walk_failed_otherwise);
        put_if_any(into, "stacks_truncated", self.truncated);
        put_if_any(into, "chunks.early", self.early_chunks);
        put_if_any(into, "chunks.failed", self.failed_chunks);
    }
}

/// Adds the handler's counters by name: entries = samples + everything `carried` + everything `dropped`.
pub fn list_handler(counters: &HandlerCounters, into: &mut Vec<(String, i64)>) {
    let read = |counter: &std::sync::atomic::AtomicU64| counter.load(Ordering::Relaxed);
    // Outcomes first: an entry that is under way has no outcome yet.
    for (outcome, name) in Outcome::ALL {
        put(into, name, counters.get(outcome));
    }
    put(into, "handler_entries", read(&counters.entries));
    put(into, "handler_foreign", read(&counters.foreign));
    put(into, "weight_ns", read(&counters.charged_ns));
    put(into, "dropped_weight_ns", read(&counters.dropped_ns));
    put(into, "handler_ns", read(&counters.handler_ns));
    put_if_any(into, "storm_signals", read(&counters.storm));
}

/// Adds one counter.
pub fn put(into: &mut Vec<(String, i64)>, name: &str, value: u64) {
    into.push((name.to_owned(), i64::try_from(value).unwrap_or(i64::MAX)));
}

/// Adds one counter unless it is 0: reasons that never happened need no bytes.
pub fn put_if_any(into: &mut Vec<(String, i64)>, name: &str, value: u64) {
    if value > 0 {
        put(into, name, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_add_up_to_the_entries() {
        let counters = HandlerCounters::default();
        for (outcome, _) in Outcome::ALL {
            counters.entries.fetch_add(1, Ordering::Relaxed);
            counters.count(outcome);
        }
        let mut list = Vec::new();
        list_handler(&counters, &mut list);
        let of = |wanted: &dyn Fn(&str) -> bool| -> i64 {
            list.iter().filter(|(name, _)| wanted(name)).map(|(_, value)| value).sum()
        };
        let parts = of(&|name| name == "samples" || name.starts_with("carried.") || name.starts_with("dropped."));
        assert_eq!(parts, of(&|name| name == "handler_entries"));
        assert_eq!(parts, Outcome::ALL.len() as i64);
    }

    #[test]
    fn failed_walks_are_counted_by_name() {
        let mut counters = DrainCounters::default();
        counters.count_failure(-5);
        counters.count_failure(-77);
        let mut list = Vec::new();
        counters.list(&mut list);
        assert_eq!(list, [("walk_failed.unknown_Java".to_owned(), 1), ("walk_failed.other".to_owned(), 1)]);
    }
}
