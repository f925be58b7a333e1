//! Tests of the published set: look-up across mappings, and that nothing is freed under a reader.
//!
//! # Safety
//! What is published is freed only once the set was seen quiescent.
#![allow(unsafe_code)]
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

extern crate std;

use core::sync::atomic::AtomicBool;
use std::boxed::Box;
use std::thread;
use std::vec::Vec;

use super::super::unwind_rule::{Cfa, SavedFp};
use super::*;

const RULE_LIST: &[UnwindRule] =
    &[UnwindRule::Uncovered, UnwindRule::EndOfStack, UnwindRule::Frame { cfa: Cfa::Sp(8), fp: SavedFp::Same }];
const FIRST: UnwindTable<'static> = UnwindTable { pcs: &[0x100, 0x200], rules: &[1, 0], rule_list: RULE_LIST };
const SECOND: UnwindTable<'static> = UnwindTable { pcs: &[0x0, 0x800], rules: &[2, 0], rule_list: RULE_LIST };

#[test]
fn a_pc_is_looked_up_in_the_mapping_that_contains_it() {
    let index = TableIndex {
        mappings: &[
            MappedTable { start: 0x1_0000, end: 0x1_1000, base: 0x1_0000, table: FIRST },
            MappedTable { start: 0x9_0000, end: 0x9_1000, base: 0x8_f000, table: SECOND },
        ],
    };
    assert_eq!(index.rule_at(0xffff), None, "below the first");
    assert_eq!(index.rule_at(0x1_0150), Some(UnwindRule::EndOfStack));
    assert_eq!(index.rule_at(0x1_0300), Some(UnwindRule::Uncovered));
    assert_eq!(index.rule_at(0x1_1000), None, "between the two");
    assert_eq!(index.rule_at(0x9_0000), Some(UnwindRule::Uncovered), "relative to the base, not to the start");
    assert_eq!(index.rule_at(0x9_1000), None, "above the last");
}

#[test]
fn an_empty_set_has_no_rule() {
    let tables = TableSet::new();
    assert_eq!(tables.read(|index| index.rule_at(0x1000)), None);
    assert!(tables.is_quiescent());
}

#[test]
fn a_set_is_not_quiescent_while_it_is_read() {
    let tables = TableSet::new();
    tables.read(|_| {
        assert!(!tables.is_quiescent());
        tables.read(|_| assert!(!tables.is_quiescent()));
        assert!(!tables.is_quiescent(), "the outer reader is still inside");
    });
    assert!(tables.is_quiescent());
}

/// One index made for publication, and the memory that it borrows.
struct Made {
    index: *mut TableIndex<'static>,
    mappings: *mut [MappedTable<'static>],
}

impl Made {
    /// An index whose only mapping tells its generation twice.
    fn new(generation: u64) -> Self {
        let mapping = MappedTable { start: generation, end: generation ^ u64::MAX, base: 0, table: FIRST };
        let mappings: *mut [MappedTable<'static>] = Box::into_raw(Box::new([mapping]));
        // SAFETY: freed together with the index.
        let borrowed = unsafe { &*mappings };
        let index = Box::into_raw(Box::new(TableIndex { mappings: borrowed }));
        Self { index, mappings }
    }

    /// Frees it; nobody may hold the index any more.
    fn free(self) {
        // SAFETY: made by `Box::into_raw`, and no reader holds it.
        drop(unsafe { Box::from_raw(self.index) });
        // SAFETY: as above.
        drop(unsafe { Box::from_raw(self.mappings) });
    }
}

/// Checks that the index is whole: that it tells one generation, and the rule that belongs to it.
fn check(index: &TableIndex<'_>) {
    let Some(mapping) = index.mappings.first() else {
        return;
    };
    assert_eq!(mapping.start, mapping.end ^ u64::MAX, "a torn or freed index");
    let covered = (0x100..0x200).contains(&mapping.start);
    let rule = if covered { UnwindRule::EndOfStack } else { UnwindRule::Uncovered };
    assert_eq!(index.rule_at(mapping.start), Some(rule));
}

/// A freed index would show as a wrong answer here, and as an error under Miri or a sanitizer.
#[test]
fn a_replaced_index_is_kept_until_its_readers_left() {
    const FREED_AT_LEAST: usize = if cfg!(miri) { 20 } else { 2_000 };
    const MAX_RETIRED: usize = 100;
    let (tables, stop) = (TableSet::new(), AtomicBool::new(false));
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                while !stop.load(Ordering::Relaxed) {
                    tables.read(check);
                    thread::yield_now();
                }
            });
        }
        let (mut retired, mut freed, mut generation) = (Vec::new(), 0, 0);
        while freed < FREED_AT_LEAST {
            if retired.len() < MAX_RETIRED {
                let made = Made::new(generation);
                generation += 1;
                // SAFETY: the index goes to `retired`, and is freed only when the set was seen quiescent after the
                // index had been replaced.
                unsafe { tables.publish(made.index) };
                retired.push(made);
            }
            if tables.is_quiescent() {
                // The last one is still published.
                let replaced = retired.len() - 1;
                freed += replaced;
                retired.drain(..replaced).for_each(Made::free);
            }
        }
        // SAFETY: null is always allowed.
        unsafe { tables.publish(ptr::null_mut()) };
        stop.store(true, Ordering::Relaxed);
        while !tables.is_quiescent() {
            thread::yield_now();
        }
        retired.drain(..).for_each(Made::free);
    });
}
