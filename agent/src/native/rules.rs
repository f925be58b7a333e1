//! Turns one row of call frame information into the rule that the handler follows.
//!
//! Register numbers are those of the x86-64 psABI, figure 3.36.

use gimli::{
    CfaRule, EhFrame, Encoding, EndianSlice, LittleEndian, Operation, Register, RegisterRule, UnwindExpression,
    UnwindTableRow,
};
use sampler::walk::arch::{RETURN_ADDRESS_FROM_CFA, SIGNAL_FRAME_PC};
use sampler::walk::unwind_rule::{Cfa, SavedFp, UnwindRule};

/// Section bytes as gimli reads them.
pub type Bytes<'d> = EndianSlice<'d, LittleEndian>;

const FP: Register = Register(6);
const SP: Register = Register(7);
const RETURN_ADDRESS: Register = Register(16);

/// Longest expression that is looked at, in operations. Those that linkers and compilers write have at most nine.
const MAX_OPERATIONS: usize = 12;

/// What is needed to read an expression of the section.
pub struct Context<'s, 'd> {
    /// The section.
    pub eh_frame: &'s EhFrame<Bytes<'d>>,
    /// How its expressions are encoded.
    pub encoding: Encoding,
    /// Whether the function is the kernel's signal trampoline.
    pub is_signal_trampoline: bool,
}

impl<'d> Context<'_, 'd> {
    /// The rule of `row`.
    #[must_use]
    pub fn rule(&self, row: &UnwindTableRow<usize>) -> UnwindRule {
        match row.register(RETURN_ADDRESS) {
            Some(RegisterRule::Undefined) => UnwindRule::EndOfStack,
            Some(RegisterRule::Offset(RETURN_ADDRESS_FROM_CFA)) => self.frame(row),
            Some(RegisterRule::Expression(expression)) if self.is_signal_trampoline => {
                // Only the layout that the walker knows, which is the kernel's.
                match self.address_of(expression) {
                    Some((SP, offset)) if i64::from(offset) == SIGNAL_FRAME_PC => UnwindRule::SignalFrame,
                    _ => UnwindRule::Unsupported,
                }
            }
            _ => UnwindRule::Unsupported,
        }
    }

    fn frame(&self, row: &UnwindTableRow<usize>) -> UnwindRule {
        match self.cfa(row.cfa()) {
            Some(cfa) => UnwindRule::Frame { cfa, fp: self.saved_fp(row) },
            None => UnwindRule::Unsupported,
        }
    }

    fn cfa(&self, rule: &CfaRule<usize>) -> Option<Cfa> {
        match rule {
            CfaRule::RegisterAndOffset { register, offset } => {
                let offset = i32::try_from(*offset).ok()?;
                match *register {
                    SP => Some(Cfa::Sp(offset)),
                    FP => Some(Cfa::Fp(offset)),
                    _ => None,
                }
            }
            CfaRule::Expression(expression) => cfa_of_expression(&self.operations(*expression)?),
        }
    }

    /// The frame pointer is preserved by every callee, so silence means that it is unchanged.
    fn saved_fp(&self, row: &UnwindTableRow<usize>) -> SavedFp {
        match row.register(FP) {
            None | Some(RegisterRule::SameValue) => SavedFp::Same,
            Some(RegisterRule::Offset(offset)) => i32::try_from(offset).map_or(SavedFp::Lost, SavedFp::AtCfa),
            Some(RegisterRule::Expression(expression)) => match self.address_of(expression) {
                Some((FP, offset)) => SavedFp::AtFp(offset),
                _ => SavedFp::Lost,
            },
            Some(_) => SavedFp::Lost,
        }
    }

    /// An expression that is only "register + offset".
    fn address_of(&self, expression: UnwindExpression<usize>) -> Option<(Register, i32)> {
        match self.operations(expression)?.as_slice() {
            [Operation::RegisterOffset { register, offset, .. }] => Some((*register, i32::try_from(*offset).ok()?)),
            _ => None,
        }
    }

    fn operations(&self, expression: UnwindExpression<usize>) -> Option<Vec<Operation<Bytes<'d>>>> {
        let mut operations = expression.get(self.eh_frame).ok()?.operations(self.encoding);
        let mut read = Vec::new();
        while let Some(operation) = operations.next().ok()? {
            if read.len() == MAX_OPERATIONS {
                return None;
            }
            read.push(operation);
        }
        Some(read)
    }
}

/// The three forms of computed CFA that occur: a pointer kept in the frame, the same with something added, and the
/// linker's lazy-binding stub.
fn cfa_of_expression(operations: &[Operation<Bytes<'_>>]) -> Option<Cfa> {
    use Operation::{And, Deref, Ge, Plus, PlusConstant, RegisterOffset, Shl, UnsignedConstant};
    match operations {
        [RegisterOffset { register, offset, .. }, Deref { size: 8, .. }] => pointer(*register, *offset, 0),
        [RegisterOffset { register, offset, .. }, Deref { size: 8, .. }, PlusConstant { value }]
        | [RegisterOffset { register, offset, .. }, Deref { size: 8, .. }, UnsignedConstant { value }, Plus] => {
            pointer(*register, *offset, *value)
        }
        [
            RegisterOffset { register: SP, offset: 8, .. },
            RegisterOffset { register: RETURN_ADDRESS, offset: 0, .. },
            UnsignedConstant { value: 15 },
            And,
            UnsignedConstant { value: pushed },
            Ge,
            UnsignedConstant { value: 3 },
            Shl,
            Plus,
        ] => Some(Cfa::PltEntry { pushed: u8::try_from(*pushed).ok()? }),
        _ => None,
    }
}

fn pointer(register: Register, at: i64, add: u64) -> Option<Cfa> {
    let (at, add) = (i32::try_from(at).ok()?, i32::try_from(add).ok()?);
    match register {
        SP => Some(Cfa::AtSp { at, add }),
        FP => Some(Cfa::AtFp { at, add }),
        _ => None,
    }
}
