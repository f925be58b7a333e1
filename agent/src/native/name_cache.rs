//! Remembers names by ranges of linked addresses, within a bound.
//!
//! Two generations: what is used moves to the young one; when that has filled its half, the old one is forgotten.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::symbols::Span;

/// What an entry costs beyond its text, bytes: key, value and their share of a tree node.
const ENTRY_BYTES: usize = 64;

/// Identity of a library as long as the agent knows it; never given twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LibraryId(pub u64);

/// A remembered answer: the name, or that there is none.
type Answer = Option<Arc<str>>;

#[derive(Clone, Debug)]
struct Entry {
    end: u64,
    name: Answer,
}

type Generation = BTreeMap<(LibraryId, u64), Entry>;

/// Names by library and range.
#[derive(Debug)]
pub struct NameCache {
    young: Generation,
    old: Generation,
    limit: usize,
}

impl NameCache {
    /// A cache of at most `limit` ranges.
    #[must_use]
    pub const fn new(limit: usize) -> Self {
        Self { young: BTreeMap::new(), old: BTreeMap::new(), limit }
    }

    /// The answer for a linked address: `None` when it is not known, `Some(None)` when it is known to have no name.
    pub fn get(&mut self, library: LibraryId, address: u64) -> Option<Answer> {
        if let Some((_, entry)) = find(&self.young, library, address) {
            return Some(entry.name.clone());
        }
        let (start, entry) = find(&self.old, library, address)?;
        self.old.remove(&(library, start));
        let name = entry.name.clone();
        self.put(library, start, entry);
        Some(name)
    }

    /// Whether [`NameCache::get`] would answer.
    #[must_use]
    pub fn contains(&self, library: LibraryId, address: u64) -> bool {
        find(&self.young, library, address).or_else(|| find(&self.old, library, address)).is_some()
    }

    /// Remembers a span.
    pub fn insert(&mut self, library: LibraryId, span: Span) {
        let name = span.name.map(Arc::from);
        self.put(library, span.start, Entry { end: span.end, name });
    }

    /// Forgets a library.
    pub fn forget(&mut self, library: LibraryId) {
        self.young.retain(|(owner, _), _| *owner != library);
        self.old.retain(|(owner, _), _| *owner != library);
    }

    /// Number of ranges remembered.
    #[must_use]
    pub fn len(&self) -> usize {
        self.young.len() + self.old.len()
    }

    /// Whether nothing is remembered.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Heap bytes held, roughly.
    #[must_use]
    pub fn bytes(&self) -> usize {
        let entries = self.young.values().chain(self.old.values());
        entries.map(|entry| ENTRY_BYTES + entry.name.as_ref().map_or(0, |name| name.len())).sum()
    }

    fn put(&mut self, library: LibraryId, start: u64, entry: Entry) {
        if self.young.len() >= (self.limit / 2).max(1) {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert((library, start), entry);
    }
}

fn find(generation: &Generation, library: LibraryId, address: u64) -> Option<(u64, Entry)> {
    let ((owner, start), entry) = generation.range(..=(library, address)).next_back()?;
    (*owner == library && address < entry.end).then(|| (*start, entry.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIBC: LibraryId = LibraryId(1);
    const LIBJVM: LibraryId = LibraryId(2);

    fn span(start: u64, end: u64, name: Option<&str>) -> Span {
        Span { start, end, name: name.map(str::to_owned) }
    }

    #[test]
    fn a_range_answers_for_all_its_addresses_and_no_others() {
        let mut cache = NameCache::new(100);
        cache.insert(LIBC, span(0x100, 0x200, Some("read")));
        cache.insert(LIBC, span(0x200, 0x300, None));
        let name = |answer: Option<Answer>| answer.map(|name| name.map(|name| name.to_string()));
        assert_eq!(name(cache.get(LIBC, 0x100)), Some(Some("read".into())));
        assert_eq!(name(cache.get(LIBC, 0x1ff)), Some(Some("read".into())));
        assert_eq!(name(cache.get(LIBC, 0x200)), Some(None), "known to have no name");
        assert_eq!(name(cache.get(LIBC, 0x300)), None);
        assert_eq!(name(cache.get(LIBC, 0xff)), None);
        assert_eq!(name(cache.get(LIBJVM, 0x150)), None, "of another library");
    }

    #[test]
    fn the_bound_holds_and_what_is_used_stays() {
        let mut cache = NameCache::new(100);
        cache.insert(LIBC, span(0, 1, Some("hot")));
        for address in 1..1000 {
            cache.insert(LIBC, span(address, address + 1, Some("cold")));
            assert!(cache.get(LIBC, 0).is_some(), "used all the time, forgotten at {address}");
            assert!(cache.len() <= 100, "{} ranges", cache.len());
        }
        assert!(cache.get(LIBC, 1).is_none());
        assert!(cache.bytes() <= 100 * 80);
    }

    #[test]
    fn a_forgotten_library_leaves_the_others() {
        let mut cache = NameCache::new(8);
        for address in 0..6 {
            cache.insert(LIBC, span(address, address + 1, Some("a")));
        }
        cache.insert(LIBJVM, span(0, 9, Some("b")));
        cache.forget(LIBC);
        assert_eq!(cache.len(), 1);
        assert!(cache.contains(LIBJVM, 3));
        assert!(!cache.contains(LIBC, 5));
    }
}
