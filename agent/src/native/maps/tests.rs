//! Tests of the address map, on made-up lines and on this process.

use super::*;

const LIBJVM: &str = "/usr/lib/jvm/jdk 17/lib/server/libjvm.so";

const TEXT: &str = "\
555555554000-555555555000 r--p 00000000 fd:01 1234                       /usr/bin/java
555555555000-555555556000 r-xp 00001000 fd:01 1234                       /usr/bin/java
555555600000-555555700000 rw-p 00000000 00:00 0                          [heap]
7f0000000000-7f0000100000 rwxp 00000000 00:00 0
7f1000000000-7f1000250000 r--p 00000000 fd:01 99                         /usr/lib/jvm/jdk 17/lib/server/libjvm.so
7f1000251000-7f1000fa4000 r-xp 00251000 fd:01 99                         /usr/lib/jvm/jdk 17/lib/server/libjvm.so
7f1000fa4000-7f1001225000 r--p 00fa4000 fd:01 99                         /usr/lib/jvm/jdk 17/lib/server/libjvm.so
7f2000000000-7f2000001000 r-xp 00000000 fd:01 55                         /opt/libold.so (deleted)
7f3000000000-7f3000001000 ---p 00000000 00:00 0
7f3000001000-7f3000801000 rw-p 00000000 00:00 0
7f3000801000-7f3000900000 rw-p 00000000 00:00 0
7f4000000000-7f4000001000 r-xp 00001000 fd:01 77                         /opt/new\\012line.so
7ffc00000000-7ffc00021000 rw-p 00000000 00:00 0                          [stack]
7ffc00100000-7ffc00102000 r-xp 00000000 00:00 0                          [vdso]
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
";

fn object(map: &AddressMap, pc: u64) -> Option<(&str, ObjectKind)> {
    let mapping = map.code_at(pc)?;
    map.object(mapping).map(|object| (&*object.path, object.kind))
}

#[test]
fn a_line_is_read_whole() {
    let line = "7f1000251000-7f1000fa4000 r-xp 00251000 fd:01 99      /a b/libjvm.so (deleted)";
    let mapping = parse_line(line).unwrap();
    assert_eq!((mapping.start, mapping.end), (0x7f10_0025_1000, 0x7f10_00fa_4000));
    assert_eq!((mapping.readable, mapping.writable, mapping.executable), (true, false, true));
    assert_eq!((mapping.offset, mapping.device, mapping.inode), (0x25_1000, "fd:01", 99));
    assert_eq!(mapping.name, "/a b/libjvm.so (deleted)");
    assert_eq!(parse_line("1000-2000 ---p 00000000 00:00 0").unwrap().name, "");
}

#[test]
fn lines_that_make_no_sense_are_left_out() {
    let odd =
        ["", "x", "1000", "1000-2000", "1000-2000 r-xp", "1000-2000 r-xp 0 0:0 x /a", "2000-1000 r-xp 0 0:0 1 /a"];
    for line in odd {
        assert_eq!(parse_line(line), None, "{line:?}");
    }
    assert_eq!(AddressMap::parse(&odd.join("\n")).code().len(), 0);
}

#[test]
fn an_address_belongs_to_its_object() {
    let map = AddressMap::parse(TEXT);
    assert_eq!(object(&map, 0x7f10_0025_1000), Some((LIBJVM, ObjectKind::File)));
    assert_eq!(object(&map, 0x7f10_00fa_3fff), Some((LIBJVM, ObjectKind::File)));
    assert_eq!(object(&map, 0x7f10_00fa_4000), None, "not executable");
    assert_eq!(object(&map, 0x5555_5555_5fff), Some(("/usr/bin/java", ObjectKind::File)));
    assert_eq!(object(&map, 0x7f00_0000_0000), Some(("", ObjectKind::Anonymous)));
    assert_eq!(object(&map, 0x7f20_0000_0000), Some(("/opt/libold.so", ObjectKind::Deleted)));
    assert_eq!(object(&map, 0x7f40_0000_0000), Some(("/opt/new\nline.so", ObjectKind::File)));
    assert_eq!(object(&map, 0x7ffc_0010_0000), Some(("[vdso]", ObjectKind::Vdso)));
    assert_eq!(object(&map, 0xffff_ffff_ff60_0000), Some(("[vsyscall]", ObjectKind::Anonymous)));
    assert_eq!(object(&map, 0), None);
    assert_eq!(object(&map, u64::MAX), None);
}

#[test]
fn the_beginning_of_an_object_is_found_when_it_is_mapped() {
    let map = AddressMap::parse(TEXT);
    let header = |pc| map.code_at(pc).unwrap().header;
    assert_eq!(header(0x7f10_0025_1000), Some(0x7f10_0000_0000));
    assert_eq!(header(0x7f20_0000_0000), Some(0x7f20_0000_0000), "one mapping for everything");
    assert_eq!(header(0x7f40_0000_0000), None);
}

#[test]
fn an_object_that_is_mapped_twice_is_one_object_with_two_beginnings() {
    let map = AddressMap::parse(
        "1000-2000 r--p 00000000 fd:01 9 /a.so\n2000-3000 r-xp 00001000 fd:01 9 /a.so\n\
         8000-9000 r--p 00000000 fd:01 9 /a.so\n9000-a000 r-xp 00001000 fd:01 9 /a.so\n",
    );
    assert_eq!(map.objects().len(), 1);
    let headers: Vec<_> = map.code().iter().map(|mapping| mapping.header).collect();
    assert_eq!(headers, [Some(0x1000), Some(0x8000)]);
}

#[test]
fn stacks_are_told_from_other_memory_by_their_guard() {
    let map = AddressMap::parse(TEXT);
    assert_eq!(map.stack_at(0x7f30_0000_1000), Some((0x7f30_0000_1000, 0x7f30_0080_1000)));
    assert_eq!(map.stack_at(0x7f30_0080_0fff), Some((0x7f30_0000_1000, 0x7f30_0080_1000)));
    assert_eq!(map.stack_at(0x7f30_0080_1000), None, "no guard below");
    assert_eq!(map.stack_at(0x7f30_0000_0000), None, "the guard itself");
    assert_eq!(map.stack_at(0x7ffc_0001_0000), Some((0x7ffc_0000_0000, 0x7ffc_0002_1000)));
    assert_eq!(map.stack_at(0x5555_5560_0000), None, "the heap");
}

#[test]
fn this_process_is_read() {
    let map = AddressMap::read().unwrap();
    let here = this_process_is_read as fn();
    let executable = std::env::current_exe().unwrap();
    assert_eq!(object(&map, here as usize as u64).map(|(path, _)| path), executable.to_str());
    let local = 0_u8;
    let address = (&raw const local).addr() as u64;
    let (lo, hi) = map.stack_at(address).expect("a test runs on a thread with a guarded stack");
    assert!(lo <= address && address < hi);
    assert!(map.bytes() > 0);
}
