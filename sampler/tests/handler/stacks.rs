//! The walk reads nothing but the interrupted thread's stack: of a stack that it does not know, one page.

use std::ffi::{c_int, c_void};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use sampler::counters::Outcome;
use sampler::slot::TimerKind;
use sampler::walk::native::NativeEnd;
use sampler::walk::unwind_rule::{Cfa, SavedFp, UnwindRule};

use crate::isolated::isolated;
use crate::os::{self, GUARD_PAGES, PAGE};
use crate::stage::{ENV, Registration, Setup, Stage};
use crate::walks;

/// Pages of the stacks: room for formatting and for reading a file, and for signal frames with wide registers.
const STACK_PAGES: usize = 32;

static STAGE: OnceLock<Stage> = OnceLock::new();

fn stage() -> Stage {
    *STAGE.get().expect("set by the test")
}

/// The rule by which all code has its return address `distance` bytes above the stack pointer.
fn far_rule(distance: usize) -> UnwindRule {
    UnwindRule::Frame { cfa: Cfa::Sp(distance as i32 + 8), fp: SavedFp::Same }
}

/// Takes a sample under `rule` and returns its native part.
fn sample(registration: &Registration, rule: UnwindRule) -> (Vec<u64>, u8) {
    walks::unwind_everything_by(rule);
    registration.signal(TimerKind::Storm);
    let sample = stage().drain().pop().expect("a sample");
    (sample.native, sample.header.native_end)
}

/// Samples the caller on its guarded stack with rules that look further and further up, across the stack's end.
fn look_up_and_away(registration: &Registration) {
    for pages in 1..GUARD_PAGES {
        let (native, end) = sample(registration, far_rule(pages * PAGE));
        assert_eq!((native.len(), end), (1, NativeEnd::BadStack as u8), "{pages} pages above the stack pointer");
    }
    // What lies in the page of the stack pointer is read: the return address of the function that made the system call.
    let (native, _) = sample(registration, far_rule(0));
    assert!(native.len() >= 2, "{native:x?}");
}

/// The same with bounds that reach into the guard, which must fault, or the test above shows nothing.
fn dies_with_false_bounds(registration: &Registration, lowest: usize) -> bool {
    let status = os::in_forked_child(|| {
        let end = lowest + (STACK_PAGES + GUARD_PAGES) * PAGE;
        registration.slot.set_stack(lowest as u64, end as u64);
        let tid = os::gettid();
        let payload = registration.payload(TimerKind::Storm).encode();
        walks::unwind_everything_by(far_rule(STACK_PAGES * PAGE));
        os::queue(tid, crate::stage::SIGNAL, os::SI_TIMER, payload);
        0
    });
    libc::WIFSIGNALED(status)
}

extern "C" fn on_a_stack_with_unknown_bounds(_: *mut c_void) -> *mut c_void {
    let registration = stage().register(ENV);
    look_up_and_away(&registration);
    std::ptr::null_mut()
}

#[test]
fn of_a_stack_with_unknown_bounds_one_page_is_read() {
    isolated(|| {
        assert!(STAGE.set(Stage::with_thread_timers(&Setup::default())).is_ok());
        os::run_on_stack(os::map_between_guards(STACK_PAGES), STACK_PAGES * PAGE, on_a_stack_with_unknown_bounds);
        assert_eq!(stage().count(Outcome::Sample), GUARD_PAGES as u64);
    });
}

extern "C" fn on_a_known_stack(_: *mut c_void) -> *mut c_void {
    let registration = stage().register(ENV);
    let (lowest, length) = os::own_stack();
    // The mapping reaches further than the stack, as it does when the kernel joins two: the control block is the end.
    registration.slot.set_stack(lowest as u64, (lowest + length + GUARD_PAGES * PAGE) as u64);
    for pages in STACK_PAGES..STACK_PAGES + 8 {
        let (native, end) = sample(&registration, far_rule(pages * PAGE));
        assert_eq!((native.len(), end), (1, NativeEnd::BadStack as u8), "{pages} pages above the stack pointer");
    }
    let (native, _) = sample(&registration, far_rule(0));
    assert!(native.len() >= 2, "{native:x?}");
    std::ptr::null_mut()
}

#[test]
fn a_stack_ends_at_the_control_block_even_if_its_bounds_say_more() {
    isolated(|| {
        assert!(STAGE.set(Stage::with_thread_timers(&Setup::default())).is_ok());
        os::run_on_stack(os::map_between_guards(STACK_PAGES), STACK_PAGES * PAGE, on_a_known_stack);
        assert_eq!(stage().count(Outcome::Sample), 9);
    });
}

/// The guarded alternate stack.
static ALTERNATE: AtomicU64 = AtomicU64::new(0);

static REGISTRATION: OnceLock<Registration> = OnceLock::new();

extern "C" fn on_the_alternate_stack(_signal: c_int, _info: *mut libc::siginfo_t, _ucontext: *mut c_void) {
    let registration = REGISTRATION.get().expect("set by the test");
    let lowest = ALTERNATE.load(Ordering::Relaxed) as usize;
    let here = (&raw const registration) as usize;
    assert!((lowest..lowest + STACK_PAGES * PAGE).contains(&here), "this is not the alternate stack");
    look_up_and_away(registration);
    assert!(dies_with_false_bounds(registration, lowest), "the guard does not work");
}

#[test]
fn on_an_alternate_stack_one_page_is_read() {
    isolated(|| {
        let stage = Stage::with_thread_timers(&Setup::default());
        assert!(STAGE.set(stage).is_ok());
        let registration = stage.register(ENV);
        let (lowest, length) = os::own_stack();
        registration.slot.set_stack(lowest as u64, (lowest + length) as u64);
        assert!(REGISTRATION.set(registration).is_ok());
        let alternate = os::map_between_guards(STACK_PAGES);
        ALTERNATE.store(alternate as u64, Ordering::Relaxed);
        os::use_alternate_stack(alternate, STACK_PAGES * PAGE);
        os::install_on_alternate_stack(libc::SIGUSR1, on_the_alternate_stack);
        os::tgkill(os::gettid(), libc::SIGUSR1);
        assert_eq!(stage.count(Outcome::Sample), GUARD_PAGES as u64);
    });
}
