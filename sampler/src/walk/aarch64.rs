//! What a walk must know about AArch64 Linux. The crate compiles there; the agent makes no unwind tables for it
//! yet, so a walk ends at the interrupted frame.
//!
//! # Safety
//! One function reads the registers that the kernel saved in the signal frame; its contract says whose frame. The
//! other reads a register.
#![allow(unsafe_code)]

use core::ffi::c_void;

use super::registers::Registers;

/// Where the return address lies, seen from the canonical frame address, in a frame that saves only x29 and x30.
pub const RETURN_ADDRESS_FROM_CFA: i64 = -8;

/// Where the kernel keeps the interrupted registers, in bytes above the stack pointer of a signal trampoline.
///
/// `struct rt_sigframe` of the kernel's `arch/arm64/kernel/signal.c`: 128 bytes of siginfo, then a `ucontext`
/// whose `mcontext` begins at 176 with the fault address, x0–x30, sp and pc.
pub const SIGNAL_FRAME_FP: i64 = 128 + 176 + 8 + 29 * 8;
/// As [`SIGNAL_FRAME_FP`], for the interrupted stack pointer.
pub const SIGNAL_FRAME_SP: i64 = 128 + 176 + 8 + 31 * 8;
/// As [`SIGNAL_FRAME_FP`], for the interrupted pc.
pub const SIGNAL_FRAME_PC: i64 = 128 + 176 + 8 + 32 * 8;

/// Reads the interrupted registers; `None` without a `ucontext`.
///
/// # Safety
/// `ucontext` is null, or the third argument of a handler installed with `SA_SIGINFO` that has not returned yet.
#[inline]
pub unsafe fn registers_from_ucontext(ucontext: *const c_void) -> Option<Registers> {
    if ucontext.is_null() {
        return None;
    }
    let ucontext = ucontext.cast::<libc::ucontext_t>();
    // SAFETY: not null, and the caller promises the kernel's ucontext of a handler still running.
    let pc = unsafe { (*ucontext).uc_mcontext.pc };
    // SAFETY: as above.
    let sp = unsafe { (*ucontext).uc_mcontext.sp };
    // SAFETY: as above; x29 is the last but one of the 31 general registers.
    let fp = unsafe { (*ucontext).uc_mcontext.regs[29] };
    Some(Registers { pc, sp, fp })
}

/// Address of the calling thread's control block, or where it ends: at the top of the stack that the C library
/// allocated. For [`StackBounds::below_control_block`](super::stack_bounds::StackBounds::below_control_block).
#[inline]
#[must_use]
pub fn thread_pointer() -> u64 {
    let pointer: u64;
    // SAFETY: reads a register that user code may read.
    unsafe {
        core::arch::asm!("mrs {}, tpidr_el0", out(reg) pointer, options(nomem, nostack, preserves_flags));
    }
    pointer
}
