//! The unwind tables of all libraries, published to handlers through one pointer.
//!
//! # Safety
//! A handler may hold the current index while the agent replaces it, and a handler cannot be waited for with a lock.
//! So readers are counted. The protocol, all with sequentially consistent order:
//!
//! 1. A reader adds itself to the count, then loads the pointer; it leaves the count when it is done.
//! 2. The publisher swaps the pointer, and from then on looks at the count now and then.
//! 3. A reader that loaded the old pointer entered the count before the swap. So once the publisher has seen the
//!    count at zero after its swap, no reader holds the old index and none can get it: it may be freed, and with it
//!    the tables that only it named.
//!
//! A count that never comes to zero (a foreign handler that jumped out over ours) means that nothing is ever freed
//! again, which is the safe side; the publisher bounds what it keeps.
#![allow(unsafe_code)]

use core::ptr;
use core::sync::atomic::{AtomicPtr, AtomicU64, Ordering};

use super::unwind_rule::UnwindRule;
use super::unwind_table::{UnwindTable, last_at_or_below};

/// The set that handlers read.
pub static TABLES: TableSet = TableSet::new();

/// One executable mapping and the table that covers it.
#[derive(Clone, Copy, Debug)]
pub struct MappedTable<'t> {
    /// First address of the mapping.
    pub start: u64,
    /// First address above it.
    pub end: u64,
    /// What to subtract from an address to get one relative to the table.
    pub base: u64,
    /// The library's rules.
    pub table: UnwindTable<'t>,
}

/// All mappings that have a table, ascending by `start`, without overlap.
#[derive(Clone, Copy, Debug)]
pub struct TableIndex<'t> {
    /// The mappings.
    pub mappings: &'t [MappedTable<'t>],
}

impl TableIndex<'_> {
    /// The rule that holds at `pc`; `None` when no mapping with a table contains it.
    #[inline]
    #[must_use]
    pub fn rule_at(&self, pc: u64) -> Option<UnwindRule> {
        let index = last_at_or_below(self.mappings, |mapping| mapping.start <= pc)?;
        let mapping = self.mappings.get(index)?;
        if pc >= mapping.end {
            return None;
        }
        let relative_pc = u32::try_from(pc.wrapping_sub(mapping.base)).ok()?;
        Some(mapping.table.rule_at(relative_pc))
    }
}

/// The published index and the number of readers inside it.
#[derive(Debug)]
pub struct TableSet {
    current: AtomicPtr<TableIndex<'static>>,
    readers: AtomicU64,
}

impl Default for TableSet {
    fn default() -> Self {
        Self::new()
    }
}

impl TableSet {
    /// A set with no tables.
    #[must_use]
    pub const fn new() -> Self {
        Self { current: AtomicPtr::new(ptr::null_mut()), readers: AtomicU64::new(0) }
    }

    /// Calls `read` with the current index. Usable in a handler, also in one that interrupted another reader.
    #[inline]
    pub fn read<R>(&self, read: impl FnOnce(&TableIndex<'_>) -> R) -> R {
        let _reader = Reader::enter(&self.readers);
        // ATOMICS: pairs with the swap in `publish`; must come after the increment in `Reader::enter`.
        let current = self.current.load(Ordering::SeqCst);
        // SAFETY: null, or an index that `publish` got: its owner keeps it until the reader count, which includes
        // this reader, has been seen at zero after a later swap.
        let index = unsafe { current.as_ref() };
        read(index.unwrap_or(&TableIndex { mappings: &[] }))
    }

    /// Makes `index` the one that handlers read; null takes all tables away. Returns the index that was there.
    ///
    /// # Safety
    /// `index` is null or valid, with all that it names, until a later `publish` has replaced it and
    /// [`TableSet::is_quiescent`] has been true after that.
    pub unsafe fn publish(&self, index: *mut TableIndex<'static>) -> *mut TableIndex<'static> {
        // ATOMICS: pairs with the load in `read`.
        self.current.swap(index, Ordering::SeqCst)
    }

    /// Whether no reader was inside at this moment: whatever was replaced before the call may be freed.
    #[must_use]
    pub fn is_quiescent(&self) -> bool {
        // ATOMICS: must come after the swap in `publish`; pairs with both sides of `Reader`.
        self.readers.load(Ordering::SeqCst) == 0
    }
}

/// Counts one reader in, and out when it is dropped.
struct Reader<'c>(&'c AtomicU64);

impl<'c> Reader<'c> {
    #[inline]
    fn enter(readers: &'c AtomicU64) -> Self {
        // ATOMICS: must come before the load of the pointer.
        readers.fetch_add(1, Ordering::SeqCst);
        Self(readers)
    }
}

impl Drop for Reader<'_> {
    #[inline]
    fn drop(&mut self) {
        // ATOMICS: everything read through the pointer comes before this for whoever sees the count at zero.
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests;
