//! What a register holds at an instruction, found by walking back through the function to every definition.

use std::collections::{BTreeMap, BTreeSet};

use iced_x86::{Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind, Register};

use super::image::{Image, Slot};

/// One thing that a register may hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// A number, or an address in the library.
    Constant(u64),
    /// The address of a function of another library.
    Import(String),
}

/// Registers that a called function may change (System V ABI, x86-64).
const CLOBBERED: &[Register] = &[
    Register::RAX,
    Register::RCX,
    Register::RDX,
    Register::RSI,
    Register::RDI,
    Register::R8,
    Register::R9,
    Register::R10,
    Register::R11,
];

/// Registers that a system call changes (syscall(2), x86-64).
const SYSCALL_CLOBBERED: &[Register] = &[Register::RAX, Register::RCX, Register::R11];

/// The instructions of one function, with the ways that lead to each.
pub struct Code {
    instructions: Vec<Instruction>,
    /// Indices of the instructions that may run just before each one.
    before: Vec<Vec<usize>>,
    /// Indices of the instructions that may run just after each one.
    after: Vec<Vec<usize>>,
}

impl Code {
    /// Links the instructions. `jump_tables` gives the targets of the jumps through a table, by their address.
    pub fn new(instructions: Vec<Instruction>, jump_tables: &BTreeMap<u64, Vec<u64>>) -> Self {
        let index_of: BTreeMap<u64, usize> =
            instructions.iter().enumerate().map(|(index, instruction)| (instruction.ip(), index)).collect();
        let mut after = vec![Vec::new(); instructions.len()];
        for (index, instruction) in instructions.iter().enumerate() {
            if falls_through(instruction) && index + 1 < instructions.len() {
                after[index].push(index + 1);
            }
            let table = jump_tables.get(&instruction.ip()).into_iter().flatten().copied();
            let direct = is_branch(instruction).then(|| instruction.near_branch_target());
            after[index].extend(table.chain(direct).filter_map(|target| index_of.get(&target)));
        }
        let mut before = vec![Vec::new(); instructions.len()];
        for (index, next) in after.iter().enumerate() {
            for &next in next {
                before[next].push(index);
            }
        }
        Self { instructions, before, after }
    }

    /// Indices of the instructions that can run once the one at address `entry` does, in order. Code that only
    /// unwinding enters is not among them: nothing a handler may reach can start to unwind.
    pub fn reachable_from(&self, entry: u64) -> BTreeSet<usize> {
        let first = self.instructions.iter().position(|instruction| instruction.ip() == entry);
        let mut pending: Vec<usize> = first.into_iter().collect();
        let mut reachable = BTreeSet::new();
        while let Some(index) = pending.pop() {
            if reachable.insert(index) {
                pending.extend(&self.after[index]);
            }
        }
        reachable
    }

    /// The instructions, by address.
    pub fn instructions(&self) -> &[Instruction] {
        &self.instructions
    }

    /// Everything `register` may hold just before instruction `index`, or `None` if any of it is not known.
    pub fn values(&self, image: &Image<'_>, index: usize, register: Register) -> Option<Vec<Value>> {
        let mut values = Vec::new();
        let mut factory = InstructionInfoFactory::new();
        let mut seen = BTreeSet::new();
        let mut pending = vec![(index, register.full_register())];
        while let Some((index, register)) = pending.pop() {
            // At the function's start the register holds what the caller left in it.
            let before = self.before.get(index).filter(|before| index > 0 && !before.is_empty())?;
            for &previous in before {
                if !seen.insert((previous, register)) {
                    continue;
                }
                match definition(image, &self.instructions[previous], register, &mut factory) {
                    Definition::None => pending.push((previous, register)),
                    Definition::Copy(source) => pending.push((previous, source)),
                    Definition::Value(value) if values.contains(&value) => {}
                    Definition::Value(value) => values.push(value),
                    Definition::Unknown => return None,
                }
            }
        }
        (!values.is_empty()).then_some(values)
    }
}

/// What one instruction does to a register.
enum Definition {
    None,
    Copy(Register),
    Value(Value),
    Unknown,
}

