//! Tests of the walk on made-up stacks and tables; walks of real stacks are tested in the agent, which makes tables.
//!
//! # Safety
//! Each stack is an array that outlives the walk, and the bounds are its own.
#![allow(unsafe_code)]
#![allow(clippy::arithmetic_side_effects, clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

extern crate std;

use std::vec;
use std::vec::Vec;

use super::super::stack_bounds::StackBounds;
use super::super::table_set::MappedTable;
use super::super::unwind_table::UnwindTable;
use super::*;

/// Where the made-up library is mapped; every rule covers 256 bytes of it.
const LIBRARY: u64 = 0x5000_0000;
const CODE_CACHE: CodeCacheBounds = CodeCacheBounds { lo: 0x7000_0000, hi: 0x7100_0000 };

/// Address in the middle of the code that the `n`th rule covers.
const fn code(n: u64) -> u64 {
    LIBRARY + n * 0x100 + 0x80
}

/// A stack of words, highest address last, as bounds and memory see it.
struct Stack(Vec<u64>);

impl Stack {
    fn address(&self, word: usize) -> u64 {
        self.0.as_ptr().expose_provenance() as u64 + word as u64 * 8
    }

    /// Walks with the stack pointer at the first word, with one rule for each 256 bytes of the library.
    fn walk(&self, pc: u64, fp: u64, rule_list: &[UnwindRule], limit: usize) -> (Vec<u64>, NativeEnd) {
        let (pcs, walk) = self.walk_whole(pc, fp, rule_list, limit);
        (pcs, walk.end)
    }

    /// As `walk`, with everything that it found.
    fn walk_whole(&self, pc: u64, fp: u64, rule_list: &[UnwindRule], limit: usize) -> (Vec<u64>, NativeWalk) {
        let bounds = StackBounds { lo: self.address(0), hi: self.address(self.0.len()) };
        // SAFETY: the vector outlives the walk and is not written meanwhile.
        let memory = unsafe { StackMemory::new(bounds.lo, bounds) };
        let mut pcs: Vec<u32> = (0..rule_list.len() as u32).map(|n| n * 0x100).collect();
        let mut rules: Vec<u16> = (0..rule_list.len() as u16).collect();
        pcs.push(rule_list.len() as u32 * 0x100);
        rules.push(u16::MAX);
        let table = UnwindTable { pcs: &pcs, rules: &rules, rule_list };
        let mappings = [MappedTable { start: LIBRARY, end: LIBRARY + 0x10_0000, base: LIBRARY, table }];
        let registers = Registers { pc, sp: bounds.lo, fp };
        let mut out = vec![0; limit];
        let leaf = Frame::interrupted(registers);
        let walk = walk(leaf, &memory, &TableIndex { mappings: &mappings }, CODE_CACHE, &mut out);
        out.truncate(walk.frames);
        (out, walk)
    }
}

const fn sp(offset: i32) -> UnwindRule {
    UnwindRule::Frame { cfa: Cfa::Sp(offset), fp: SavedFp::Same }
}

#[test]
fn frames_by_stack_pointer_lead_to_the_root() {
    // Rule 0 has one local and its return address, rule 1 only a return address, rule 2 is the root.
    let stack = Stack(vec![7, code(1), code(2)]);
    let (pcs, end) = stack.walk(code(0), 0, &[sp(16), sp(8), UnwindRule::EndOfStack], 128);
    assert_eq!((pcs, end), (vec![code(0), code(1), code(2)], NativeEnd::Root));
}

#[test]
fn a_zero_return_address_is_the_root() {
    let (pcs, end) = Stack(vec![0]).walk(code(0), 0, &[sp(8)], 128);
    assert_eq!((pcs, end), (vec![code(0)], NativeEnd::Root));
}

#[test]
fn frames_by_frame_pointer_restore_it() {
    // Two frames of `push rbp; mov rbp, rsp`, with two locals each.
    let mut stack = Stack(vec![0; 10]);
    let by_fp = UnwindRule::Frame { cfa: Cfa::Fp(16), fp: SavedFp::AtCfa(-16) };
    stack.0[2] = stack.address(6);
    stack.0[3] = code(0) + 1;
    stack.0[7] = code(1);
    let (pcs, end) = stack.walk(code(0), stack.address(2), &[by_fp, UnwindRule::EndOfStack], 128);
    assert_eq!((pcs, end), (vec![code(0), code(0) + 1, code(1)], NativeEnd::Root));
}

