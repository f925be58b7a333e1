//! Both walks of a sample as a test wants them: a made-up `AsyncGetCallTrace`, and one unwind rule for all code.
//!
//! # Safety
//! The walker is called by the sampler alone, with a trace whose frames have room for `depth`, and the kernel's ucontext.
//! Indexes of unwind tables are leaked, so they are valid for ever.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::fs;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use jvmti_sys::{ASGCT_CallFrame, ASGCT_CallTrace};
use sampler::walk::registers::{Registers, registers_from_ucontext};
use sampler::walk::table_set::{MappedTable, TableIndex, TableSet};
use sampler::walk::unwind_rule::UnwindRule;
use sampler::walk::unwind_table::UnwindTable;

/// How often the walker has run.
pub static CALLS: AtomicU64 = AtomicU64::new(0);

/// The tables that the samplers of these tests use.
pub static TABLES: TableSet = TableSet::new();

/// What the walker knows when it is called.
pub struct Walk {
    /// How many frames are asked for.
    pub depth: c_int,
    /// The environment that was asked about.
    pub env: usize,
    /// The interrupted context, with the registers that the sampler wants the walker to see.
    pub ucontext: *mut c_void,
}

impl Walk {
    /// The registers that the walker sees.
    pub fn registers(&self) -> Registers {
        registers_of(self.ucontext)
    }

    /// Whether the signal cut a system call short, which the kernel does only to a thread that waits in one.
    ///
    /// `syscall` leaves its return address in RCX (Intel SDM). The kernel sets the program counter back by the two bytes of
    /// the instruction when it will restart the call, else it returns EINTR (signal(7)). A call that was over when the
    /// signal came has its own result in RAX.
    pub fn cut_a_system_call_short(&self) -> bool {
        let context: *const libc::ucontext_t = self.ucontext.cast();
        // SAFETY: the kernel's ucontext, see the module.
        let registers = unsafe { (*context).uc_mcontext.gregs };
        let [pc, after, result] = [libc::REG_RIP, libc::REG_RCX, libc::REG_RAX].map(|index| registers[index as usize]);
        pc + 2 == after || (pc == after && result == -i64::from(libc::EINTR))
    }
}

/// The registers in a context that the kernel gave to a handler which has not returned yet.
pub fn registers_of(ucontext: *mut c_void) -> Registers {
    // SAFETY: the kernel's ucontext, see the module.
    unsafe { registers_from_ucontext(ucontext) }.expect("there is a context")
}

/// What a walk gives: frames as (method id, bytecode index), leaf first, or HotSpot's failure code.
pub type Answer = Result<&'static [(usize, i32)], c_int>;

/// Runs in place of the JVM's walker, in the signal handler: only atomics and plain system calls.
pub type Hook = fn(&Walk) -> Answer;

static HOOK: OnceLock<Hook> = OnceLock::new();

/// The one frame of a walk without a hook.
pub const ONE_FRAME: &[(usize, i32)] = &[(0x7000_0010, 42)];

/// Sets what the walker does. Once a process.
pub fn set_hook(hook: Hook) {
    assert!(HOOK.set(hook).is_ok(), "one hook a process");
}

/// The made-up walker.
///
/// # Safety
/// As HotSpot's: `trace` is valid and its frames have room for `depth`.
pub unsafe extern "C" fn walk(trace: *mut ASGCT_CallTrace, depth: c_int, ucontext: *mut c_void) {
    CALLS.fetch_add(1, Ordering::Relaxed);
    // SAFETY: the caller's promise.
    let trace = unsafe { &mut *trace };
    let walk = Walk { depth, env: trace.env_id as usize, ucontext };
    let answer = HOOK.get().map_or(Ok(ONE_FRAME), |hook| hook(&walk));
    match answer {
        Err(code) => trace.num_frames = code,
        Ok(frames) => {
            let count = frames.len().min(depth as usize);
            for (at, (method, bci)) in frames.iter().take(count).enumerate() {
                // SAFETY: the caller's promise: `at` is below `depth`.
                let place = unsafe { trace.frames.add(at) };
                let frame = ASGCT_CallFrame { lineno: *bci, method_id: std::ptr::with_exposed_provenance_mut(*method) };
                // SAFETY: as above.
                unsafe { place.write(frame) };
            }
            trace.num_frames = count as c_int;
        }
    }
}

/// Lets the native walk follow `rule` in all code of this process that is mapped now.
pub fn unwind_everything_by(rule: UnwindRule) {
    let rules: &'static [UnwindRule] = Vec::leak(vec![rule]);
    let table = UnwindTable { pcs: &[0], rules: &[0], rule_list: rules };
    let mappings: Vec<_> =
        code_mappings().into_iter().map(|(start, end)| MappedTable { start, end, base: start, table }).collect();
    assert!(!mappings.is_empty(), "no code is mapped");
    let index = Box::leak(Box::new(TableIndex { mappings: Vec::leak(mappings) }));
    // SAFETY: leaked with all that it names.
    unsafe { TABLES.publish(index) };
}

/// The executable mapping that contains `address`.
pub fn code_mapping_of(address: u64) -> (u64, u64) {
    code_mappings().into_iter().find(|(start, end)| (*start..*end).contains(&address)).expect("it is code")
}

/// The executable mappings of this process (proc(5), maps), ascending.
fn code_mappings() -> Vec<(u64, u64)> {
    let maps = fs::read_to_string("/proc/self/maps").expect("the list of mappings");
    let executable = maps.lines().filter(|line| line.split(' ').nth(1).is_some_and(|rights| rights.contains('x')));
    executable
        .filter_map(|line| {
            let (start, end) = line.split(' ').next()?.split_once('-')?;
            let (start, end) = (u64::from_str_radix(start, 16).ok()?, u64::from_str_radix(end, 16).ok()?);
            // The vsyscall page is no user memory and lies beyond the signed range.
            (end - start < 1 << 32 && start < 1 << 47).then_some((start, end))
        })
        .collect()
}
