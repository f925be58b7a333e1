//! What one function does that matters to a signal handler, instruction by instruction.

use std::collections::BTreeMap;

use iced_x86::{Decoder, DecoderOptions, FlowControl, Instruction, Mnemonic, OpKind, Register};

use super::image::{Function, Image, Slot};
use super::registers::{Code, Value};

/// One such thing, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// Address of the instruction.
    pub at: u64,
    /// What it does.
    pub action: Action,
}

/// What an instruction does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Calls or jumps to an address in the library.
    Call(u64),
    /// Calls or jumps to a function of another library.
    Import(String),
    /// Calls or jumps to an address that cannot be known.
    Indirect,
    /// Reads or writes thread-local storage.
    ThreadLocal,
    /// Makes a system call; the number if it is known.
    Syscall(Option<u64>),
    /// Ends the process.
    Abort,
    /// Is no instruction.
    Undecodable,
}

/// Name of libc's function that makes the system call it is told.
const SYSCALL_FUNCTION: &str = "syscall";

/// Offset of the stack protector's word in the thread's control block (System V ABI, x86-64), set once and for all.
const STACK_PROTECTOR: u64 = 0x28;

/// Longest jump table that is read, in entries; the length itself is not in the file.
const MAX_TABLE: u64 = 4096;

/// How many instructions before a jump through a table its entry is loaded at most.
const TABLE_REACH: usize = 16;

/// Everything that matters of what `function` does when it is entered at `entry`.
pub fn steps(image: &Image<'_>, function: &Function, entry: u64) -> Vec<Step> {
    let undecodable = vec![Step { at: entry, action: Action::Undecodable }];
    let Some(bytes) = image.code(function.start, function.end) else {
        return undecodable;
    };
    let instructions: Vec<Instruction> =
        Decoder::with_ip(64, bytes, function.start, DecoderOptions::NONE).into_iter().collect();
    let (code, tables) = link(image, function, instructions);
    let scan = Scan { image, function, code: &code, tables: &tables };
    let reachable = code.reachable_from(entry);
    if reachable.is_empty() {
        return undecodable;
    }
    // A jump that cannot be followed may lead anywhere in the function, so all of it counts.
    if reachable.iter().any(|index| scan.is_unknown_jump(*index)) {
        return (0..code.instructions().len()).flat_map(|index| scan.steps_at(index)).collect();
    }
    reachable.into_iter().flat_map(|index| scan.steps_at(index)).collect()
}

/// Finds the jump tables, each of which may show the way to another, and links the instructions.
fn link(image: &Image<'_>, function: &Function, instructions: Vec<Instruction>) -> (Code, BTreeMap<u64, Vec<u64>>) {
    let mut tables = BTreeMap::new();
    loop {
        let code = Code::new(instructions.clone(), &tables);
        let found: BTreeMap<u64, Vec<u64>> = (0..instructions.len())
            .filter_map(|index| Some((instructions[index].ip(), jump_table(image, function, &code, index)?)))
            .collect();
        if found.len() == tables.len() {
            return (code, tables);
        }
        tables = found;
    }
}

/// The targets of the jump at `index`, if it goes through a table of 32-bit distances from the table itself, as
/// compilers make for a `match`. All targets lie inside the function.
fn jump_table(image: &Image<'_>, function: &Function, code: &Code, index: usize) -> Option<Vec<u64>> {
    let jump = &code.instructions()[index];
    if jump.flow_control() != FlowControl::IndirectBranch || jump.op0_kind() != OpKind::Register {
        return None;
    }
    let first = index.saturating_sub(TABLE_REACH);
    let load = (first..index).rev().find(|&at| {
        let load = &code.instructions()[at];
        load.mnemonic() == Mnemonic::Movsxd && load.op1_kind() == OpKind::Memory && load.memory_index_scale() == 4
    })?;
    let base = code.instructions()[load].memory_base();
    let table = match code.values(image, load, base)?.as_slice() {
        [Value::Constant(table)] => *table,
        _ => return None,
    };
    let entry = |number: u64| {
        let bytes: [u8; 4] = image.read(table + 4 * number, 4)?.try_into().ok()?;
        let target = table.wrapping_add_signed(i64::from(i32::from_le_bytes(bytes)));
        (function.start <= target && target < function.end).then_some(target)
    };
    let targets: Vec<u64> = (0..MAX_TABLE).map_while(entry).collect();
    (!targets.is_empty()).then_some(targets)
}

/// One function under examination.
struct Scan<'a> {
    image: &'a Image<'a>,
    function: &'a Function,
    code: &'a Code,
    tables: &'a BTreeMap<u64, Vec<u64>>,
}