#[test]
fn a_realigned_stack_is_followed_through_the_saved_pointer() {
    // The CFA is kept at fp - 8; the caller's fp at fp itself, as compilers do when they realign.
    let mut stack = Stack(vec![0; 8]);
    stack.0[1] = stack.address(6);
    stack.0[2] = stack.address(6);
    stack.0[5] = code(1);
    stack.0[7] = code(2);
    let realigned = UnwindRule::Frame { cfa: Cfa::AtFp { at: -8, add: 0 }, fp: SavedFp::AtFp(0) };
    let by_fp = UnwindRule::Frame { cfa: Cfa::Fp(16), fp: SavedFp::Lost };
    let (pcs, end) = stack.walk(code(0), stack.address(2), &[realigned, by_fp, UnwindRule::EndOfStack], 128);
    assert_eq!((pcs, end), (vec![code(0), code(1), code(2)], NativeEnd::Root));
}

#[test]
fn a_pointer_saved_on_the_stack_is_followed_from_the_stack_pointer() {
    let mut stack = Stack(vec![0; 6]);
    stack.0[1] = stack.address(4);
    stack.0[4] = code(1);
    let saved = UnwindRule::Frame { cfa: Cfa::AtSp { at: 8, add: 8 }, fp: SavedFp::Same };
    let (pcs, end) = stack.walk(code(0), 0, &[saved, UnwindRule::EndOfStack], 128);
    assert_eq!((pcs, end), (vec![code(0), code(1)], NativeEnd::Root));
}

#[test]
fn a_lost_frame_pointer_ends_the_walk_only_where_it_is_needed() {
    let lost = UnwindRule::Frame { cfa: Cfa::Sp(8), fp: SavedFp::Lost };
    let by_fp = UnwindRule::Frame { cfa: Cfa::Fp(16), fp: SavedFp::AtCfa(-16) };
    let (pcs, end) = Stack(vec![code(1), code(2)]).walk(code(0), 0, &[lost, sp(8), UnwindRule::EndOfStack], 128);
    assert_eq!((pcs.len(), end), (3, NativeEnd::Root));
    let (pcs, end) = Stack(vec![code(1), code(2)]).walk(code(0), 0, &[lost, by_fp], 128);
    assert_eq!((pcs.len(), end), (2, NativeEnd::NoRule));
}

#[test]
fn java_code_ends_the_walk_and_is_not_stored() {
    let (pcs, end) = Stack(vec![CODE_CACHE.lo + 0x40]).walk(code(0), 0, &[sp(8)], 128);
    assert_eq!((pcs, end), (vec![code(0)], NativeEnd::JavaCode));
    let (pcs, end) = Stack(vec![0]).walk(CODE_CACHE.lo, 0, &[sp(8)], 128);
    assert_eq!((pcs, end), (vec![], NativeEnd::JavaCode), "interrupted in Java code");
}

#[test]
fn the_registers_of_the_java_frame_are_handed_on() {
    let stack = Stack(vec![0x77, CODE_CACHE.lo + 0x40, 5]);
    let restored = UnwindRule::Frame { cfa: Cfa::Sp(16), fp: SavedFp::AtCfa(-16) };
    let java = Registers { pc: CODE_CACHE.lo + 0x40, sp: stack.address(2), fp: 0x77 };
    assert_eq!(stack.walk_whole(code(0), 1, &[restored], 128).1.java, Some(java));
    assert_eq!(stack.walk_whole(code(0), 1, &[restored], 1).1.java, Some(java), "with the buffer just full");
    let leaf = Registers { pc: CODE_CACHE.lo, sp: stack.address(0), fp: 9 };
    assert_eq!(stack.walk_whole(CODE_CACHE.lo, 9, &[], 128).1.java, Some(leaf), "interrupted in Java code");
    let lost = UnwindRule::Frame { cfa: Cfa::Sp(16), fp: SavedFp::Lost };
    let walk = stack.walk_whole(code(0), 1, &[lost], 128).1;
    assert_eq!((walk.end, walk.java), (NativeEnd::JavaCode, None), "a lost register is not made up");
}

#[test]
fn a_full_buffer_is_a_cut_unless_java_code_comes_next() {
    let stack = Stack(vec![code(0), code(0), code(0), CODE_CACHE.lo + 1]);
    let ends = [2, 4, 5].map(|limit| stack.walk(code(0), 0, &[sp(8)], limit).1);
    assert_eq!(ends, [NativeEnd::Truncated, NativeEnd::JavaCode, NativeEnd::JavaCode]);
    assert_eq!(stack.walk(code(0), 0, &[sp(8)], 0), (vec![], NativeEnd::Truncated));
}

