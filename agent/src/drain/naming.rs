//! From a raw sample to named frames: the parts that remember names from one interval to the next.

use std::sync::atomic::{AtomicU64, Ordering};

use sampler::record::SampleRecord;
use sampler::state::Sampler;
use sampler::walk::native::NativeEnd;

use super::Parts;
use crate::counters::DrainCounters;
use crate::fold::frames::{FrameId, FrameKind, Frames, NativePc};
use crate::fold::stack::{self, Walked};
use crate::log;
use crate::methods::Methods;
use crate::native::{Native, NativeLimits};
use crate::threads::{Stack, ThreadName, Threads, root_name};
use crate::vm::Jni;
use crate::vm::stubs::Stubs;

/// Stacks of native threads that are looked up at once.
const MAX_STACKS_WANTED: usize = 64;

/// Names and what they are found by.
pub struct Naming {
    /// Named frames.
    pub frames: Frames,
    /// Java methods.
    pub methods: Methods,
    /// Native code.
    pub native: Native,
    stack: Vec<FrameId>,
    wanted_stacks: Vec<(u32, u16, u64)>,
}

impl Naming {
    /// Knows nothing yet.
    pub fn new(sampler: &'static Sampler) -> Self {
        Self {
            frames: Frames::default(),
            methods: Methods::default(),
            native: Native::new(sampler.tables, NativeLimits::default()),
            stack: Vec::new(),
            wanted_stacks: Vec::new(),
        }
    }

    /// The frames of a sample, leaf first.
    pub fn stack_of<W: AsRef<[AtomicU64]>>(
        &mut self,
        record: &SampleRecord<'_, W>,
        parts: &Parts,
        jni: &Jni,
        counters: &mut DrainCounters,
    ) -> &[FrameId] {
        let header = record.header;
        self.stack.clear();
        let mut last_pc = 0;
        for (index, pc) in record.native().enumerate() {
            last_pc = pc;
            let frame = if is_generated(parts.sampler, pc) {
                self.generated(parts.stubs, pc)
            } else {
                self.frames.native(NativePc { pc, is_return_address: index > 0 })
            };
            self.stack.push(frame);
        }
        for (id, bci) in record.java() {
            self.stack.push(self.methods.frame(&parts.jvmti, jni, id, bci, &mut self.frames));
        }
        if header.java < 0 {
            counters.count_failure(header.java);
        }
        self.follow_up(header.native_end, last_pc, header.slot, header.generation, header.sp);
        let root = (header.java <= 0 && !header.is_java_thread)
            .then(|| parts.threads.name_of(header.slot, header.generation))
            .flatten();
        let root = root.map(|thread| root_of(&thread));
        let walked = Walked {
            java: header.java,
            java_cut: header.java >= parts.plan.depth as i32,
            native_complete: is_complete(header.native_end),
            root: root.as_deref(),
        };
        counters.truncated += u64::from(walked.java_cut || self.stack.len() > stack::MAX_FRAMES);
        stack::complete(&mut self.stack, walked, &mut self.frames);
        &self.stack
    }

    /// The frame of code that the JVM generated and that is no method's body.
    fn generated(&mut self, stubs: &Stubs, pc: u64) -> FrameId {
        match stubs.name_of(pc) {
            Some(name) => self.frames.named("[stub]", &name, FrameKind::Native),
            None => self.frames.pseudo("entry or exit of a compiled method"),
        }
    }

    /// Asks for what would have made the native walk longer: a table, or the bounds of the stack.
    fn follow_up(&mut self, end: u8, last_pc: u64, slot: u32, generation: u16, sp: u64) {
        if end == NativeEnd::NoTable as u8 && last_pc != 0 {
            self.native.want(last_pc);
        }
        if end == NativeEnd::BadStack as u8 && self.wanted_stacks.len() < MAX_STACKS_WANTED {
            self.wanted_stacks.push((slot, generation, sp));
        }
    }

    /// Looks up the stacks of threads whose bounds are not known yet.
    pub fn learn_stacks(&mut self, threads: &Threads) {
        let mut wanted = std::mem::take(&mut self.wanted_stacks);
        wanted.retain(|(slot, generation, _)| threads.lacks_stack(*slot, *generation));
        if wanted.is_empty() {
            return;
        }
        let pointers: Vec<u64> = wanted.iter().map(|(_, _, sp)| *sp).collect();
        let Ok(found) = self.native.stack_bounds(&pointers) else { return };
        for ((slot, generation, _), bounds) in wanted.into_iter().zip(found) {
            if let Some(bounds) = bounds {
                threads.learn_stack(slot, generation, Stack { lo: bounds.lo, hi: bounds.hi });
            }
        }
    }

    /// Gives the native frames of the interval their names, with one pass over each library's symbols.
    pub fn name_native_frames(&mut self) {
        let unnamed = self.frames.take_unnamed();
        if unnamed.is_empty() {
            return;
        }
        self.native.prefetch(unnamed.iter().map(|(place, _)| (place.pc, place.is_return_address)));
        for (place, id) in unnamed {
            match self.native.name(place.pc, place.is_return_address) {
                Some(name) => {
                    let function = name.symbol.as_deref().unwrap_or("[no symbol]");
                    self.frames.set_native_name(id, &name.module, function);
                }
                None => self.frames.set_native_name(id, "[pyrite]", "not in any library"),
            }
        }
    }

    /// The frame at the root of a thread's stacks.
    pub fn thread_root(&mut self, thread: &ThreadName) -> FrameId {
        self.frames.named("[thread]", &root_of(thread), FrameKind::Pseudo)
    }

    /// Forgets all names, between two intervals.
    pub fn clear(&mut self) {
        log::debug(format_args!("{} frames are forgotten to bound memory", self.frames.len()));
        self.frames.clear();
        self.methods.clear_names();
    }
}

/// Whether `pc` is in the JVM's code cache.
fn is_generated(sampler: &Sampler, pc: u64) -> bool {
    let (lo, hi) = (&sampler.code_cache_lo, &sampler.code_cache_hi);
    (lo.load(Ordering::Relaxed)..hi.load(Ordering::Relaxed)).contains(&pc)
}

fn root_of(thread: &ThreadName) -> String {
    root_name(thread.java.as_deref().unwrap_or(&thread.native))
}

fn is_complete(native_end: u8) -> bool {
    native_end == NativeEnd::Root as u8 || native_end == NativeEnd::JavaCode as u8
}
