//! What the handler reads from and writes to the interrupted registers beyond the walk itself.
//!
//! # Safety
//! The kernel passes a valid `ucontext_t` that belongs to the interrupted thread for the length of the handler.
//! Registers that are changed for the JVM's walker are put back before the handler returns.
#![allow(unsafe_code)]

use core::ffi::c_void;

use crate::walk::registers::Registers;

#[cfg(target_arch = "x86_64")]
mod registers {
    /// Index of the program counter in `gregs`.
    pub const PC: usize = libc::REG_RIP as usize;
    /// Index of the stack pointer.
    pub const SP: usize = libc::REG_RSP as usize;
    /// Index of the frame pointer.
    pub const FP: usize = libc::REG_RBP as usize;
    /// `syscall` leaves its return address here (Intel SDM, SYSCALL).
    pub const RETURN_OF_SYSCALL: usize = libc::REG_RCX as usize;
    /// The kernel's answer.
    pub const RESULT_OF_SYSCALL: usize = libc::REG_RAX as usize;
    /// Length of the `syscall` instruction.
    pub const SYSCALL_LENGTH: u64 = 2;
}

/// Reads one saved register; 0 for an index that does not exist.
#[cfg(target_arch = "x86_64")]
fn read(ucontext: *mut c_void, index: usize) -> u64 {
    let context: *const libc::ucontext_t = ucontext.cast();
    // SAFETY: the kernel's ucontext is valid and aligned; the array is only borrowed here.
    let registers = unsafe { &(*context).uc_mcontext.gregs };
    registers.get(index).map_or(0, |value| *value as u64)
}

#[cfg(target_arch = "x86_64")]
fn write(ucontext: *mut c_void, index: usize, value: u64) {
    let context: *mut libc::ucontext_t = ucontext.cast();
    // SAFETY: the kernel's ucontext is valid and aligned, and nobody else refers to it.
    let registers = unsafe { &mut (*context).uc_mcontext.gregs };
    if let Some(register) = registers.get_mut(index) {
        *register = value as i64;
    }
}

/// Whether the signal interrupted a system call that was waiting.
///
/// The `syscall` instruction leaves its return address in RCX. The kernel delivers the signal either two bytes before it
/// (the call will be restarted), or at it with -EINTR as the call's result. A call that was over before the signal came
/// has a result of its own. Other code has RCX near its own program counter only by accident. No instruction bytes are
/// read.
#[cfg(target_arch = "x86_64")]
pub fn was_in_system_call(ucontext: *mut c_void) -> bool {
    const INTERRUPTED: i64 = -(libc::EINTR as i64);
    let pc = read(ucontext, registers::PC);
    let after = read(ucontext, registers::RETURN_OF_SYSCALL);
    let result = read(ucontext, registers::RESULT_OF_SYSCALL) as i64;
    (pc == after && result == INTERRUPTED) || pc.wrapping_add(registers::SYSCALL_LENGTH) == after
}

/// Puts registers into the saved context.
#[cfg(target_arch = "x86_64")]
pub fn set_walk_registers(ucontext: *mut c_void, values: Registers) {
    write(ucontext, registers::PC, values.pc);
    write(ucontext, registers::SP, values.sp);
    write(ucontext, registers::FP, values.fp);
}

/// Not supported yet: the agent refuses to start on this architecture, so these are never called.
#[cfg(not(target_arch = "x86_64"))]
mod unsupported {
    use super::{Registers, c_void};

    /// No system call is recognised.
    pub fn was_in_system_call(_ucontext: *mut c_void) -> bool {
        false
    }

    /// Does nothing.
    pub fn set_walk_registers(_ucontext: *mut c_void, _values: Registers) {}
}

#[cfg(not(target_arch = "x86_64"))]
pub use unsupported::{set_walk_registers, was_in_system_call};
