//! Code that the JVM generates for itself: stubs, intrinsics, the interpreter. JVMTI names each piece once.

use std::collections::BTreeMap;
use std::sync::Arc;

use parking_lot::Mutex;

/// Pieces that are remembered at most; a JVM makes a few hundred at its start and hardly any later.
const MAX_STUBS: usize = 20_000;

/// Where the DynamicCodeGenerated callback puts names, and the drain finds them. No handler takes the lock.
pub struct Stubs(Mutex<BTreeMap<u64, Stub>>);

struct Stub {
    end: u64,
    name: Arc<str>,
}

impl Stubs {
    /// Knows none.
    pub const fn empty() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// Notes a piece of code. JDK 24 and later put words before the name that say the same for all.
    pub fn put(&self, name: &str, start: u64, length: u64) {
        let name = name.strip_prefix("Stub Generator ").unwrap_or(name);
        let name = name.strip_prefix("StubRoutines::").unwrap_or(name);
        let mut stubs = self.0.lock();
        if stubs.len() < MAX_STUBS || stubs.contains_key(&start) {
            // Of a piece and the whole that begins with it, the piece is the better name.
            let end = start.saturating_add(length);
            if stubs.get(&start).is_none_or(|known| end <= known.end) {
                stubs.insert(start, Stub { end, name: name.into() });
            }
        }
    }

    /// The name of the piece that `pc` is in.
    pub fn name_of(&self, pc: u64) -> Option<Arc<str>> {
        let stubs = self.0.lock();
        // A piece may lie inside a larger one that begins before it, so a few are looked at.
        let mut before = stubs.range(..=pc).rev().take(64);
        before.find(|(_, stub)| pc < stub.end).map(|(_, stub)| Arc::clone(&stub.name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_found_before_the_whole_that_it_is_in() {
        let stubs = Stubs::empty();
        stubs.put("StubRoutines (2)", 100, 900);
        stubs.put("Stub Generator sha256_implCompress", 200, 50);
        stubs.put("StubRoutines::call_stub", 100, 10);
        assert_eq!(stubs.name_of(205).as_deref(), Some("sha256_implCompress"));
        assert_eq!(stubs.name_of(105).as_deref(), Some("call_stub"));
        assert_eq!(stubs.name_of(5_000), None);
    }
}
