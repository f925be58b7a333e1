//! When the JVM's walker is called, with what, and what becomes of its answer.

use std::ffi::{c_int, c_void};
use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, Ordering};

use sampler::counters::Outcome;
use sampler::handler::on_signal_timer;
use sampler::java::{DEOPTIMISING, NO_JAVA_FRAME, UNKNOWN_JAVA, VmLayout};
use sampler::slot::TimerKind;
use sampler::walk::unwind_rule::{Cfa, SavedFp, UnwindRule};

use crate::isolated::isolated;
use crate::os;
use crate::stage::{ENV, Registration, SIGNAL, Sample, Setup, Stage, work};
use crate::walks;

/// HotSpot's `JavaThreadState` (globalDefinitions.hpp).
const IN_NATIVE: u64 = 4;
const IN_VM: u64 = 6;
const IN_JAVA: u64 = 8;
const IN_JAVA_TRANSITION: u64 = 9;
const BLOCKED: u64 = 10;
const BLOCKED_TRANSITION: u64 = 11;

/// HotSpot's `ThreadState` of an OS thread (osThread.hpp): runnable, and waiting for a condition.
const RUNNABLE: u64 = 2;
const CONDVAR_WAIT: u64 = 5;

/// Where the made-up thread keeps its fields, in bytes.
const LAYOUT: VmLayout = VmLayout {
    env: Some(256),
    thread_state: Some(16),
    last_java_sp: Some(24),
    os_thread: Some(32),
    os_thread_state: Some(8),
    call_stub_return: None,
};

/// A made-up `JavaThread` and its `OSThread`.
struct JavaThread {
    fields: &'static [AtomicU64],
    os: &'static [AtomicU64],
}

impl JavaThread {
    fn new(state: u64, last_java_sp: u64, os_state: u64) -> Self {
        let (fields, os) = (os::map_forever::<AtomicU64>(64), os::map_forever::<AtomicU64>(8));
        fields[2].store(state, Ordering::Relaxed);
        fields[3].store(last_java_sp, Ordering::Relaxed);
        fields[4].store(os.as_ptr().expose_provenance() as u64, Ordering::Relaxed);
        os[1].store(os_state, Ordering::Relaxed);
        Self { fields, os }
    }

    fn env(&self) -> usize {
        self.fields.as_ptr().expose_provenance() + 256
    }
}

/// One sample of the calling thread as `java`, and whether the walker was called for it.
fn sample(stage: Stage, java: &JavaThread) -> (Sample, bool) {
    let before = walks::CALLS.load(Ordering::Relaxed);
    let registration = stage.register(java.env());
    registration.signal(TimerKind::Storm);
    let sample = stage.drain().pop().expect("a sample");
    (sample, walks::CALLS.load(Ordering::Relaxed) > before)
}

fn stage(layout: VmLayout) -> Stage {
    Stage::with_thread_timers(&Setup { layout, ..Setup::default() })
}

#[test]
fn the_walker_is_not_called_where_it_fails_or_crashes() {
    isolated(|| {
        let stage = stage(LAYOUT);
        let rows = [
            // A thread in native code or in the VM is walked from its last Java frame, if it has one.
            (IN_NATIVE, 0x1000, RUNNABLE, None),
            (IN_NATIVE, 0, RUNNABLE, Some(NO_JAVA_FRAME)),
            (IN_VM, 0, RUNNABLE, Some(NO_JAVA_FRAME)),
            // In Java state outside the code cache, with no way to the Java frame.
            (IN_JAVA, 0, RUNNABLE, Some(UNKNOWN_JAVA)),
            (IN_JAVA_TRANSITION, 0x1000, RUNNABLE, Some(UNKNOWN_JAVA)),
            // Blocked and running is deoptimisation.
            (BLOCKED, 0x1000, RUNNABLE, Some(DEOPTIMISING)),
            (BLOCKED_TRANSITION, 0x1000, RUNNABLE, Some(DEOPTIMISING)),
            (BLOCKED, 0x1000, CONDVAR_WAIT, None),
        ];
        for (state, last_java_sp, os_state, refusal) in rows {
            let java = JavaThread::new(state, last_java_sp, os_state);
            let (sample, called) = sample(stage, &java);
            assert_eq!(called, refusal.is_none(), "state {state}, sp {last_java_sp:#x}, OS state {os_state}");
            assert_eq!(sample.header.java, refusal.unwrap_or(1));
            assert!(sample.header.is_java_thread && sample.native.len() == 1, "the native part is kept");
        }
        assert_eq!(stage.count(Outcome::Sample), rows.len() as u64);
    });
}

