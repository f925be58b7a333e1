//! What a walk must know about x86-64 Linux.
//!
//! # Safety
//! One function reads the registers that the kernel saved in the signal frame; its contract says whose frame. The
//! other reads the first word of the thread control block, which every thread of a C library has.
#![allow(unsafe_code)]

use core::ffi::c_void;

use super::registers::Registers;

/// Where the return address lies, seen from the canonical frame address: the `call` pushed it just below.
pub const RETURN_ADDRESS_FROM_CFA: i64 = -8;

/// Where the kernel keeps the interrupted registers, in bytes above the stack pointer of a signal trampoline.
///
/// `struct rt_sigframe` of the kernel's `arch/x86/include/asm/sigframe.h`; the handler's `ret` has popped
/// `pretcode`, so the stack pointer is at the `ucontext`. `gregs` begins at 40 and holds r8–r15, rdi, rsi, rbp,
/// rbx, rdx, rax, rcx, rsp, rip.
pub const SIGNAL_FRAME_FP: i64 = 40 + 10 * 8;
/// As [`SIGNAL_FRAME_FP`], for the interrupted stack pointer.
pub const SIGNAL_FRAME_SP: i64 = 40 + 15 * 8;
/// As [`SIGNAL_FRAME_FP`], for the interrupted pc.
pub const SIGNAL_FRAME_PC: i64 = 40 + 16 * 8;

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
    let gregs = unsafe { &raw const (*ucontext).uc_mcontext.gregs };
    // SAFETY: as above; the array is plain integers.
    let gregs = unsafe { gregs.read() };
    Some(Registers {
        pc: register(&gregs, libc::REG_RIP),
        sp: register(&gregs, libc::REG_RSP),
        fp: register(&gregs, libc::REG_RBP),
    })
}

/// Address of the calling thread's control block, which is `pthread_self` on glibc and musl. For
/// [`StackBounds::below_control_block`](super::stack_bounds::StackBounds::below_control_block).
///
/// A function of its own, so that the check of the handler's machine code can allow this one segment access and no other.
#[inline(never)]
#[must_use]
pub fn thread_pointer() -> u64 {
    let pointer: u64;
    // SAFETY: the x86-64 psABI (supplement on thread-local storage) puts the block's own address at fs:0.
    unsafe {
        core::arch::asm!("mov {}, fs:0", out(reg) pointer, options(nostack, preserves_flags, readonly));
    }
    pointer
}

/// One general register by its index in `gregs`.
#[inline]
fn register(gregs: &[libc::greg_t; 23], index: libc::c_int) -> u64 {
    usize::try_from(index).ok().and_then(|index| gregs.get(index)).map_or(0, |value| value.cast_unsigned())
}