impl Scan<'_> {
    fn is_unknown_jump(&self, index: usize) -> bool {
        let instruction = &self.code.instructions()[index];
        instruction.flow_control() == FlowControl::IndirectBranch && self.indirect(index).contains(&Action::Indirect)
    }

    fn steps_at(&self, index: usize) -> Vec<Step> {
        let instruction = &self.code.instructions()[index];
        let mut actions = Vec::new();
        if instruction.is_invalid() {
            actions.push(Action::Undecodable);
        }
        if touches_thread_local(instruction) {
            actions.push(Action::ThreadLocal);
        }
        match instruction.mnemonic() {
            Mnemonic::Syscall | Mnemonic::Sysenter | Mnemonic::Int => {
                actions.extend(self.syscalls(index, Register::RAX));
            }
            Mnemonic::Ud0 | Mnemonic::Ud1 | Mnemonic::Ud2 | Mnemonic::Hlt => actions.push(Action::Abort),
            _ => actions.extend(self.transfers(index)),
        }
        if actions.contains(&Action::Import(SYSCALL_FUNCTION.to_owned())) {
            actions.extend(self.syscalls(index, Register::RDI));
        }
        let at = instruction.ip();
        actions.into_iter().map(|action| Step { at, action }).collect()
    }

    /// The system calls that are made if their number is in `register`.
    fn syscalls(&self, index: usize, register: Register) -> Vec<Action> {
        let values = self.code.values(self.image, index, register);
        let number = |value: &Value| match value {
            Value::Constant(number) => Action::Syscall(Some(*number)),
            Value::Import(_) => Action::Syscall(None),
        };
        values.map_or_else(|| vec![Action::Syscall(None)], |values| values.iter().map(number).collect())
    }

    /// Where the instruction may go, other than on or inside the function.
    fn transfers(&self, index: usize) -> Vec<Action> {
        let instruction = &self.code.instructions()[index];
        match instruction.flow_control() {
            FlowControl::Call | FlowControl::UnconditionalBranch | FlowControl::ConditionalBranch => {
                let target = instruction.near_branch_target();
                let inside = self.function.start <= target && target < self.function.end;
                if inside { Vec::new() } else { vec![self.target(target)] }
            }
            FlowControl::IndirectCall | FlowControl::IndirectBranch => self.indirect(index),
            FlowControl::XbeginXabortXend => vec![Action::Undecodable],
            _ => Vec::new(),
        }
    }

    fn indirect(&self, index: usize) -> Vec<Action> {
        let instruction = &self.code.instructions()[index];
        if self.tables.contains_key(&instruction.ip()) {
            return Vec::new();
        }
        if instruction.is_ip_rel_memory_operand() {
            let slot = self.image.slot(instruction.ip_rel_memory_address());
            return vec![slot.map_or(Action::Indirect, |slot| self.slot_target(slot))];
        }
        let register = instruction.op0_register();
        if instruction.op0_kind() != OpKind::Register {
            return vec![Action::Indirect];
        }
        let target = |value: &Value| match value {
            Value::Constant(address) => self.target(*address),
            Value::Import(name) => Action::Import(name.clone()),
        };
        let values = self.code.values(self.image, index, register);
        values.map_or_else(|| vec![Action::Indirect], |values| values.iter().map(target).collect())
    }

    /// What is at an address outside this function: another function, or a stub that jumps to an import.
    fn target(&self, address: u64) -> Action {
        if self.image.function_at(address).is_some() {
            return Action::Call(address);
        }
        match stub_slot(self.image, address) {
            Some(slot) => self.slot_target(slot),
            None => Action::Call(address),
        }
    }

    fn slot_target(&self, slot: &Slot) -> Action {
        match slot {
            Slot::Local(address) => Action::Call(*address),
            Slot::Import(name) => Action::Import(name.clone()),
        }
    }
}

/// The slot through which the stub at `address` jumps, if there is one: an entry of the procedure linkage table.
fn stub_slot<'a>(image: &'a Image<'_>, address: u64) -> Option<&'a Slot> {
    const LONGEST_STUB: u64 = 16;
    let bytes = image.code(address, address + LONGEST_STUB)?;
    let mut decoder = Decoder::with_ip(64, bytes, address, DecoderOptions::NONE);
    let jump = decoder.iter().find(|instruction| instruction.mnemonic() != Mnemonic::Endbr64)?;
    let jumps = jump.flow_control() == FlowControl::IndirectBranch && jump.is_ip_rel_memory_operand();
    jumps.then(|| image.slot(jump.ip_rel_memory_address())).flatten()
}

fn touches_thread_local(instruction: &Instruction) -> bool {
    let has_memory = (0..instruction.op_count()).any(|operand| instruction.op_kind(operand) == OpKind::Memory);
    if !has_memory || !matches!(instruction.memory_segment(), Register::FS | Register::GS) {
        return false;
    }
    let bare = instruction.memory_base() == Register::None && instruction.memory_index() == Register::None;
    !(bare && instruction.memory_displacement64() == STACK_PROTECTOR)
}