#[test]
fn a_thread_without_an_os_thread_is_not_followed_there() {
    isolated(|| {
        let java = JavaThread::new(BLOCKED, 0x1000, RUNNABLE);
        java.fields[4].store(0, Ordering::Relaxed);
        assert!(sample(stage(LAYOUT), &java).1);
        assert_eq!(java.os[1].load(Ordering::Relaxed), RUNNABLE);
    });
}

#[test]
fn a_vm_that_exports_nothing_is_walked_without_checks() {
    isolated(|| {
        let stage = stage(VmLayout::default());
        for state in [IN_NATIVE, IN_JAVA, BLOCKED] {
            assert!(sample(stage, &JavaThread::new(state, 0, RUNNABLE)).1);
        }
    });
}

#[test]
fn near_the_return_of_the_call_stub_nothing_is_walked() {
    isolated(|| {
        let java = JavaThread::new(IN_JAVA, 0, RUNNABLE);
        let everywhere = |stage: &Stage| stage.sampler.code_cache_hi.store(u64::MAX, Ordering::Relaxed);
        // A thread's own signal always meets it after the same instruction.
        let pc = sample(stage(LAYOUT), &java).0.native[0];
        for (distance, walked) in [(0_i64, false), (512, false), (-512, false), (513, true), (-513, true)] {
            let at = pc.wrapping_add_signed(distance);
            let stage = stage(VmLayout { call_stub_return: Some(at), ..LAYOUT });
            everywhere(&stage);
            let (sample, called) = sample(stage, &java);
            assert_eq!((called, sample.header.java), (walked, if walked { 1 } else { UNKNOWN_JAVA }), "{distance}");
            let leaf: &[u64] = if walked { &[] } else { &[pc] };
            assert_eq!(sample.native, leaf, "only an address without a Java frame is kept");
        }
    });
}

/// Whether a handler left the interrupted registers as they were; cleared by one that did not.
static REGISTERS_KEPT: AtomicBool = AtomicBool::new(true);

/// The handler, watched.
extern "C" fn watched(signal: c_int, info: *mut libc::siginfo_t, ucontext: *mut c_void) {
    let before = walks::registers_of(ucontext);
    on_signal_timer(signal, info, ucontext);
    if walks::registers_of(ucontext) != before {
        REGISTERS_KEPT.store(false, Ordering::Relaxed);
    }
}

/// The registers that the walker saw last.
static SEEN_PC: AtomicU64 = AtomicU64::new(0);
static SEEN_SP: AtomicU64 = AtomicU64::new(0);

