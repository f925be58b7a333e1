//! Tests of what a library is found to be.

use super::super::fixture::{Fixture, TestDirectory};
use super::super::maps::AddressMap;
use super::*;

fn key(path: &str, inode: u64, kind: ObjectKind) -> ObjectKey {
    ObjectKey { path: path.into(), device: "fd:01".into(), inode, kind }
}

fn mapping(start: u64, offset: u64) -> CodeMapping {
    CodeMapping { start, end: start + 0x1000, offset, header: None, object: 0 }
}

fn segment(offset: u64, address: u64, executable: bool) -> Segment {
    Segment { offset, size: 0x2000, address, executable }
}

#[test]
fn the_bias_comes_from_the_segment_that_is_mapped() {
    // As GNU ld lays out: the same offset and address; as lld does: addresses ahead of offsets.
    let plain = [segment(0, 0, false), segment(0x2000, 0x2000, true)];
    assert_eq!(bias(&plain, &mapping(0x7f00_0000_2000, 0x2000)), Some(0x7f00_0000_0000));
    let shifted = [segment(0, 0, false), segment(0x1c30, 0x2c30, true)];
    assert_eq!(bias(&shifted, &mapping(0x7f00_0000_2000, 0x1000)), Some(0x7f00_0000_0000));
    // The second half of a segment that was split, and an executable that is linked for its address.
    assert_eq!(bias(&plain, &mapping(0x7f00_0000_3000, 0x3000)), Some(0x7f00_0000_0000));
    assert_eq!(bias(&[segment(0, 0x40_0000, true)], &mapping(0x40_0000, 0)), Some(0));
    assert_eq!(bias(&plain, &mapping(0x7f00_0000_0000, 0)), None, "no code there");
}

#[test]
fn modules_are_called_by_file_name() {
    assert_eq!(module_name(&key("/a b/libjvm.so", 1, ObjectKind::File)), "libjvm.so");
    assert_eq!(module_name(&key("[vdso]", 0, ObjectKind::Vdso)), "[vdso]");
    assert_eq!(module_name(&key("", 0, ObjectKind::Anonymous)), "[generated code]");
}

#[test]
fn a_removed_file_and_generated_code_are_skipped_with_a_reason() {
    let mut library = Library::new(LibraryId(1), key("/opt/a.so", 1, ObjectKind::Deleted));
    assert!(matches!(library.open(&mapping(0x1000, 0)), Err(SkipReason::Changed)));
    let mut library = Library::new(LibraryId(1), key("", 0, ObjectKind::Anonymous));
    assert!(matches!(library.open(&mapping(0x1000, 0)), Err(SkipReason::Anonymous)));
    let mut library = Library::new(LibraryId(1), key("/nowhere/a.so", 3, ObjectKind::File));
    assert!(matches!(library.open(&mapping(0x1000, 0)), Err(SkipReason::Elf(ElfError::Io(_)))));
}

#[test]
fn a_file_that_is_not_what_is_mapped_is_refused() {
    let directory = TestDirectory::new("library-replaced");
    let path = directory.path().join("replaced.so");
    std::fs::write(&path, Fixture::new().bytes()).unwrap();
    let path = path.to_str().unwrap();
    // Mapped is this test's executable, whatever the path says.
    let map = AddressMap::read().unwrap();
    let here = map.code_at(module_name as fn(&ObjectKey) -> &str as usize as u64).unwrap();
    let mut library = Library::new(LibraryId(1), key(path, 1, ObjectKind::File));
    assert!(matches!(library.open(here), Err(SkipReason::Changed)));
    // Without a look at memory, the inode decides.
    assert!(matches!(library.open(&mapping(0x1000, 0)), Err(SkipReason::Changed)));
    let inode = ElfImage::open(Path::new(path)).unwrap().inode().unwrap();
    let mut library = Library::new(LibraryId(1), key(path, inode, ObjectKind::File));
    assert!(library.open(&mapping(0x1000, 0)).is_ok());
}

#[test]
fn the_running_executable_is_what_is_mapped() {
    let map = AddressMap::read().unwrap();
    let here = map.code_at(module_name as fn(&ObjectKey) -> &str as usize as u64).unwrap();
    let mut library = Library::new(LibraryId(1), map.object(here).unwrap().clone());
    assert!(library.open(here).is_ok());
    let bias = library.bias(here).unwrap();
    assert_eq!(Some(bias), here.header, "a position-independent executable is linked for address 0");
}
