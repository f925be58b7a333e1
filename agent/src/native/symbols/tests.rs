//! Tests of the look-up, on made-up symbol tables and on the C library.

use super::super::fixture::{
    CODE, DYNSYM, Fixture, GLOBAL_FUNCTION, GLOBAL_OBJECT, LABEL, LOCAL_FUNCTION, SYMTAB, WEAK_FUNCTION,
};
use super::*;

type Row<'n> = (&'n str, u8, u64, u64);

fn look_up(symbols: &[Row<'_>], address: u64) -> Span {
    let image = Fixture::new().with_symbols(SYMTAB, symbols).image();
    spans(&[&image], &[address]).unwrap().remove(0)
}

fn name(symbols: &[Row<'_>], address: u64) -> Option<String> {
    look_up(symbols, address).name
}

#[test]
fn a_function_is_found_by_any_address_in_it_and_by_none_outside() {
    let symbols: &[Row<'_>] =
        &[("_ZN6Thread8call_runEv", GLOBAL_FUNCTION, CODE + 0x100, 0x40), ("b", LOCAL_FUNCTION, CODE + 0x200, 0x10)];
    let call_run = Span { start: CODE + 0x100, end: CODE + 0x140, name: Some("Thread::call_run".to_owned()) };
    assert_eq!(look_up(symbols, CODE + 0x100), call_run);
    assert_eq!(look_up(symbols, CODE + 0x13f), call_run);
    let gap = Span { start: CODE + 0x140, end: CODE + 0x200, name: None };
    assert_eq!(look_up(symbols, CODE + 0x140), gap);
    assert_eq!(look_up(symbols, CODE + 0x1ff), gap);
    assert_eq!(look_up(symbols, CODE + 0x20f).name.as_deref(), Some("b"));
    assert_eq!(look_up(symbols, CODE + 0x210), Span { start: CODE + 0x210, end: u64::MAX, name: None });
    assert_eq!(look_up(symbols, CODE), Span { start: 0, end: CODE + 0x100, name: None });
}

#[test]
fn the_answers_of_a_batch_are_those_of_single_questions() {
    let symbols: &[Row<'_>] = &[
        ("a", GLOBAL_FUNCTION, CODE + 0x100, 0x40),
        ("inner", LOCAL_FUNCTION, CODE + 0x110, 0x8),
        ("start", LABEL, CODE + 0x180, 0),
        ("b", LOCAL_FUNCTION, CODE + 0x200, 0x10),
        ("late", LABEL, CODE + 0x300, 0),
    ];
    let image = Fixture::new().with_symbols(SYMTAB, symbols).image();
    let addresses: Vec<u64> = (CODE..CODE + 0x2000).step_by(4).collect();
    let batch = spans(&[&image], &addresses).unwrap();
    for (address, span) in addresses.iter().zip(&batch) {
        assert_eq!(spans(&[&image], &[*address]).unwrap(), std::slice::from_ref(span), "{address:#x}");
        assert!((span.start..span.end).contains(address), "{address:#x} in {span:?}");
    }
    // Whatever a span says must hold for every address in it, since it is remembered for all of them.
    for (address, span) in addresses.iter().zip(&batch) {
        let inside = addresses.iter().zip(&batch).filter(|(other, _)| (span.start..span.end).contains(other));
        for (other, other_span) in inside {
            assert_eq!(other_span.name, span.name, "{address:#x} and {other:#x}");
        }
    }
}

#[test]
fn the_innermost_function_wins() {
    let symbols: &[Row<'_>] = &[("outer", GLOBAL_FUNCTION, CODE, 0x100), ("inner", GLOBAL_FUNCTION, CODE + 0x40, 0x10)];
    assert_eq!(name(symbols, CODE + 0x3f).as_deref(), Some("outer"));
    assert_eq!(name(symbols, CODE + 0x40).as_deref(), Some("inner"));
    assert_eq!(
        look_up(symbols, CODE + 0x50),
        Span { start: CODE + 0x50, end: CODE + 0x100, name: Some("outer".to_owned()) }
    );
}

#[test]
fn a_symbol_without_size_reaches_to_the_next_and_not_too_far() {
    let symbols: &[Row<'_>] = &[("entry", LABEL, CODE, 0), ("next", GLOBAL_FUNCTION, CODE + 0x100, 0x10)];
    assert_eq!(name(symbols, CODE + 0xff).as_deref(), Some("entry"));
    assert_eq!(name(symbols, CODE + 0x110), None, "a sized symbol came between");
    let lone: &[Row<'_>] = &[("entry", LABEL, CODE, 0)];
    assert_eq!(name(lone, CODE + MAX_UNSIZED_BYTES - 1).as_deref(), Some("entry"));
    assert_eq!(name(lone, CODE + MAX_UNSIZED_BYTES), None);
    assert_eq!(name(lone, CODE - 1), None);
}

#[test]
fn only_code_has_names() {
    let symbols: &[Row<'_>] = &[("table", GLOBAL_OBJECT, CODE, 0x100)];
    assert_eq!(name(symbols, CODE + 8), None);
}

#[test]
fn among_aliases_the_name_that_people_use_is_taken() {
    let cases: &[(&[Row<'_>], &str)] = &[
        (&[("__read", GLOBAL_FUNCTION, CODE, 8), ("read", WEAK_FUNCTION, CODE, 8)], "read"),
        (&[("internal", LOCAL_FUNCTION, CODE, 8), ("exported_name", GLOBAL_FUNCTION, CODE, 8)], "exported_name"),
        (&[("read@@GLIBC_2.2.5", GLOBAL_FUNCTION, CODE, 8)], "read"),
        (&[("b", WEAK_FUNCTION, CODE, 8), ("a", WEAK_FUNCTION, CODE, 8)], "a"),
    ];
    for (symbols, expected) in cases {
        assert_eq!(name(symbols, CODE).as_deref(), Some(*expected));
    }
}

#[test]
fn both_tables_and_the_debug_file_are_searched() {
    let stripped = Fixture::new().with_symbols(DYNSYM, &[("exported", GLOBAL_FUNCTION, CODE, 0x10)]).image();
    let debug = Fixture::new().with_symbols(SYMTAB, &[("hidden", LOCAL_FUNCTION, CODE + 0x10, 0x10)]).image();
    let found = spans(&[&stripped, &debug], &[CODE, CODE + 0x10]).unwrap();
    let names: Vec<_> = found.iter().map(|span| span.name.as_deref()).collect();
    assert_eq!(names, [Some("exported"), Some("hidden")]);
}

#[test]
fn an_object_without_symbols_names_nothing() {
    let image = Fixture::new().image();
    assert_eq!(spans(&[&image], &[CODE]).unwrap(), [Span { start: 0, end: u64::MAX, name: None }]);
    assert_eq!(spans(&[&image], &[]).unwrap(), []);
}
