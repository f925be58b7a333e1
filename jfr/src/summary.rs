//! Event counts by name, as `jfr summary` prints them.

use std::collections::BTreeMap;

use crate::Recording;

/// Number of events per event name over all chunks, events of unknown types included; metadata and checkpoints are not
/// events. An event whose type the chunk does not declare counts under `#` and its type id.
#[must_use]
pub fn summary(recording: &Recording) -> BTreeMap<String, u64> {
    let mut counts = BTreeMap::new();
    for chunk in &recording.chunks {
        for (name, count) in chunk.event_counts() {
            *counts.entry(name).or_insert(0) += count;
        }
    }
    counts
}
