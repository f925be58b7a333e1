//! The Java part of a walk: the checks before `AsyncGetCallTrace`, and the call.
//!
//! # Safety
//! A slot's `env` is set in ThreadStart and cleared in ThreadEnd, both of which run on the thread itself, so while it is
//! set the thread's `JavaThread` exists. `AsyncGetCallTrace` is called on that thread only, never nested, with its own
//! environment and the kernel's ucontext.
#![allow(unsafe_code)]

use core::ffi::c_void;

use jvmti_sys::{ASGCT_CallFrame, ASGCT_CallTrace, AsyncGetCallTrace, JNIEnv};

use crate::machine;
use crate::walk::arch::registers_from_ucontext;
use crate::walk::native::CodeCacheBounds;
use crate::walk::registers::Registers;
use crate::walk::stack_memory::StackMemory;

/// No frame and no failure: the thread has no Java frames, or none are wanted.
pub const NO_JAVA_FRAME: i32 = 0;
/// HotSpot's code for a thread in Java whose top frame cannot be identified.
pub const UNKNOWN_JAVA: i32 = -5;
/// HotSpot's code for a thread in the middle of deoptimisation.
pub const DEOPTIMISING: i32 = -9;

/// HotSpot's `JavaThreadState` (globalDefinitions.hpp): executing Java code, compiled or interpreted.
const IN_JAVA: u32 = 8;
/// On its way out of Java code.
const IN_JAVA_TRANSITION: u32 = 9;
/// Blocked in the VM.
const BLOCKED: u32 = 10;
/// On its way out of being blocked.
const BLOCKED_TRANSITION: u32 = 11;
/// HotSpot's `ThreadState` of an OS thread that is not blocked (osThread.hpp).
const OS_RUNNABLE: u32 = 2;

/// Bytes around the return address of HotSpot's call stub within which the stub's frame may be half built.
const CALL_STUB_REACH: u64 = 512;

/// Offsets in bytes inside HotSpot's `JavaThread`, read from the tables that libjvm exports. `None` when the VM does not
/// export a field; the check that needs it is then left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct VmLayout {
    /// From the `JavaThread` to its `JNIEnv`.
    pub env: Option<u32>,
    /// `JavaThread::_thread_state`.
    pub thread_state: Option<u32>,
    /// `JavaThread::_anchor._last_Java_sp`.
    pub last_java_sp: Option<u32>,
    /// `JavaThread::_osthread`.
    pub os_thread: Option<u32>,
    /// `OSThread::_state`, inside the OSThread.
    pub os_thread_state: Option<u32>,
    /// Return address of the call stub, an absolute address.
    pub call_stub_return: Option<u64>,
}

/// What is known about the interrupted thread when its Java frames are asked for.
pub struct JavaWalk<'a> {
    /// The JVM's walker.
    pub call_trace: AsyncGetCallTrace,
    /// Where to look in the thread.
    pub layout: &'a VmLayout,
    /// The thread's environment, not null.
    pub env: *mut JNIEnv,
    /// How many frames are wanted.
    pub depth: u32,
    /// Whether the program counter lies in the JVM's code cache.
    pub pc_in_java_code: bool,
    /// Registers of the first frame in the code cache that the native walk reached.
    pub java_registers: Option<Registers>,
    /// The interrupted registers.
    pub registers: Registers,
    /// The thread's stack.
    pub memory: &'a StackMemory,
    /// The JVM's code cache.
    pub code_cache: CodeCacheBounds,
}

/// What a Java walk gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JavaFrames {
    /// Number of frames, or HotSpot's failure code.
    pub count: i32,
    /// Whether the frames begin with the caller of the interrupted code, which is a stub, or the entry or exit of a
    /// compiled method.
    pub from_caller: bool,
}

