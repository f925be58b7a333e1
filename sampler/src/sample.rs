//! One sample: the native walk, the Java walk, and the record in the ring.
//!
//! # Safety
//! The stack bounds of a slot are those of a mapped stack of its thread, for as long as the thread is registered; where
//! they do not contain the stack pointer, the reader confines itself to the current page. The ucontext is the kernel's.
#![allow(unsafe_code)]

use core::ffi::c_void;
use core::sync::atomic::Ordering;

use jvmti_sys::ASGCT_CallFrame;

use crate::counters::Outcome;
use crate::frame_pool::FrameArrays;
use crate::java::{JavaFrames, JavaWalk, NO_JAVA_FRAME};
use crate::record::{HEADER_WORDS, SampleHeader};
use crate::slot::ThreadSlot;
use crate::state::Sampler;
use crate::walk::arch::{registers_from_ucontext, thread_pointer};
use crate::walk::native::{CodeCacheBounds, walk_native};
use crate::walk::registers::Registers;
use crate::walk::stack_memory::StackMemory;

/// An interrupted thread whose sample is due.
pub struct Interrupted<'a> {
    /// The thread.
    pub slot: &'a ThreadSlot,
    /// Index of its slot.
    pub index: u32,
    /// What the sample stands for, in whole intervals.
    pub weight: u64,
    /// CLOCK_MONOTONIC at the signal.
    pub time_ns: u64,
    /// The kernel's saved context.
    pub ucontext: *mut c_void,
}

/// Walks the interrupted thread and publishes the sample, or says why it could not.
pub fn take(sampler: &Sampler, interrupted: &Interrupted<'_>) -> Outcome {
    let Some(mut buffer) = sampler.frames.claim(interrupted.index as usize) else {
        return Outcome::DroppedNoBuffer;
    };
    let frames = buffer.arrays();
    let slot = interrupted.slot;
    // SAFETY: the kernel's ucontext, and the handler has not returned yet.
    let registers = unsafe { registers_from_ucontext(interrupted.ucontext) };
    let registers = registers.unwrap_or(Registers { pc: 0, sp: 0, fp: 0 });
    let code_cache = CodeCacheBounds {
        lo: sampler.code_cache_lo.load(Ordering::Relaxed),
        hi: sampler.code_cache_hi.load(Ordering::Relaxed),
    };
    let bounds = slot.stack().below_control_block(thread_pointer());
    // SAFETY: `sp` is the interrupted thread's own stack pointer, and the bounds are those of its stack or unknown.
    let memory = unsafe { StackMemory::new(registers.sp, bounds) };
    let native = walk_native(registers, &memory, sampler.tables, code_cache, &mut frames.native);
    let env = slot.env.load(Ordering::Relaxed);
    let pc_in_java_code = code_cache.contains(registers.pc);
    let java = if env.is_null() {
        JavaFrames { count: NO_JAVA_FRAME, from_caller: false }
    } else {
        let walk = JavaWalk {
            call_trace: sampler.call_trace,
            layout: &sampler.layout,
            env,
            depth: sampler.settings.depth,
            pc_in_java_code,
            java_registers: native.java,
            registers,
            memory: &memory,
            code_cache,
        };
        walk.run(interrupted.ucontext, &mut frames.java)
    };
    let mut native_frames = native.frames as u16;
    if pc_in_java_code && (java.from_caller || java.count <= 0) {
        // What was interrupted is no Java frame, so its address tells what it was.
        if let Some(first) = frames.native.first_mut() {
            *first = registers.pc;
            native_frames = 1;
        }
    }
    let header = SampleHeader {
        time_ns: interrupted.time_ns,
        slot: interrupted.index,
        generation: slot.generation.load(Ordering::Relaxed) as u16,
        weight: u32::try_from(interrupted.weight).unwrap_or(u32::MAX),
        java: java.count,
        native: native_frames,
        native_end: native.end as u8,
        is_java_thread: !env.is_null(),
        sp: registers.sp,
    };
    publish(sampler, header, frames)
}

fn publish(sampler: &Sampler, header: SampleHeader, frames: &FrameArrays) -> Outcome {
    let length = header.frame_words().saturating_add(HEADER_WORDS);
    let Some(mut record) = sampler.ring.reserve(length) else {
        return Outcome::DroppedRingFull;
    };
    for word in header.encode() {
        record.put(word);
    }
    for pc in frames.native.iter().take(usize::from(header.native)) {
        record.put(*pc);
    }
    for frame in frames.java.iter().take(usize::try_from(header.java).unwrap_or(0)) {
        put_java_frame(frame, |word| record.put(word));
    }
    record.publish();
    Outcome::Sample
}

#[inline]
fn put_java_frame(frame: &ASGCT_CallFrame, mut put: impl FnMut(u64)) {
    put(frame.method_id as u64);
    put(frame.lineno as u32 as u64);
}
