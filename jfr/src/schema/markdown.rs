//! `docs/events.md`, generated from the tables.

use std::fmt::Write;

use super::{CONTEXT_FIELDS, EVENTS, EventRow, Field, TYPES, TypeKind, TypeRow, Unit};

const HEAD: &str = "\
# Events in Pyrite's JFR chunks

Generated from `jfr/src/schema/`; do not edit. Fields are listed in file order. One tick is one nanosecond.

Type ids are those of Pyrite's own chunks. Other writers choose other ids, so bind by name.
";

/// The page that describes every event and type, in Markdown.
#[must_use]
pub fn markdown() -> String {
    let mut page = HEAD.to_owned();
    page.push_str("\n## Events that Pyrite writes\n");
    EVENTS.iter().filter(|row| row.written).for_each(|row| event(&mut page, row));
    page.push_str("\n## Context\n\nWhen a chunk carries labels or spans, these fields follow in the events marked \"with context\".\n");
    fields(&mut page, CONTEXT_FIELDS);
    page.push_str("\n## Events that Pyrite only reads\n\nFrom async-profiler's and the JDK's recordings.\n");
    EVENTS.iter().filter(|row| !row.written).for_each(|row| event(&mut page, row));
    page.push_str("\n## Types\n");
    TYPES.iter().filter(|row| row.kind != TypeKind::Primitive).for_each(|row| type_section(&mut page, row));
    page
}

fn event(page: &mut String, row: &EventRow) {
    let context = if row.context { ", with context" } else { "" };
    line(
        page,
        &format!("\n### {}\n\n{} · type {}{context}\n\n{}", row.name, row.category.join(" / "), row.id, row.doc),
    );
    fields(page, row.fields);
}

fn type_section(page: &mut String, row: &TypeRow) {
    let storage = if row.kind == TypeKind::Inline { "in place" } else { "in a constant pool" };
    line(page, &format!("\n### {}\n\ntype {}, {storage}", row.name, row.id));
    fields(page, row.fields);
}

fn fields(page: &mut String, rows: &[Field]) {
    line(page, "\n| field | type | unit | meaning |\n| --- | --- | --- | --- |");
    for row in rows {
        let array = if row.kind.is_array() { "[]" } else { "" };
        let unit = unit_name(row.unit);
        line(page, &format!("| {} | {}{array} | {unit} | {} |", row.name, row.kind.type_name(), row.doc));
    }
}

fn unit_name(unit: Unit) -> &'static str {
    match unit {
        Unit::None => "",
        Unit::Ticks => "time in ticks",
        Unit::TickSpan => "ticks",
        Unit::Nanoseconds => "ns",
        Unit::Milliseconds => "ms",
        Unit::EpochMilliseconds => "ms since 1970",
        Unit::Bytes => "bytes",
        Unit::Address => "address",
        Unit::Percentage => "share, 0 to 1",
    }
}

fn line(page: &mut String, text: &str) {
    // Writing to a String cannot fail.
    let _ = writeln!(page, "{text}");
}
