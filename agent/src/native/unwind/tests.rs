//! Tests of the compiler, on made-up call frame information and on the libraries of this machine.

use std::path::{Path, PathBuf};
use std::time::Instant;

use sampler::walk::unwind_rule::{Cfa, SavedFp};

use super::super::fixture::{CODE, Fixture};
use super::*;

/// Linked address of the made-up `.eh_frame`.
const EH_FRAME: u64 = 0x2_0000;

/// One common entry: code factor 1, data factor -8, return address in register 16, pc-relative addresses, and the
/// state at a function's entry.
fn common_entry(augmentation: &str) -> Vec<u8> {
    let mut entry = vec![0, 0, 0, 0, 1];
    entry.extend(augmentation.as_bytes());
    entry.extend([0, 1, 0x78, 16, 1, 0x1b]);
    entry.extend([0x0c, 7, 8, 0x90, 1]);
    with_length(entry)
}

fn with_length(mut entry: Vec<u8>) -> Vec<u8> {
    entry.resize(entry.len().next_multiple_of(4), 0);
    let mut bytes = (entry.len() as u32).to_le_bytes().to_vec();
    bytes.extend(entry);
    bytes
}

/// Section bytes with the functions given as start, length and instructions.
fn section(augmentation: &str, functions: &[(u64, u32, &[u8])]) -> Vec<u8> {
    let mut bytes = common_entry(augmentation);
    for (start, length, instructions) in functions {
        let position = bytes.len() as u32;
        let mut entry = (position + 4).to_le_bytes().to_vec();
        let here = EH_FRAME + u64::from(position) + 8;
        entry.extend((start.wrapping_sub(here) as u32).to_le_bytes());
        entry.extend(length.to_le_bytes());
        entry.push(0);
        entry.extend(*instructions);
        bytes.extend(with_length(entry));
    }
    bytes.extend([0; 4]);
    bytes
}

fn compiled(augmentation: &str, functions: &[(u64, u32, &[u8])]) -> Result<OwnedTable, UnwindError> {
    compile(&Fixture::new().with(".eh_frame", EH_FRAME, section(augmentation, functions)).image())
}

fn rule_at(table: &OwnedTable, address: u64) -> UnwindRule {
    table.table().rule_at(u32::try_from(address - table.base).unwrap())
}

const ENTRY: UnwindRule = UnwindRule::Frame { cfa: Cfa::Sp(8), fp: SavedFp::Same };

#[test]
fn a_function_that_keeps_a_frame_pointer_has_three_rules() {
    // push rbp at 1; mov rbp, rsp at 4; and the ret after pop rbp at 0x1f.
    let instructions: &[u8] = &[0x41, 0x0e, 16, 0x86, 2, 0x43, 0x0d, 6, 0x40 + 0x1b, 0x0c, 7, 8, 0xc6];
    let table = compiled("zR", &[(CODE, 0x20, instructions)]).unwrap();
    let saved = SavedFp::AtCfa(-16);
    assert_eq!(rule_at(&table, CODE), ENTRY);
    assert_eq!(rule_at(&table, CODE + 1), UnwindRule::Frame { cfa: Cfa::Sp(16), fp: saved });
    assert_eq!(rule_at(&table, CODE + 4), UnwindRule::Frame { cfa: Cfa::Fp(16), fp: saved });
    assert_eq!(rule_at(&table, CODE + 0x1e), UnwindRule::Frame { cfa: Cfa::Fp(16), fp: saved });
    assert_eq!(rule_at(&table, CODE + 0x1f), ENTRY);
    assert_eq!(rule_at(&table, CODE + 0x20), UnwindRule::Uncovered);
}

#[test]
fn padding_is_not_a_gap_and_a_gap_is_not_covered() {
    let table = compiled(
        "zR",
        &[
            (CODE + 0x100, 0x10, &[]),
            (CODE, 0x19, &[]),
            (CODE + 0x20, 0x10, &[0x0e, 24]),
            // An entry of a function that the linker dropped.
            (0, 0x10, &[0x0e, 48]),
        ],
    )
    .unwrap();
    assert_eq!(table.base, CODE);
    assert_eq!(rule_at(&table, CODE + 0x1a), ENTRY, "padding takes the rule before it");
    assert_eq!(rule_at(&table, CODE + 0x20), UnwindRule::Frame { cfa: Cfa::Sp(24), fp: SavedFp::Same });
    assert_eq!(rule_at(&table, CODE + 0x30), UnwindRule::Uncovered);
    assert_eq!(rule_at(&table, CODE + 0x100), ENTRY);
    assert_eq!(table.rows(), 5);
}

#[test]
fn the_root_and_signal_frames_and_foreign_registers_are_told_apart() {
    let undefined: &[u8] = &[0x07, 16];
    let by_rbx: &[u8] = &[0x0c, 3, 16];
    let table = compiled("zR", &[(CODE, 0x10, undefined), (CODE + 0x10, 0x10, by_rbx)]).unwrap();
    assert_eq!(rule_at(&table, CODE), UnwindRule::EndOfStack);
    assert_eq!(rule_at(&table, CODE + 0x10), UnwindRule::Unsupported);
    // DW_CFA_expression r16: breg7 + 168, as the C libraries describe their trampoline.
    let trampoline: &[u8] = &[0x10, 16, 3, 0x77, 0xa8, 0x01];
    let other: &[u8] = &[0x10, 16, 3, 0x77, 0xb0, 0x01];
    let table = compiled("zRS", &[(CODE, 0x10, trampoline), (CODE + 0x10, 0x10, other)]).unwrap();
    assert_eq!(rule_at(&table, CODE), UnwindRule::SignalFrame);
    assert_eq!(rule_at(&table, CODE + 0x10), UnwindRule::Unsupported);
    let table = compiled("zR", &[(CODE, 0x10, trampoline)]).unwrap();
    assert_eq!(rule_at(&table, CODE), UnwindRule::Unsupported, "not marked as a signal frame");
}

