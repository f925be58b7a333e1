//! Publishes unwind tables to handlers, and frees what it replaced once no handler can hold it.
//!
//! # Safety
//! The published index borrows from `Arc`s that the publisher keeps in the same [`Publication`]. A publication is
//! dropped only after it was replaced and the set was then seen quiescent; where that never happens it is leaked.
#![allow(unsafe_code)]

use std::mem;
use std::ptr;
use std::sync::Arc;

use sampler::walk::table_set::{MappedTable, TableIndex, TableSet};
use sampler::walk::unwind_table::UnwindTable;

use super::unwind::OwnedTable;

/// Most replaced publications that are kept while readers are inside. Each is some kilobytes, and a reader stays for
/// microseconds, so more than this means that the count of readers is stuck.
const MAX_RETIRED: usize = 64;

/// One executable mapping and its table.
#[derive(Clone, Debug)]
pub struct TableMapping {
    /// First address.
    pub start: u64,
    /// First address above.
    pub end: u64,
    /// Address at which linked address 0 would be.
    pub bias: u64,
    /// The object's table.
    pub table: Arc<OwnedTable>,
}

/// The set was not replaced, because too many earlier ones cannot be freed yet. Try again later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadersStuck;

/// One published index and all that it borrows from. Fields are `Arc`s because moving one does not touch what it
/// points to.
struct Publication {
    index: Arc<TableIndex<'static>>,
    _mappings: Arc<[MappedTable<'static>]>,
    _tables: Vec<Arc<OwnedTable>>,
}

/// The one writer of a [`TableSet`].
pub struct Publisher {
    tables: &'static TableSet,
    live: Option<Publication>,
    retired: Vec<Publication>,
}

impl Publisher {
    /// A publisher for `tables`, which must have no other.
    #[must_use]
    pub const fn new(tables: &'static TableSet) -> Self {
        Self { tables, live: None, retired: Vec::new() }
    }

    /// Makes `mappings`, ascending and without overlap, the ones that handlers see.
    ///
    /// # Errors
    /// [`ReadersStuck`] when too many replaced sets still have readers; the previous mappings stay.
    pub fn publish(&mut self, mappings: &[TableMapping]) -> Result<(), ReadersStuck> {
        self.reclaim();
        if self.retired.len() >= MAX_RETIRED {
            return Err(ReadersStuck);
        }
        let next = Publication::new(mappings);
        let index = Arc::as_ptr(&next.index).cast_mut();
        // SAFETY:
        // - `next` goes to `live` below, and from there to `retired` when it has been replaced.
        // - `reclaim` and `drop` free a retired publication only after the set was seen quiescent.
        // - The index is never written through the pointer.
        let _previous = unsafe { self.tables.publish(index) };
        self.retired.extend(self.live.replace(next));
        self.reclaim();
        Ok(())
    }

    /// Frees what was replaced, if no reader is inside.
    pub fn reclaim(&mut self) {
        if !self.retired.is_empty() && self.tables.is_quiescent() {
            self.retired.clear();
        }
    }
}

impl Drop for Publisher {
    fn drop(&mut self) {
        if self.live.is_none() {
            return;
        }
        // SAFETY: null is always allowed.
        let _previous = unsafe { self.tables.publish(ptr::null_mut()) };
        if !self.tables.is_quiescent() {
            mem::forget(self.live.take());
            mem::forget(mem::take(&mut self.retired));
        }
    }
}

impl Publication {
    fn new(mappings: &[TableMapping]) -> Self {
        let tables: Vec<_> = mappings.iter().map(|mapping| Arc::clone(&mapping.table)).collect();
        let mappings: Arc<[MappedTable<'static>]> = mappings.iter().map(mapped_table).collect();
        // SAFETY: the slice lives in an `Arc` of the same publication.
        let borrowed = unsafe { without_lifetime(&mappings) };
        let index = TableIndex { mappings: borrowed };
        Self { index: Arc::new(index), _mappings: mappings, _tables: tables }
    }
}

/// The mapping as handlers read it; the caller keeps its table.
fn mapped_table(mapping: &TableMapping) -> MappedTable<'static> {
    let table = mapping.table.table();
    // SAFETY: the publication that this becomes part of keeps the table's `Arc`.
    let pcs = unsafe { without_lifetime(table.pcs) };
    // SAFETY: as above.
    let rules = unsafe { without_lifetime(table.rules) };
    // SAFETY: as above.
    let rule_list = unsafe { without_lifetime(table.rule_list) };
    MappedTable {
        start: mapping.start,
        end: mapping.end,
        base: mapping.bias.wrapping_add(mapping.table.base),
        table: UnwindTable { pcs, rules, rule_list },
    }
}

/// Forgets how long the slice lives.
///
/// # Safety
/// The slice outlives every use of the result.
unsafe fn without_lifetime<T>(slice: &[T]) -> &'static [T] {
    // SAFETY: pointer and length of a valid slice; the caller answers for its life.
    unsafe { std::slice::from_raw_parts(slice.as_ptr(), slice.len()) }
}

#[cfg(test)]
mod tests;
