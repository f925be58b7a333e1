//! How to find the caller of one range of machine code.

/// What the unwind table says about one range of addresses.
///
/// The return address is always the word just below the canonical frame address (CFA); the compiler of the tables
/// turns everything else into [`UnwindRule::Unsupported`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum UnwindRule {
    /// No unwind information covers these addresses.
    Uncovered,
    /// The return address is undefined: this is the first function of its thread (`_start`, `clone`).
    EndOfStack,
    /// There is a rule, and it needs more than `sp` and `fp` (hand-written assembly).
    Unsupported,
    /// The kernel's signal trampoline: the interrupted registers are in the signal frame above.
    SignalFrame,
    /// An ordinary frame.
    Frame {
        /// How to compute the CFA, which is the caller's stack pointer after the return.
        cfa: Cfa,
        /// Where the caller's frame pointer is.
        fp: SavedFp,
    },
}

/// How to compute the canonical frame address. All numbers are bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Cfa {
    /// `sp + offset`.
    Sp(i32),
    /// `fp + offset`.
    Fp(i32),
    /// The word at `sp + at`, plus `add`: code that realigned its stack and kept the old pointer there.
    AtSp {
        /// Where the word is.
        at: i32,
        /// What to add to it.
        add: i32,
    },
    /// The word at `fp + at`, plus `add`.
    AtFp {
        /// Where the word is.
        at: i32,
        /// What to add to it.
        add: i32,
    },
    /// A lazy-binding stub of 16 bytes: `sp + 8`, and 8 more once its `push`, which ends at `pushed`, has run.
    PltEntry {
        /// Offset in the stub from which the pushed word is on the stack.
        pushed: u8,
    },
}

/// Where the caller's frame pointer is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SavedFp {
    /// Still in its register.
    Same,
    /// The word at this distance from the CFA, bytes.
    AtCfa(i32),
    /// The word at this distance from the present frame pointer, bytes.
    AtFp(i32),
    /// Nowhere this walker can look.
    Lost,
}