#[test]
fn computed_frame_addresses_are_recognised() {
    // The linker's: breg7 8; breg16 0; lit15; and; lit11; ge; lit3; shl; plus.
    let stub: &[u8] = &[0x0f, 11, 0x77, 8, 0x80, 0, 0x3f, 0x1a, 0x3b, 0x2a, 0x33, 0x24, 0x22];
    // Realigned: breg6 -8; deref, with the caller's frame pointer at breg6 0.
    let realigned: &[u8] = &[0x0f, 3, 0x76, 0x78, 0x06, 0x10, 6, 2, 0x76, 0];
    // Hand-written: breg7 64; deref; plus_uconst 8.
    let saved: &[u8] = &[0x0f, 6, 0x77, 0xc0, 0, 0x06, 0x23, 8];
    // Something else: breg7 0; deref; deref.
    let other: &[u8] = &[0x0f, 4, 0x77, 0, 0x06, 0x06];
    let table = compiled(
        "zR",
        &[(CODE, 0x10, stub), (CODE + 0x10, 0x10, realigned), (CODE + 0x20, 0x10, saved), (CODE + 0x30, 0x10, other)],
    )
    .unwrap();
    let frame = |cfa, fp| UnwindRule::Frame { cfa, fp };
    assert_eq!(rule_at(&table, CODE), frame(Cfa::PltEntry { pushed: 11 }, SavedFp::Same));
    assert_eq!(rule_at(&table, CODE + 0x10), frame(Cfa::AtFp { at: -8, add: 0 }, SavedFp::AtFp(0)));
    assert_eq!(rule_at(&table, CODE + 0x20), frame(Cfa::AtSp { at: 64, add: 8 }, SavedFp::Same));
    assert_eq!(rule_at(&table, CODE + 0x30), UnwindRule::Unsupported);
}

#[test]
fn a_damaged_function_has_no_rule_and_the_others_keep_theirs() {
    // DW_CFA_restore_state without a state, after two good bytes.
    let damaged: &[u8] = &[0x42, 0x0b];
    let table = compiled("zR", &[(CODE, 0x10, damaged), (CODE + 0x10, 0x10, &[])]).unwrap();
    assert_eq!(rule_at(&table, CODE + 8), UnwindRule::Unsupported);
    assert_eq!(rule_at(&table, CODE + 0x10), ENTRY);
}

#[test]
fn objects_without_unwind_information_are_said_to_have_none() {
    assert!(matches!(compile(&Fixture::new().image()), Err(UnwindError::NoUnwindInformation)));
    assert!(matches!(compiled("zR", &[]), Err(UnwindError::NoUnwindInformation)));
    let far = compiled("zR", &[(CODE, 0x10, &[]), (CODE.wrapping_sub(1 << 30), 0x10, &[])]);
    assert!(matches!(far, Err(UnwindError::TooLarge)), "{far:?}");
}

#[test]
fn the_section_is_found_without_section_headers() {
    let path = std::env::current_exe().unwrap();
    let with = compile(&ElfImage::open(&path).unwrap()).unwrap();
    let mut stripped = ElfImage::open(&path).unwrap();
    stripped.sections.clear();
    let without = compile(&stripped).unwrap();
    assert_eq!((with.base, with.rows()), (without.base, without.rows()));
    assert!(with.rows() > 1000);
}

/// Every JVM library that is installed compiles, within the size that the design allows.
#[test]
fn jvm_libraries_compile_compactly() {
    let libraries = jvm_libraries();
    for path in &libraries {
        let image = ElfImage::open(path).unwrap();
        let start = Instant::now();
        let table = compile(&image).unwrap();
        let (elapsed, bytes) = (start.elapsed(), table.bytes());
        let different = table.different_rules();
        println!("{}: {} rows, {different} rules, {bytes} bytes, {elapsed:?}", path.display(), table.rows());
        assert!(table.rows() > 10_000);
        assert!(bytes <= table.rows() * 6 + different * size_of::<UnwindRule>());
        let rule = table.table();
        let unusable =
            rule.rules.iter().filter(|rule| table.rule_list.get(usize::from(**rule)) == Some(&UnwindRule::Unsupported));
        assert!(unusable.count() * 1000 < table.rows(), "compilers need no more than sp and fp");
    }
    assert!(!libraries.is_empty() || std::env::var_os("JAVA_HOME").is_none(), "JAVA_HOME has no libjvm.so");
}

fn jvm_libraries() -> Vec<PathBuf> {
    let installed = std::fs::read_dir("/usr/lib/jvm").into_iter().flatten().flatten().map(|entry| entry.path());
    let homes = installed.chain(std::env::var_os("JAVA_HOME").map(PathBuf::from));
    let mut libraries: Vec<PathBuf> = homes
        .map(|home| home.join("lib/server/libjvm.so"))
        .filter_map(|path| path.canonicalize().ok())
        .filter(|path: &PathBuf| Path::is_file(path))
        .collect();
    libraries.sort();
    libraries.dedup();
    libraries
}
