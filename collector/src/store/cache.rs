//! `Cache`: parsed uploads, the least recently used one leaving first.

use crate::model::Profile;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// Bounded by the memory that its profiles take.
#[derive(Debug)]
pub(super) struct Cache {
    limit_bytes: usize,
    held_bytes: usize,
    /// By upload number, with the tick of the last use.
    profiles: HashMap<u64, (Arc<Profile>, u64)>,
    by_use: BTreeMap<u64, u64>,
    tick: u64,
}

impl Cache {
    pub fn new(limit_bytes: usize) -> Self {
        Cache { limit_bytes, held_bytes: 0, profiles: HashMap::new(), by_use: BTreeMap::new(), tick: 0 }
    }

    pub fn get(&mut self, id: u64) -> Option<Arc<Profile>> {
        self.tick += 1;
        let (profile, used) = self.profiles.get_mut(&id)?;
        self.by_use.remove(used);
        *used = self.tick;
        self.by_use.insert(self.tick, id);
        Some(profile.clone())
    }

    /// One that is larger than the whole cache is not kept.
    pub fn put(&mut self, id: u64, profile: Arc<Profile>) {
        self.remove(id);
        let size = profile.size_bytes();
        if size > self.limit_bytes {
            return;
        }
        while self.held_bytes + size > self.limit_bytes {
            let Some((_, oldest)) = self.by_use.first_key_value() else { break };
            self.remove(*oldest);
        }
        self.tick += 1;
        self.held_bytes += size;
        self.by_use.insert(self.tick, id);
        self.profiles.insert(id, (profile, self.tick));
    }

    pub fn remove(&mut self, id: u64) {
        if let Some((profile, used)) = self.profiles.remove(&id) {
            self.by_use.remove(&used);
            self.held_bytes = self.held_bytes.saturating_sub(profile.size_bytes());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn profile(bytes: usize) -> Arc<Profile> {
        let name = "x".repeat(bytes - size_of::<Box<str>>());
        let profile = Profile { functions: vec![name.into()], ..Profile::default() };
        assert_eq!(profile.size_bytes(), bytes);
        Arc::new(profile)
    }

    #[test]
    fn the_least_recently_used_leaves_first() {
        let mut cache = Cache::new(300);
        cache.put(1, profile(100));
        cache.put(2, profile(100));
        cache.put(3, profile(100));
        assert!(cache.get(1).is_some());
        cache.put(4, profile(100));
        assert!(cache.get(2).is_none());
        assert!(cache.get(1).is_some() && cache.get(3).is_some() && cache.get(4).is_some());
        assert_eq!(cache.held_bytes, 300);
    }

    #[test]
    fn what_does_not_fit_is_not_kept() {
        let mut cache = Cache::new(300);
        cache.put(1, profile(100));
        cache.put(2, profile(301));
        assert!(cache.get(2).is_none() && cache.get(1).is_some());
        cache.put(1, profile(200));
        assert_eq!(cache.held_bytes, 200);
        cache.remove(1);
        assert_eq!(cache.held_bytes, 0);
    }
}
