//! Decoding of small graphs whose sums are known.

use super::{DecodeError, FunctionUses, RenderAnswer};

fn decode(names: &[&str], levels: &[&[i64]]) -> Result<FunctionUses, DecodeError> {
    let text = serde_json::json!({ "flamebearer": { "names": names, "levels": levels }, "timeline": null });
    serde_json::from_value::<RenderAnswer>(text).expect("the shape of an answer").by_function()
}

fn row(uses: &FunctionUses, name: &str) -> (i64, i64) {
    let found = uses.functions.iter().find(|function| function.name == name).expect(name);
    (found.self_value, found.total)
}

#[test]
fn offsets_are_relative_to_the_node_before() {
    // total 10: a (0..6, self 1) with b (1..4) and c (4..6) above it; b again on its own (7..10).
    let uses =
        decode(&["total", "a", "b", "c"], &[&[0, 10, 1, 0], &[0, 6, 1, 1, 1, 3, 3, 2], &[1, 3, 3, 2, 0, 2, 2, 3]])
            .expect("a graph");
    assert_eq!(uses.total, 10);
    assert_eq!(row(&uses, "a"), (1, 6));
    assert_eq!(row(&uses, "b"), (6, 6));
    assert_eq!(row(&uses, "c"), (2, 2));
}

#[test]
fn a_function_that_calls_itself_is_counted_once_a_stack() {
    let uses =
        decode(&["total", "f", "g"], &[&[0, 10, 0, 0], &[0, 10, 2, 1], &[0, 8, 1, 2], &[0, 7, 7, 1]]).expect("a graph");
    assert_eq!(row(&uses, "f"), (9, 10));
    assert_eq!(row(&uses, "g"), (1, 8));
}

#[test]
fn a_recursion_is_found_under_the_right_parent() {
    // Two towers: f > g and h > f. The second f is not called by the first.
    let uses =
        decode(&["total", "f", "g", "h"], &[&[0, 10, 0, 0], &[0, 4, 0, 1, 0, 6, 0, 3], &[0, 4, 4, 2, 0, 6, 6, 1]])
            .expect("a graph");
    assert_eq!(row(&uses, "f"), (6, 10));
}

#[test]
fn an_empty_profile_has_no_functions() {
    let uses = decode(&["total"], &[&[0, 0, 0, 0]]).expect("an empty graph");
    assert_eq!(uses, FunctionUses::default());
    assert_eq!(decode(&[], &[]), Ok(FunctionUses::default()));
}

#[test]
fn malformed_graphs_are_refused() {
    assert_eq!(decode(&["total"], &[&[0, 1, 1]]), Err(DecodeError::Torn { level: 0, numbers: 3 }));
    assert_eq!(decode(&["total"], &[&[0, 1, 1, 7]]), Err(DecodeError::NoSuchName { index: 7 }));
    assert_eq!(decode(&["total"], &[&[0, 1, 1, -1]]), Err(DecodeError::NoSuchName { index: -1 }));
    assert_eq!(decode(&["total", "a"], &[&[0, 4, 0, 0], &[5, 1, 1, 1]]), Err(DecodeError::Orphan { level: 1 }));
    assert_eq!(decode(&["total", "a"], &[&[2, 4, 0, 0], &[0, 1, 1, 1]]), Err(DecodeError::Orphan { level: 1 }));
    let huge = decode(&["total", "a"], &[&[0, i64::MAX, 0, 0], &[0, i64::MAX, i64::MAX, 1, i64::MAX, i64::MAX, 1, 1]]);
    assert_eq!(huge, Err(DecodeError::Orphan { level: 1 }));
}