#[test]
fn unknown_code_ends_the_walk_and_is_stored() {
    let elsewhere = 0x6000_0000;
    let (pcs, end) = Stack(vec![elsewhere]).walk(code(0), 0, &[sp(8)], 128);
    assert_eq!((pcs, end), (vec![code(0), elsewhere], NativeEnd::NoTable));
    for rule in [UnwindRule::Uncovered, UnwindRule::Unsupported] {
        let (pcs, end) = Stack(vec![code(1)]).walk(code(0), 0, &[sp(8), rule], 128);
        assert_eq!((pcs, end), (vec![code(0), code(1)], NativeEnd::NoRule));
    }
}

#[test]
fn a_stack_that_does_not_move_up_or_leaves_its_bounds_is_refused() {
    let stack = Stack(vec![code(0), code(0)]);
    for bad in [sp(0), sp(-8), sp(4), sp(24), sp(i32::MAX), sp(i32::MIN)] {
        assert_eq!(stack.walk(code(0), 0, &[bad], 128).1, NativeEnd::BadStack, "{bad:?}");
    }
    let by_fp = UnwindRule::Frame { cfa: Cfa::Fp(0), fp: SavedFp::Same };
    for wild_fp in [0, 8, u64::MAX, stack.address(0), stack.address(3), stack.address(1) + 1] {
        assert_eq!(stack.walk(code(0), wild_fp, &[by_fp], 128).1, NativeEnd::BadStack, "{wild_fp:#x}");
    }
}

#[test]
fn a_return_address_below_any_code_is_refused() {
    assert_eq!(Stack(vec![0xfff]).walk(code(0), 0, &[sp(8)], 128), (vec![code(0)], NativeEnd::BadStack));
}

#[test]
fn a_return_address_belongs_to_the_call_before_it() {
    // The call is the last instruction of rule 1, so the return address already lies in rule 2.
    let after_call = LIBRARY + 0x200;
    let (pcs, end) = Stack(vec![after_call, code(3)]).walk(
        code(0),
        0,
        &[sp(8), sp(8), UnwindRule::Unsupported, UnwindRule::EndOfStack],
        128,
    );
    assert_eq!((pcs, end), (vec![code(0), after_call, code(3)], NativeEnd::Root));
}

#[test]
fn a_signal_frame_leads_to_the_interrupted_code() {
    // A handler (rule 0) returned to the trampoline (rule 1), which the kernel called in the first instruction of
    // rule 2, whose frame pointer points at its frame.
    let mut stack = Stack(vec![0; 40]);
    let ucontext = stack.address(1);
    let (entry, saved_fp) = (LIBRARY + 0x200, stack.address(35));
    stack.0[0] = code(1);
    let mut save = |offset: i64, value: u64| stack.0[1 + usize::try_from(offset / 8).unwrap()] = value;
    save(SIGNAL_FRAME_PC, entry);
    save(SIGNAL_FRAME_SP, ucontext + 33 * 8);
    save(SIGNAL_FRAME_FP, saved_fp);
    stack.0[36] = code(3);
    let by_fp = UnwindRule::Frame { cfa: Cfa::Fp(16), fp: SavedFp::AtCfa(-16) };
    let rules = [sp(8), UnwindRule::SignalFrame, by_fp, UnwindRule::EndOfStack];
    let (pcs, end) = stack.walk(code(0), 0, &rules, 128);
    assert_eq!((pcs, end), (vec![code(0), code(1), entry + 1, code(3)], NativeEnd::Root));
}

#[test]
fn a_lazy_binding_stub_is_unwound_before_and_after_its_push() {
    let plt = UnwindRule::Frame { cfa: Cfa::PltEntry { pushed: 11 }, fp: SavedFp::Same };
    let before = Stack(vec![code(1)]).walk(LIBRARY + 0x16, 0, &[plt, UnwindRule::EndOfStack], 128);
    assert_eq!(before, (vec![LIBRARY + 0x16, code(1)], NativeEnd::Root));
    let after = Stack(vec![3, code(1)]).walk(LIBRARY + 0x1b, 0, &[plt, UnwindRule::EndOfStack], 128);
    assert_eq!(after, (vec![LIBRARY + 0x1b, code(1)], NativeEnd::Root));
}

#[test]
fn the_published_tables_are_used() {
    let stack = Stack(vec![code(1)]);
    let bounds = StackBounds { lo: stack.address(0), hi: stack.address(1) };
    // SAFETY: the vector outlives the walk.
    let memory = unsafe { StackMemory::new(bounds.lo, bounds) };
    let registers = Registers { pc: code(0), sp: bounds.lo, fp: 0 };
    let mut out = [0; 4];
    let walk = walk_native(registers, &memory, &TableSet::new(), CODE_CACHE, &mut out);
    assert_eq!(walk, NativeWalk { frames: 1, end: NativeEnd::NoTable, java: None });
    assert_eq!(out, [code(0), 0, 0, 0]);
}
