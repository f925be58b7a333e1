//! The tables against the rules that readers impose.

use std::collections::HashSet;

use super::*;

#[test]
fn every_row_stands_at_its_variant() {
    for (index, row) in EVENTS.iter().enumerate() {
        assert_eq!(row.event as usize, index, "{}", row.name);
        assert_eq!(EventType::by_name(row.name), Some(row.event));
    }
}

#[test]
fn ids_and_names_are_unique() {
    let events = EVENTS.iter().map(|row| (row.id, row.name));
    let types = TYPES.iter().map(|row| (row.id, row.name));
    let annotations = ANNOTATIONS.iter().map(|row| (row.id, row.name));
    let (mut ids, mut names) = (HashSet::new(), HashSet::new());
    for (id, name) in events.chain(types).chain(annotations) {
        assert!(ids.insert(id), "{name}: id {id} is taken");
        assert!(names.insert(name), "{name} stands twice");
        assert!(id > 1, "0 is the metadata event, 1 the checkpoint");
    }
}

#[test]
fn events_open_with_start_time_then_duration() {
    for row in EVENTS {
        assert_eq!(row.fields[0].name, "startTime", "{}", row.name);
        let duration = row.fields.iter().position(|field| field.name == "duration");
        assert!(duration.is_none_or(|at| at == 1), "{}", row.name);
    }
}

#[test]
fn written_events_have_no_array_and_pools_no_float() {
    for row in EVENTS {
        assert!(row.fields.iter().all(|field| !field.kind.is_array()), "{}", row.name);
    }
    for row in TYPES {
        assert!(row.fields.iter().all(|field| field.kind != FieldType::Float), "{}", row.name);
        assert!(row.kind != TypeKind::Simple || row.fields.len() == 1, "{}", row.name);
    }
}

#[test]
fn every_field_type_and_unit_is_declared() {
    let fields = EVENTS.iter().flat_map(|row| row.fields).chain(TYPES.iter().flat_map(|row| row.fields));
    for field in fields.chain(CONTEXT_FIELDS) {
        assert_eq!(field.kind.row().name, field.kind.type_name());
        if let Some((name, _)) = field.unit.annotation() {
            assert!(ANNOTATIONS.iter().any(|row| row.name == name), "{name}");
        }
    }
}

#[test]
fn structures_are_flattened() {
    let paths: Vec<_> = EventType::GcHeapSummary.slots().iter().map(|slot| slot.path.as_str()).collect();
    assert_eq!(paths[3], "heapSpace.start");
    assert_eq!(paths.len(), 9);
}

#[test]
fn pool_keys_are_the_discriminants() {
    for (key, (frame_type, _)) in FRAME_TYPES.iter().enumerate() {
        assert_eq!(*frame_type as usize, key);
    }
    for (key, (state, _)) in THREAD_STATES.iter().enumerate() {
        assert_eq!(*state as usize, key);
    }
}
