//! `Index`: what is held, by time, with the totals of each series.

use super::file::Header;
use crate::model::SeriesKey;
use crate::query::TimeRange;
use std::collections::{BTreeMap, HashSet};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// One upload as the index knows it.
#[derive(Debug)]
pub(crate) struct Upload {
    pub id: u64,
    /// Below the data directory.
    pub path: PathBuf,
    from_ns: i64,
    size_bytes: u64,
    fingerprint: u64,
    /// Each series with the sum of its values. The keys are shared between uploads.
    pub series: Vec<(Arc<SeriesKey>, i64)>,
    damaged: AtomicBool,
}

impl Upload {
    /// The time of all its samples.
    pub fn time_ms(&self) -> i64 {
        self.from_ns.div_euclid(NS_PER_MS)
    }

    pub fn is_damaged(&self) -> bool {
        self.damaged.load(Ordering::Relaxed)
    }

    pub fn mark_damaged(&self) {
        self.damaged.store(true, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub fn for_test(time_ms: i64, series: Vec<(Arc<SeriesKey>, i64)>) -> Self {
        let (path, from_ns) = (PathBuf::new(), time_ms * NS_PER_MS);
        Upload { id: 0, path, from_ns, size_bytes: 0, fingerprint: 0, series, damaged: AtomicBool::new(false) }
    }
}

const NS_PER_MS: i64 = 1_000_000;

/// Uploads in the order of their time.
#[derive(Debug, Default)]
pub(super) struct Index {
    uploads: BTreeMap<(i64, u64), Arc<Upload>>,
    size_bytes: u64,
    /// Every series key in use, so that equal ones are held once.
    keys: HashSet<Arc<SeriesKey>>,
}

impl Index {
    /// Takes an upload in; its series keys are replaced by equal ones that are held already.
    pub fn insert(&mut self, id: u64, path: PathBuf, header: &Header, size_bytes: u64) -> Arc<Upload> {
        let mut series = Vec::new();
        for row in &header.series {
            for (profile_type, total) in &row.totals {
                series.push((self.key(SeriesKey::new(profile_type.clone(), &row.labels)), *total));
            }
        }
        let upload = Arc::new(Upload {
            id,
            path,
            from_ns: header.from_ns,
            size_bytes,
            fingerprint: header.fingerprint,
            series,
            damaged: AtomicBool::new(false),
        });
        self.size_bytes += size_bytes;
        self.uploads.insert((header.from_ns, id), upload.clone());
        upload
    }

    /// Whether an upload of this time and fingerprint is held.
    pub fn holds(&self, from_ns: i64, fingerprint: u64) -> bool {
        let same_time = self.uploads.range((from_ns, 0)..=(from_ns, u64::MAX));
        same_time.into_iter().any(|(_, upload)| upload.fingerprint == fingerprint)
    }

    /// The uploads of a range, oldest first.
    pub fn range(&self, range: TimeRange) -> Vec<Arc<Upload>> {
        self.in_range(range).cloned().collect()
    }

    /// The different series of a range, in no particular order. Equal keys are one allocation, so addresses tell.
    pub fn series(&self, range: TimeRange) -> Vec<Arc<SeriesKey>> {
        let mut seen = HashSet::new();
        let all = self.in_range(range).flat_map(|upload| &upload.series);
        all.filter(|(key, _)| seen.insert(Arc::as_ptr(key))).map(|(key, _)| key.clone()).collect()
    }

    pub fn bounds_ms(&self) -> Option<(i64, i64)> {
        let (_, first) = self.uploads.first_key_value()?;
        let (_, last) = self.uploads.last_key_value()?;
        Some((first.time_ms(), last.time_ms()))
    }

    /// Takes out what is older than `oldest_ns`, and then the oldest while there is more than `most_bytes`.
    pub fn expire(&mut self, oldest_ns: i64, most_bytes: u64) -> Vec<Arc<Upload>> {
        let mut expired = Vec::new();
        while let Some(first) = self.uploads.first_entry() {
            if first.get().from_ns >= oldest_ns && self.size_bytes <= most_bytes {
                break;
            }
            let upload = first.remove();
            self.size_bytes = self.size_bytes.saturating_sub(upload.size_bytes);
            expired.push(upload);
        }
        if !expired.is_empty() {
            self.forget_unused_keys();
        }
        expired
    }

    fn in_range(&self, range: TimeRange) -> impl Iterator<Item = &Arc<Upload>> {
        let from_ns = range.start_ms.saturating_mul(NS_PER_MS);
        let to_ns = range.end_ms.saturating_mul(NS_PER_MS).saturating_add(NS_PER_MS - 1);
        self.uploads.range((from_ns, 0)..=(to_ns, u64::MAX)).map(|(_, upload)| upload)
    }

    /// The shared form of a key.
    fn key(&mut self, key: SeriesKey) -> Arc<SeriesKey> {
        if let Some(held) = self.keys.get(&key) {
            return held.clone();
        }
        let key = Arc::new(key);
        self.keys.insert(key.clone());
        key
    }

    /// Without this, label values that are long gone would stay in memory.
    fn forget_unused_keys(&mut self) {
        let used: HashSet<*const SeriesKey> =
            self.uploads.values().flat_map(|upload| &upload.series).map(|(key, _)| Arc::as_ptr(key)).collect();
        self.keys.retain(|key| used.contains(&Arc::as_ptr(key)));
    }
}

#[cfg(test)]
mod tests;
