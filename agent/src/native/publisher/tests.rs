//! Tests of publication: handlers see what was published, and memory is freed exactly when it may be.

use sampler::walk::unwind_rule::UnwindRule;

use super::super::elf::ElfImage;
use super::super::unwind;
use super::*;

fn set() -> &'static TableSet {
    Box::leak(Box::new(TableSet::new()))
}

/// The table of this test's own executable.
fn own_table() -> Arc<OwnedTable> {
    let image = ElfImage::open(&std::env::current_exe().unwrap()).unwrap();
    Arc::new(unwind::compile(&image).unwrap())
}

fn mapping(table: &Arc<OwnedTable>, bias: u64) -> TableMapping {
    let start = bias + table.base;
    TableMapping { start, end: start + 0x1000, bias, table: Arc::clone(table) }
}

#[test]
fn what_is_published_is_found_and_what_is_replaced_is_freed() {
    let (tables, table) = (set(), own_table());
    let mut publisher = Publisher::new(tables);
    publisher.publish(&[mapping(&table, 0x1_0000_0000)]).unwrap();
    let rule = |pc| tables.read(|index| index.rule_at(pc));
    assert!(matches!(rule(0x1_0000_0000 + table.base), Some(UnwindRule::Frame { .. } | UnwindRule::EndOfStack)));
    assert_eq!(rule(0x2_0000_0000 + table.base), None);
    assert_eq!(Arc::strong_count(&table), 2);
    publisher.publish(&[mapping(&table, 0x2_0000_0000)]).unwrap();
    assert_eq!(rule(0x1_0000_0000 + table.base), None);
    assert!(rule(0x2_0000_0000 + table.base).is_some());
    assert_eq!(Arc::strong_count(&table), 2, "the first publication was freed");
    drop(publisher);
    assert_eq!(rule(0x2_0000_0000 + table.base), None);
    assert_eq!(Arc::strong_count(&table), 1);
}

#[test]
fn nothing_is_freed_while_a_reader_is_inside_and_publishing_is_bounded() {
    let (tables, table) = (set(), own_table());
    let mut publisher = Publisher::new(tables);
    publisher.publish(&[mapping(&table, 0)]).unwrap();
    tables.read(|_| {
        for _ in 0..MAX_RETIRED {
            publisher.publish(&[mapping(&table, 0)]).unwrap();
        }
        assert_eq!(Arc::strong_count(&table), MAX_RETIRED + 2);
        assert_eq!(publisher.publish(&[]), Err(ReadersStuck));
        assert!(tables.read(|index| index.rule_at(table.base)).is_some(), "the last one still serves");
    });
    publisher.publish(&[]).unwrap();
    assert_eq!(Arc::strong_count(&table), 1);
}

#[test]
fn a_publisher_dropped_under_a_reader_leaks_rather_than_frees() {
    let (tables, table) = (set(), own_table());
    let mut publisher = Publisher::new(tables);
    publisher.publish(&[mapping(&table, 0)]).unwrap();
    tables.read(|index| {
        drop(publisher);
        assert!(index.rule_at(table.base).is_some());
    });
    assert_eq!(Arc::strong_count(&table), 2);
}