fn definition(
    image: &Image<'_>,
    instruction: &Instruction,
    register: Register,
    factory: &mut InstructionInfoFactory,
) -> Definition {
    if is_call(instruction) {
        return if CLOBBERED.contains(&register) { Definition::Unknown } else { Definition::None };
    }
    // The kernel returns in RAX; the instruction itself overwrites the other two.
    if instruction.mnemonic() == Mnemonic::Syscall && SYSCALL_CLOBBERED.contains(&register) {
        return Definition::Unknown;
    }
    let info = factory.info(instruction);
    let writes = |access| {
        matches!(access, OpAccess::Write | OpAccess::ReadWrite | OpAccess::CondWrite | OpAccess::ReadCondWrite)
    };
    let written = info
        .used_registers()
        .iter()
        .filter(|used| writes(used.access()) && used.register().full_register() == register);
    match written.map(|used| used.access()).collect::<Vec<_>>().as_slice() {
        [] => Definition::None,
        [OpAccess::Write] => written_value(image, instruction),
        _ if is_zeroing(instruction) => Definition::Value(Value::Constant(0)),
        _ => Definition::Unknown,
    }
}

/// The value that an instruction writes to its first operand, a register.
fn written_value(image: &Image<'_>, instruction: &Instruction) -> Definition {
    // Only whole registers: a write of 32 bits clears the rest, one of 8 or 16 leaves it.
    if !matches!(instruction.op0_register().size(), 4 | 8) {
        return Definition::Unknown;
    }
    match (instruction.mnemonic(), instruction.op1_kind()) {
        _ if is_zeroing(instruction) => Definition::Value(Value::Constant(0)),
        (Mnemonic::Mov, OpKind::Register) if instruction.op0_register().size() == 8 => {
            Definition::Copy(instruction.op1_register().full_register())
        }
        (Mnemonic::Mov, kind) if is_immediate(kind) => {
            let value = instruction.immediate(1);
            let narrow = instruction.op0_register().size() == 4;
            Definition::Value(Value::Constant(if narrow { value & u64::from(u32::MAX) } else { value }))
        }
        (Mnemonic::Lea, _) if instruction.is_ip_rel_memory_operand() => {
            Definition::Value(Value::Constant(instruction.ip_rel_memory_address()))
        }
        (Mnemonic::Mov, OpKind::Memory) if instruction.is_ip_rel_memory_operand() => {
            match image.slot(instruction.ip_rel_memory_address()) {
                Some(Slot::Local(address)) => Definition::Value(Value::Constant(*address)),
                Some(Slot::Import(name)) => Definition::Value(Value::Import(name.clone())),
                None => Definition::Unknown,
            }
        }
        _ => Definition::Unknown,
    }
}

fn is_zeroing(instruction: &Instruction) -> bool {
    matches!(instruction.mnemonic(), Mnemonic::Xor | Mnemonic::Sub)
        && instruction.op0_kind() == OpKind::Register
        && instruction.op1_kind() == OpKind::Register
        && instruction.op0_register() == instruction.op1_register()
}

fn is_immediate(kind: OpKind) -> bool {
    matches!(
        kind,
        OpKind::Immediate8
            | OpKind::Immediate16
            | OpKind::Immediate32
            | OpKind::Immediate64
            | OpKind::Immediate8to32
            | OpKind::Immediate8to64
            | OpKind::Immediate32to64
    )
}

fn is_call(instruction: &Instruction) -> bool {
    instruction.is_call_near() || instruction.is_call_near_indirect() || instruction.is_call_far()
}

fn is_branch(instruction: &Instruction) -> bool {
    instruction.is_jmp_short_or_near() || instruction.is_jcc_short_or_near() || instruction.is_jcx_short()
}

/// Whether the next instruction may run after this one.
fn falls_through(instruction: &Instruction) -> bool {
    use iced_x86::FlowControl::{Exception, IndirectBranch, Return, UnconditionalBranch};
    !matches!(instruction.flow_control(), Exception | IndirectBranch | Return | UnconditionalBranch)
}
