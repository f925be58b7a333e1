//! Tests of ELF reading, on made-up objects and on the libraries of this machine.

use super::super::fixture::{CODE, DYNSYM, Fixture, GLOBAL_FUNCTION, SYMTAB};
use super::*;

#[test]
fn sections_segments_symbols_and_build_id_are_read() {
    let symbols: &[_] = &[("first", GLOBAL_FUNCTION, CODE, 16), ("second", GLOBAL_FUNCTION, CODE + 16, 8)];
    let image = Fixture::new().with_build_id(&[1, 2, 3]).with_symbols(SYMTAB, symbols).image();
    assert_eq!(image.segments, [Segment { offset: 120, size: 16, address: CODE, executable: true }]);
    assert_eq!(image.build_id(), Some(vec![1, 2, 3]));
    assert!(image.section(".text").is_some_and(|section| section.executable));
    assert_eq!(image.section(".nothing"), None);
    let table = image.symbol_table(elf::SHT_SYMTAB).unwrap();
    assert_eq!(image.symbol_table(elf::SHT_DYNSYM), None);
    let mut names = Vec::new();
    image.for_each_symbol(table, |symbol| names.push(image.symbol_name(table, symbol.st_name.get(Le {})))).unwrap();
    assert_eq!(names, [None, Some("first".to_owned()), Some("second".to_owned())]);
}

#[test]
fn what_is_not_elf_is_said() {
    for bytes in [&b""[..], b"\x7fELF", b"#!/bin/sh\n", &[0; 200]] {
        assert!(matches!(ElfImage::from_bytes(bytes.to_vec()), Err(ElfError::NotElf)), "{bytes:?}");
    }
    assert!(matches!(ElfImage::open(Path::new("/dev/null")), Err(ElfError::NotElf)));
    assert!(matches!(ElfImage::open(Path::new("/nowhere/at-all")), Err(ElfError::Io(_))));
}

/// Whatever is cut off or overwritten, every reading function returns.
#[test]
fn damaged_objects_are_refused_or_read_without_harm() {
    let whole =
        Fixture::new().with_build_id(&[7; 20]).with_symbols(DYNSYM, &[("f", GLOBAL_FUNCTION, CODE, 16)]).bytes();
    let mut refused = 0;
    for length in 0..whole.len() {
        refused += u32::from(!survives(whole[..length].to_vec()));
    }
    assert!(refused > 100, "only {refused} truncations refused");
    for position in 0..whole.len() {
        for value in [0, 0x7f, 0xff] {
            let mut bytes = whole.clone();
            bytes[position] = value;
            survives(bytes);
        }
    }
}

/// Uses everything that reads an object. Whether it was taken for one at all.
fn survives(bytes: Vec<u8>) -> bool {
    let Ok(image) = ElfImage::from_bytes(bytes) else {
        return false;
    };
    let _ = image.build_id();
    let _ = image.read_from_address(CODE + 4);
    let _ = super::super::unwind::compile(&image);
    let _ = super::super::symbols::spans(&[&image], &[0, CODE, CODE + 8, u64::MAX]);
    for section in &image.sections {
        let _ = image.read_section(section);
    }
    true
}

#[test]
fn reads_stay_inside_the_object_and_inside_reason() {
    let image = Fixture::new().image();
    assert!(image.read(0, image.size(), "all").is_ok());
    assert!(matches!(image.read(0, image.size() + 1, "more"), Err(ElfError::Malformed("more"))));
    assert!(matches!(image.read(u64::MAX, 2, "wrapped"), Err(ElfError::Malformed("wrapped"))));
    assert!(matches!(image.read_from_address(CODE + 16), Err(ElfError::Malformed(_))));
    assert_eq!(image.read_from_address(CODE + 10).unwrap(), [0x90; 6]);
}

#[test]
fn a_part_over_the_limit_is_refused_before_it_is_allocated() {
    let directory = super::super::fixture::TestDirectory::new("elf-sparse");
    let path = directory.path().join("sparse.so");
    std::fs::write(&path, Fixture::new().bytes()).unwrap();
    File::options().write(true).open(&path).unwrap().set_len(1 << 40).unwrap();
    let image = ElfImage::open(&path).unwrap();
    assert!(matches!(image.read(0, 1 << 39, "huge"), Err(ElfError::TooLarge { part: "huge", .. })));
}
