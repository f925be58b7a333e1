//! The three registers a walk begins with.

/// Registers of the interrupted thread at the interrupted instruction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Registers {
    /// Address of the next instruction.
    pub pc: u64,
    /// Stack pointer.
    pub sp: u64,
    /// Frame pointer: `rbp` on x86-64, `x29` on AArch64. Only a frame pointer where the code uses it as one.
    pub fp: u64,
}

pub use super::arch::registers_from_ucontext;
