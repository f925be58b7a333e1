//! Walks native frames by unwind tables, leaf first, until Java code begins.
//!
//! Reads only the given stack and the published tables. The frame pointer is never trusted as a frame chain: code
//! without a rule ends the walk, because a guessed caller would be a lie.

use super::arch::{RETURN_ADDRESS_FROM_CFA, SIGNAL_FRAME_FP, SIGNAL_FRAME_PC, SIGNAL_FRAME_SP};
use super::registers::Registers;
use super::stack_memory::StackMemory;
use super::table_set::{TableIndex, TableSet};
use super::unwind_rule::{Cfa, SavedFp, UnwindRule};

/// No code is ever mapped below this address, so a smaller return address shows a misread stack.
const LOWEST_CODE: u64 = 0x1000;

/// Address range that the VM reserved for compiled code, stubs and the interpreter, `lo..hi`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct CodeCacheBounds {
    /// First address.
    pub lo: u64,
    /// First address above.
    pub hi: u64,
}

impl CodeCacheBounds {
    /// Whether `pc` is in the code cache.
    #[inline]
    #[must_use]
    pub const fn contains(&self, pc: u64) -> bool {
        self.lo <= pc && pc < self.hi
    }
}

/// Why a native walk ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum NativeEnd {
    /// The next frame is in the code cache; it was not stored.
    JavaCode,
    /// The first function of the thread: the stack is complete.
    Root,
    /// The last stored pc is in no mapping with a table: a library not parsed yet, or not code at all.
    NoTable,
    /// The last stored pc is in a parsed library that has no rule this walker can follow there.
    NoRule,
    /// The buffer is full.
    Truncated,
    /// A needed word is outside the stack, or the stack pointer would not move up.
    BadStack,
}

/// What a native walk found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NativeWalk {
    /// Number of pcs stored, leaf first.
    pub frames: usize,
    /// Why it ended there.
    pub end: NativeEnd,
    /// Registers of the frame in Java code at which the walk stopped, with its exact return address as pc. `None`
    /// unless `end` is [`NativeEnd::JavaCode`], or if a register was lost on the way.
    pub java: Option<Registers>,
}

/// Stores the pcs of the native frames in `out`, leaf first; its length is the limit.
///
/// The first pc is the interrupted one. Every later one is to be looked up one byte lower, since a return address
/// may already belong to the next function; where a later frame was itself interrupted (a signal handler is on the
/// stack), its pc is stored one byte higher, so that the same rule holds.
#[inline]
pub fn walk_native(
    registers: Registers,
    memory: &StackMemory,
    tables: &TableSet,
    code_cache: CodeCacheBounds,
    out: &mut [u64],
) -> NativeWalk {
    tables.read(|index| walk(Frame::interrupted(registers), memory, index, code_cache, out))
}

/// One frame under way: its registers as far as they are known.
#[derive(Clone, Copy)]
struct Frame {
    /// An address inside the instruction that this frame executes.
    lookup_pc: u64,
    /// Whether the pc is exact, and not the return address of a call.
    interrupted: bool,
    sp: u64,
    /// `None` once a rule said that it is lost.
    fp: Option<u64>,
}

impl Frame {
    #[inline]
    const fn interrupted(registers: Registers) -> Self {
        Self { lookup_pc: registers.pc, interrupted: true, sp: registers.sp, fp: Some(registers.fp) }
    }

    /// The frame's registers with its exact pc, if all three are known.
    #[inline]
    fn registers(&self) -> Option<Registers> {
        let pc = if self.interrupted { self.lookup_pc } else { self.lookup_pc.wrapping_add(1) };
        self.fp.map(|fp| Registers { pc, sp: self.sp, fp })
    }
}

/// The loop: one pass a frame, bounded by the length of `out`.
#[inline]
fn walk(
    leaf: Frame,
    memory: &StackMemory,
    index: &TableIndex<'_>,
    code_cache: CodeCacheBounds,
    out: &mut [u64],
) -> NativeWalk {
    let mut frame = leaf;
    let mut frames = 0_usize;
    for slot in out {
        if code_cache.contains(frame.lookup_pc) {
            return NativeWalk { frames, end: NativeEnd::JavaCode, java: frame.registers() };
        }
        let is_leaf = frames == 0;
        *slot = if is_leaf { frame.lookup_pc } else { frame.lookup_pc.wrapping_add(1) };
        frames = frames.wrapping_add(1);
        match caller(&frame, memory, index) {
            Ok(next) => frame = next,
            Err(end) => {
                return NativeWalk { frames, end, java: None };
            }
        }
    }
    // A buffer that the last native frame just filled is not a cut.
    if code_cache.contains(frame.lookup_pc) {
        return NativeWalk { frames, end: NativeEnd::JavaCode, java: frame.registers() };
    }
    NativeWalk { frames, end: NativeEnd::Truncated, java: None }
}