impl JavaWalk<'_> {
    /// Walks the Java frames into `frames`, leaf first.
    #[inline(never)]
    pub(crate) fn run(&self, ucontext: *mut c_void, frames: &mut [ASGCT_CallFrame]) -> JavaFrames {
        let refused = |count| JavaFrames { count, from_caller: false };
        if let Some(code) = self.refusal(ucontext) {
            return refused(code);
        }
        let start = if self.in_java() { self.java_registers } else { None };
        let count = self.walk_from(start, ucontext, frames);
        if count != UNKNOWN_JAVA || !self.pc_in_java_code {
            return refused(count);
        }
        for caller in self.callers().into_iter().flatten() {
            let found = self.walk_from(Some(caller), ucontext, frames);
            if found > 0 {
                return JavaFrames { count: found, from_caller: true };
            }
        }
        refused(count)
    }

    /// Calls HotSpot's walker, from other registers than the interrupted ones if some are given.
    fn walk_from(&self, start: Option<Registers>, ucontext: *mut c_void, frames: &mut [ASGCT_CallFrame]) -> i32 {
        let depth = (self.depth as usize).min(frames.len());
        let mut trace = ASGCT_CallTrace { env_id: self.env, num_frames: NO_JAVA_FRAME, frames: frames.as_mut_ptr() };
        let mut call = || {
            // SAFETY: see the module: right thread, live environment, not nested; `frames` has room for `depth`.
            unsafe { (self.call_trace)(&raw mut trace, depth as i32, ucontext) }
        };
        match start {
            Some(registers) => with_registers(ucontext, registers, call),
            None => call(),
        }
        trace.num_frames.min(depth as i32)
    }

    /// Where the interrupted code may return to, the likeliest first. HotSpot does not walk from stubs, nor from the
    /// instructions of a compiled method that build its frame or take it down: there the return address is on top of the
    /// stack, or below a saved frame pointer, or above the frame pointer of a stub that has one. Only an address in the
    /// code cache is tried, and HotSpot checks every frame from there on; nothing is written but the saved registers.
    fn callers(&self) -> [Option<Registers>; 3] {
        let Registers { sp, fp, .. } = self.registers;
        let word = |address: u64| self.memory.word(address);
        let returning = |at: u64, fp: Option<u64>| {
            let pc = word(at).filter(|pc| self.code_cache.contains(*pc))?;
            Some(Registers { pc, sp: at.checked_add(8)?, fp: fp? })
        };
        [
            returning(sp, Some(fp)),
            sp.checked_add(8).and_then(|at| returning(at, word(sp))),
            fp.checked_add(8).and_then(|at| returning(at, word(fp))),
        ]
    }

    /// The states in which the call is known to fail or to crash some JVM, and the code that says so.
    fn refusal(&self, ucontext: *mut c_void) -> Option<i32> {
        let state = self.thread_word(self.layout.thread_state);
        if self.in_java() {
            // A leaf routine of libjvm or libc called from Java code: HotSpot would look at the wrong frame, and in
            // some barriers it crashes (JDK-8302317). The native walk has to bring us to the Java frame first.
            if !self.pc_in_java_code && self.java_registers.is_none() {
                return Some(UNKNOWN_JAVA);
            }
            return self.in_call_stub(ucontext).then_some(UNKNOWN_JAVA);
        }
        if self.thread_address(self.layout.last_java_sp) == Some(0) && state.is_some() {
            return Some(NO_JAVA_FRAME);
        }
        // A blocked thread that runs is being deoptimised: its frames are not consistent.
        let blocked = matches!(state, Some(BLOCKED | BLOCKED_TRANSITION));
        (blocked && self.os_state() == Some(OS_RUNNABLE)).then_some(DEOPTIMISING)
    }

    fn in_java(&self) -> bool {
        matches!(self.thread_word(self.layout.thread_state), Some(IN_JAVA | IN_JAVA_TRANSITION))
    }

    fn in_call_stub(&self, ucontext: *mut c_void) -> bool {
        let at = self.layout.call_stub_return;
        at.is_some_and(|at| saved_registers(ucontext).pc.abs_diff(at) <= CALL_STUB_REACH)
    }

    fn os_state(&self) -> Option<u32> {
        let os_thread = self.thread_address(self.layout.os_thread)?;
        let at = os_thread.checked_add(u64::from(self.layout.os_thread_state?))?;
        if os_thread == 0 {
            return None;
        }
        let pointer = at as *const u32;
        // SAFETY: the OSThread lives as long as its JavaThread, and the offset comes from the VM's own table.
        Some(unsafe { pointer.read_volatile() })
    }

    /// The `JavaThread` of the environment.
    fn thread(&self) -> Option<u64> {
        (self.env as u64).checked_sub(u64::from(self.layout.env?))
    }

    fn thread_word(&self, offset: Option<u32>) -> Option<u32> {
        let pointer = self.thread()?.checked_add(u64::from(offset?))? as *const u32;
        // SAFETY: inside the live JavaThread of the current thread, at an offset from the VM's own table.
        Some(unsafe { pointer.read_volatile() })
    }

    fn thread_address(&self, offset: Option<u32>) -> Option<u64> {
        let pointer = self.thread()?.checked_add(u64::from(offset?))? as *const u64;
        // SAFETY: inside the live JavaThread of the current thread, at an offset from the VM's own table.
        Some(unsafe { pointer.read_volatile() })
    }
}

/// Runs `action` with other registers in the saved context, and puts the real ones back.
fn with_registers(ucontext: *mut c_void, registers: Registers, action: impl FnOnce()) {
    let real = saved_registers(ucontext);
    machine::set_walk_registers(ucontext, registers);
    action();
    machine::set_walk_registers(ucontext, real);
}

fn saved_registers(ucontext: *mut c_void) -> Registers {
    // SAFETY: the kernel's ucontext, and the handler has not returned yet.
    unsafe { registers_from_ucontext(ucontext) }.unwrap_or(Registers { pc: 0, sp: 0, fp: 0 })
}