#[test]
fn a_leaf_routine_in_java_state_is_walked_from_the_java_frame() {
    isolated(|| {
        walks::set_hook(|walk| {
            SEEN_PC.store(walk.registers().pc, Ordering::Relaxed);
            SEEN_SP.store(walk.registers().sp, Ordering::Relaxed);
            Ok(walks::ONE_FRAME)
        });
        let stage = stage(LAYOUT);
        // libc's system call is the leaf routine, and the code of this program takes the place of Java code.
        let (lo, hi) = walks::code_mapping_of(work as *const () as u64);
        walks::unwind_everything_by(UnwindRule::Frame { cfa: Cfa::Sp(8), fp: SavedFp::Same });
        let java = JavaThread::new(IN_JAVA, 0, RUNNABLE);
        let (before, called) = sample(stage, &java);
        assert!(!called && before.native.len() > 1, "while no code cache is known, nothing leads to a Java frame");

        stage.sampler.code_cache_lo.store(lo, Ordering::Relaxed);
        stage.sampler.code_cache_hi.store(hi, Ordering::Relaxed);
        os::install(SIGNAL, watched);
        let (sample, called) = sample(stage, &java);
        assert!(REGISTERS_KEPT.load(Ordering::Relaxed), "the program would go on in the wrong function");
        assert!(called && !(lo..hi).contains(&sample.native[0]), "{sample:x?}");
        assert_eq!((sample.native.len(), sample.header.java), (1, 1));
        assert!((lo..hi).contains(&SEEN_PC.load(Ordering::Relaxed)));
        assert_eq!(SEEN_SP.load(Ordering::Relaxed), sample.header.sp + 8);

        // In native state the walker starts from the thread's own anchor, with the real registers.
        let native = JavaThread::new(IN_NATIVE, 0x1000, RUNNABLE);
        let sample = self::sample(stage, &native).0;
        assert_eq!(SEEN_PC.load(Ordering::Relaxed), sample.native[0]);
        assert_eq!(SEEN_SP.load(Ordering::Relaxed), sample.header.sp);
    });
}

/// What the walker answers next: a number of frames, or a failure code.
static ANSWER: AtomicI32 = AtomicI32::new(0);
static DEPTH: AtomicI32 = AtomicI32::new(0);

static MANY_FRAMES: [(usize, i32); 2_000] = {
    let mut frames = [(0, 0); 2_000];
    let mut at = 0;
    while at < frames.len() {
        frames[at] = (0x10_0000 + 16 * at, at as i32 - 3);
        at += 1;
    }
    frames
};

fn as_told(walk: &walks::Walk) -> walks::Answer {
    DEPTH.store(walk.depth, Ordering::Relaxed);
    let answer = ANSWER.load(Ordering::Relaxed);
    usize::try_from(answer).map_or(Err(answer), |count| Ok(&MANY_FRAMES[..count]))
}

fn answered(stage: Stage, registration: &Registration, answer: i32) -> Sample {
    ANSWER.store(answer, Ordering::Relaxed);
    registration.signal(TimerKind::Storm);
    stage.drain().pop().expect("a sample")
}

#[test]
fn frames_and_failure_codes_arrive_as_the_walker_gave_them() {
    isolated(|| {
        walks::set_hook(as_told);
        for depth in [1, 64, 1_024, 5_000] {
            let stage = Stage::with_thread_timers(&Setup { depth, ..Setup::default() });
            let registration = stage.register(ENV);
            // Never more than a buffer holds.
            let asked = depth.min(1_024) as i32;
            for answer in [0, 1, asked - 1, asked, 2_000, -1, -9, i32::MIN] {
                let sample = answered(stage, &registration, answer);
                assert_eq!(DEPTH.load(Ordering::Relaxed), asked);
                let kept = answer.min(asked);
                assert_eq!(sample.header.java, kept);
                let expected = MANY_FRAMES.iter().take(usize::try_from(kept).unwrap_or(0));
                assert!(sample.java.iter().copied().eq(expected.map(|(method, bci)| (*method as u64, *bci))));
            }
        }
    });
}

#[test]
fn a_thread_without_an_environment_is_not_asked_for_java_frames() {
    isolated(|| {
        let stage = stage(LAYOUT);
        let registration = stage.register(0);
        registration.signal(TimerKind::Storm);
        let samples = stage.drain();
        assert_eq!((samples[0].header.java, samples[0].header.is_java_thread), (NO_JAVA_FRAME, false));
        assert_eq!(walks::CALLS.load(Ordering::Relaxed), 0);
    });
}