/// The frame that called `frame`, or why there is none.
#[inline]
fn caller(frame: &Frame, memory: &StackMemory, index: &TableIndex<'_>) -> Result<Frame, NativeEnd> {
    let next = match index.rule_at(frame.lookup_pc).ok_or(NativeEnd::NoTable)? {
        UnwindRule::Uncovered | UnwindRule::Unsupported => return Err(NativeEnd::NoRule),
        UnwindRule::EndOfStack => return Err(NativeEnd::Root),
        UnwindRule::SignalFrame => interrupted_by_signal(frame.sp, memory)?,
        UnwindRule::Frame { cfa, fp } => returned_to(frame, cfa, fp, memory)?,
    };
    if next.sp <= frame.sp || next.lookup_pc < LOWEST_CODE {
        return Err(NativeEnd::BadStack);
    }
    Ok(next)
}

/// The caller of an ordinary frame.
#[inline]
fn returned_to(frame: &Frame, cfa: Cfa, fp: SavedFp, memory: &StackMemory) -> Result<Frame, NativeEnd> {
    let cfa = canonical_frame_address(frame, cfa, memory)?;
    let return_address = memory.word(cfa.wrapping_add_signed(RETURN_ADDRESS_FROM_CFA)).ok_or(NativeEnd::BadStack)?;
    if return_address == 0 {
        return Err(NativeEnd::Root);
    }
    let caller_fp = match fp {
        SavedFp::Same => frame.fp,
        SavedFp::AtCfa(offset) => memory.word(at(cfa, offset)),
        SavedFp::AtFp(offset) => frame.fp.and_then(|fp| memory.word(at(fp, offset))),
        SavedFp::Lost => None,
    };
    Ok(Frame { lookup_pc: return_address.wrapping_sub(1), interrupted: false, sp: cfa, fp: caller_fp })
}

/// The frame that a signal interrupted, from the registers that the kernel saved above `sp`.
#[inline]
fn interrupted_by_signal(sp: u64, memory: &StackMemory) -> Result<Frame, NativeEnd> {
    let saved = |offset: i64| memory.word(sp.wrapping_add_signed(offset)).ok_or(NativeEnd::BadStack);
    Ok(Frame {
        lookup_pc: saved(SIGNAL_FRAME_PC)?,
        interrupted: true,
        sp: saved(SIGNAL_FRAME_SP)?,
        fp: Some(saved(SIGNAL_FRAME_FP)?),
    })
}

/// Computes the CFA of `frame`.
#[inline]
fn canonical_frame_address(frame: &Frame, cfa: Cfa, memory: &StackMemory) -> Result<u64, NativeEnd> {
    let fp = || frame.fp.ok_or(NativeEnd::NoRule);
    let word = |address: u64| memory.word(address).ok_or(NativeEnd::BadStack);
    Ok(match cfa {
        Cfa::Sp(offset) => at(frame.sp, offset),
        Cfa::Fp(offset) => at(fp()?, offset),
        Cfa::AtSp { at: offset, add } => at(word(at(frame.sp, offset))?, add),
        Cfa::AtFp { at: offset, add } => at(word(at(fp()?, offset))?, add),
        Cfa::PltEntry { pushed } => plt_entry_cfa(frame, pushed),
    })
}

/// The CFA in a lazy-binding stub, which has pushed one word or not yet.
#[inline]
fn plt_entry_cfa(frame: &Frame, pushed: u8) -> u64 {
    /// Size of one stub, bytes, minus one.
    const ENTRY_MASK: u64 = 15;
    let pc = if frame.interrupted { frame.lookup_pc } else { frame.lookup_pc.wrapping_add(1) };
    let has_pushed = pc & ENTRY_MASK >= u64::from(pushed);
    frame.sp.wrapping_add(if has_pushed { 16 } else { 8 })
}

/// `base + offset`; an absurd sum is refused where it is used.
#[inline]
fn at(base: u64, offset: i32) -> u64 {
    base.wrapping_add_signed(i64::from(offset))
}

#[cfg(test)]
mod tests;
