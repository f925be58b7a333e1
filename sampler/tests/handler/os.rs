//! The system calls of these tests as safe functions, made as the agent makes them.
//!
//! # Safety
//! Every block makes one call with arguments that this file owns. Memory is zeroed, private and never unmapped, so
//! `'static` references to it are sound. A `siginfo_t` is read only on behalf of a handler that the kernel, or a test in
//! its place, gave a valid one.
#![allow(unsafe_code)]

use std::ffi::{c_int, c_void};
use std::mem::{MaybeUninit, size_of};
use std::{io, ptr};

/// `si_code` of an expired POSIX timer (siginfo.h).
pub const SI_TIMER: c_int = -2;
/// `si_code` of sigqueue(3).
pub const SI_QUEUE: c_int = -1;
/// `si_code` of kill(2).
pub const SI_USER: c_int = 0;
/// `si_code` of a signal that the kernel itself sent, as for setitimer(2).
pub const SI_KERNEL: c_int = 0x80;

/// Size of a page, bytes.
pub const PAGE: usize = 4096;

/// A handler of the three-argument kind.
pub type InfoHandler = extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void);

/// Types of which all-zero bytes are a value, and which change only through interior mutability.
///
/// # Safety
/// The implementor has read the type and made sure of both.
pub unsafe trait ZeroValid: Sync {}

// SAFETY: an atomic integer is valid for every bit pattern.
unsafe impl ZeroValid for std::sync::atomic::AtomicU64 {}
// SAFETY: an atomic integer is valid for every bit pattern.
unsafe impl ZeroValid for std::sync::atomic::AtomicU32 {}
// SAFETY: atomic integers, a null pointer and a false flag.
unsafe impl ZeroValid for sampler::slot::ThreadSlot {}
// SAFETY: a false flag, integers, and null method ids.
unsafe impl ZeroValid for sampler::frame_pool::Frames {}

/// Maps `count` zeroed values for the rest of the process's life.
pub fn map_forever<T: ZeroValid>(count: usize) -> &'static [T] {
    let address = map(count.saturating_mul(size_of::<T>()).max(1));
    // SAFETY: page-aligned, long enough, zeroed (valid for `T` by `ZeroValid`), and never unmapped.
    unsafe { std::slice::from_raw_parts(address.cast::<T>(), count) }
}

/// Pages above and below a guarded stack that fault when they are touched.
pub const GUARD_PAGES: usize = 64;

/// Maps `pages` for a stack, between guards. Returns the lowest usable address.
pub fn map_between_guards(pages: usize) -> usize {
    let (length, guard) = (pages * PAGE, GUARD_PAGES * PAGE);
    let lowest = map(length + 2 * guard) as usize;
    for start in [lowest, lowest + guard + length] {
        // SAFETY: pages of the mapping that was just made and that nobody else knows.
        let result = unsafe { libc::mprotect(start as *mut c_void, guard, libc::PROT_NONE) };
        assert_eq!(result, 0, "mprotect");
    }
    lowest + guard
}

fn map(length: usize) -> *mut c_void {
    let (protection, flags) = (libc::PROT_READ | libc::PROT_WRITE, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
    // SAFETY: an anonymous private mapping at an address of the kernel's choice touches nothing that exists.
    let address = unsafe { libc::mmap(ptr::null_mut(), length, protection, flags, -1, 0) };
    assert_ne!(address, libc::MAP_FAILED, "mmap: {}", io::Error::last_os_error());
    address
}

/// Kernel id of the calling thread.
pub fn gettid() -> i32 {
    // SAFETY: no argument, cannot fail.
    unsafe { libc::gettid() }
}

/// Id of this process.
pub fn getpid() -> i32 {
    // SAFETY: no argument, cannot fail.
    unsafe { libc::getpid() }
}

/// The calling thread's `errno`.
pub fn errno() -> c_int {
    // SAFETY: always valid.
    let location = unsafe { libc::__errno_location() };
    // SAFETY: this thread's own errno.
    unsafe { location.read() }
}

/// Sets the calling thread's `errno`.
pub fn set_errno(value: c_int) {
    // SAFETY: always valid.
    let location = unsafe { libc::__errno_location() };
    // SAFETY: this thread's own errno.
    unsafe { location.write(value) }
}

/// What is installed for a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disposition {
    /// Address of the handler, or `SIG_DFL` or `SIG_IGN`.
    pub handler: usize,
    /// Whether it takes three arguments.
    pub takes_info: bool,
}

/// Installs a handler of three arguments, with the flags that the agent uses. Returns what was there.
pub fn install(signal: c_int, handler: InfoHandler) -> Disposition {
    set_action(signal, handler as usize, libc::SA_SIGINFO | libc::SA_RESTART)
}

/// As [`install`], for a handler that runs on the alternate stack.
pub fn install_on_alternate_stack(signal: c_int, handler: InfoHandler) {
    set_action(signal, handler as usize, libc::SA_SIGINFO | libc::SA_RESTART | libc::SA_ONSTACK);
}

/// Installs a handler of one argument.
pub fn install_plain(signal: c_int, handler: extern "C" fn(c_int)) {
    set_action(signal, handler as usize, libc::SA_RESTART);
}

/// Ignores a signal.
pub fn ignore(signal: c_int) {
    set_action(signal, libc::SIG_IGN, 0);
}

fn set_action(signal: c_int, handler: usize, flags: c_int) -> Disposition {
    let zeroed = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: all-zero bytes are a valid sigaction: default handler, empty mask, no flags.
    let mut new = unsafe { zeroed.assume_init() };
    let mut old = new;
    new.sa_sigaction = handler;
    new.sa_flags = flags;
    // SAFETY: both are valid sigactions.
    let result = unsafe { libc::sigaction(signal, &raw const new, &raw mut old) };
    assert_eq!(result, 0, "sigaction: {}", io::Error::last_os_error());
    Disposition { handler: old.sa_sigaction, takes_info: old.sa_flags & libc::SA_SIGINFO != 0 }
}

/// What a handler was told about the origin of a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// `si_code`.
    pub code: c_int,
    /// `si_pid`, which only signals of a process have.
    pub pid: i32,
    /// `si_value`, which only timers and sigqueue(3) set.
    pub value: u64,
}

/// Reads a handler's second argument.
pub fn origin(info: *const libc::siginfo_t) -> Origin {
    // SAFETY: see the module: a valid siginfo_t.
    let info = unsafe { &*info };
    // SAFETY: inside the structure, whose unused bytes the kernel zeroes.
    let pid = unsafe { info.si_pid() };
    // SAFETY: as above.
    let value = unsafe { info.si_value() }.sival_ptr as u64;
    Origin { code: info.si_code, pid, value }
}

/// The head of `siginfo_t` for signals with a value, padded to its 128 bytes (x86-64 and AArch64).
#[repr(C)]
#[derive(Clone, Copy)]
pub struct QueuedInfo {
    signal: c_int,
    error: c_int,
    code: c_int,
    padding: c_int,
    pid: c_int,
    uid: u32,
    value: u64,
    rest: [u64; 12],
}

impl QueuedInfo {
    /// A siginfo of this process.
    pub fn new(signal: c_int, code: c_int, value: u64) -> Self {
        Self { signal, error: 0, code, padding: 0, pid: getpid(), uid: 0, value, rest: [0; 12] }
    }

    /// As a handler's second argument.
    pub fn as_info(&mut self) -> *mut libc::siginfo_t {
        const { assert!(size_of::<QueuedInfo>() == size_of::<libc::siginfo_t>()) };
        (&raw mut *self).cast()
    }
}

/// Queues a signal with a value for one thread of this process. `false` when the thread has ended.
pub fn queue(tid: i32, signal: c_int, code: c_int, value: u64) -> bool {
    let info = QueuedInfo::new(signal, code, value);
    // SAFETY: the kernel reads the 128 bytes of `info`.
    unsafe { libc::syscall(libc::SYS_rt_tgsigqueueinfo, getpid(), tid, signal, &raw const info) == 0 }
}

/// sigqueue(3): to a process, from wherever this runs.
pub fn sigqueue(pid: i32, signal: c_int, value: u64) {
    let value = libc::sigval { sival_ptr: value as *mut c_void };
    // SAFETY: integers and a value that nobody follows.
    unsafe { libc::sigqueue(pid, signal, value) };
}

/// kill(2) of one thread of this process.
pub fn tgkill(tid: i32, signal: c_int) {
    // SAFETY: integers only.
    unsafe { libc::syscall(libc::SYS_tgkill, getpid(), tid, signal) };
}

/// kill(2).
pub fn kill(pid: i32, signal: c_int) {
    // SAFETY: integers only.
    unsafe { libc::kill(pid, signal) };
}

/// Creates a timer that sends `signal` with `value` to thread `tid`. Returns the kernel's id.
pub fn create_timer(clock: libc::clockid_t, tid: i32, signal: c_int, value: u64) -> i32 {
    let zeroed = MaybeUninit::<libc::sigevent>::zeroed();
    // SAFETY: all-zero bytes are a valid sigevent.
    let mut event = unsafe { zeroed.assume_init() };
    event.sigev_notify = libc::SIGEV_THREAD_ID;
    event.sigev_signo = signal;
    event.sigev_notify_thread_id = tid;
    event.sigev_value = libc::sigval { sival_ptr: value as *mut c_void };
    let mut timer: c_int = 0;
    // SAFETY: the kernel reads `event` and writes `timer`.
    let result = unsafe { libc::syscall(libc::SYS_timer_create, clock, &raw mut event, &raw mut timer) };
    assert_eq!(result, 0, "timer_create: {}", io::Error::last_os_error());
    timer
}

/// Arms a timer once, `delay_ns` from now on its clock.
pub fn arm_timer(timer: i32, delay_ns: u64) {
    let zero = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    let delay = libc::timespec { tv_sec: (delay_ns / 1_000_000_000) as _, tv_nsec: (delay_ns % 1_000_000_000) as _ };
    let setting = libc::itimerspec { it_interval: zero, it_value: delay };
    // SAFETY: the kernel reads `setting`; a null pointer asks for no old value.
    let result =
        unsafe { libc::syscall(libc::SYS_timer_settime, timer, 0, &raw const setting, ptr::null_mut::<c_void>()) };
    assert_eq!(result, 0, "timer_settime: {}", io::Error::last_os_error());
}

/// Deletes a timer. A timer that is gone already is no error.
pub fn delete_timer(timer: i32) {
    // SAFETY: an integer argument; the kernel checks it.
    unsafe { libc::syscall(libc::SYS_timer_delete, timer) };
}

/// Arms the process-wide CPU timer with a fixed period; 0 disarms it.
pub fn set_process_timer(period_ns: u64) {
    let period = libc::timeval { tv_sec: 0, tv_usec: (period_ns / 1_000) as _ };
    let setting = libc::itimerval { it_interval: period, it_value: period };
    let none = ptr::null_mut::<c_void>();
    // SAFETY: the kernel reads `setting`; a null pointer asks for no old value.
    let result = unsafe { libc::syscall(libc::SYS_setitimer, libc::ITIMER_PROF, &raw const setting, none) };
    assert_eq!(result, 0, "setitimer: {}", io::Error::last_os_error());
}

/// Length of the scheduler's tick in nanoseconds: the resolution of the coarse clock (clock_getres(2)).
pub fn tick_ns() -> u64 {
    let mut resolution = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the kernel writes `resolution`.
    let result = unsafe { libc::clock_getres(libc::CLOCK_MONOTONIC_COARSE, &raw mut resolution) };
    assert_eq!(result, 0, "clock_getres");
    resolution.tv_nsec as u64
}

/// Asks for a CPU whenever the calling thread wants one (sched(7), SCHED_FIFO), so that a busy machine does not spoil what
/// is measured. Needs a privilege; `false` when it is refused.
pub fn take_precedence() -> bool {
    let parameters = libc::sched_param { sched_priority: 1 };
    // SAFETY: the kernel reads `parameters`; 0 is the calling thread.
    unsafe { libc::sched_setscheduler(0, libc::SCHED_FIFO, &raw const parameters) == 0 }
}

/// nanosleep(2) without a second try. `false` when a signal cut it short.
pub fn sleep_once(ns: u64) -> bool {
    let time = libc::timespec { tv_sec: 0, tv_nsec: ns as _ };
    // SAFETY: the kernel reads `time`; a null pointer asks for no rest.
    unsafe { libc::nanosleep(&raw const time, ptr::null_mut()) == 0 }
}

/// The signals that the calling thread blocks, one bit each, signal 1 lowest.
pub fn blocked_signals() -> u64 {
    let mut mask = 0_u64;
    // SAFETY: the kernel writes the 8 bytes of its own signal set; a null pointer changes nothing.
    let result = unsafe {
        libc::syscall(libc::SYS_rt_sigprocmask, libc::SIG_BLOCK, ptr::null::<u64>(), &raw mut mask, size_of::<u64>())
    };
    assert_eq!(result, 0, "rt_sigprocmask");
    mask
}

/// Runs `body` in a forked child and returns its exit status as waitpid(2) gives it.
///
/// Other threads of the caller's process hold no lock that `body` needs.
pub fn in_forked_child(body: impl FnOnce() -> c_int) -> c_int {
    // SAFETY: the child runs `body`, which needs nothing of other threads, and leaves.
    let pid = unsafe { libc::fork() };
    assert!(pid >= 0, "fork: {}", io::Error::last_os_error());
    if pid == 0 {
        let code = body();
        // SAFETY: ends the child without running the parent's exit handlers.
        unsafe { libc::_exit(code) };
    }
    let mut status = 0;
    loop {
        // SAFETY: the kernel writes `status`.
        let waited = unsafe { libc::waitpid(pid, &raw mut status, 0) };
        if waited == pid {
            return status;
        }
    }
}

/// Makes the `length` bytes at `lowest` the calling thread's alternate signal stack.
pub fn use_alternate_stack(lowest: usize, length: usize) {
    let stack = libc::stack_t { ss_sp: lowest as *mut c_void, ss_flags: 0, ss_size: length };
    // SAFETY: the memory is mapped for ever and used by nobody else.
    let result = unsafe { libc::sigaltstack(&raw const stack, ptr::null_mut()) };
    assert_eq!(result, 0, "sigaltstack: {}", io::Error::last_os_error());
}

/// Runs `body` on a new thread whose stack is the `length` bytes at `lowest`, and waits for it.
pub fn run_on_stack(lowest: usize, length: usize, body: extern "C" fn(*mut c_void) -> *mut c_void) {
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::zeroed();
    // SAFETY: initialises `attributes`.
    unsafe { libc::pthread_attr_init(attributes.as_mut_ptr()) };
    // SAFETY: the memory is mapped for ever and used by nobody else.
    let result = unsafe { libc::pthread_attr_setstack(attributes.as_mut_ptr(), lowest as *mut c_void, length) };
    assert_eq!(result, 0, "pthread_attr_setstack");
    let mut thread = MaybeUninit::<libc::pthread_t>::zeroed();
    // SAFETY: valid attributes; `body` takes no argument that could dangle.
    let result = unsafe { libc::pthread_create(thread.as_mut_ptr(), attributes.as_ptr(), body, ptr::null_mut()) };
    assert_eq!(result, 0, "pthread_create");
    // SAFETY: pthread_create wrote it.
    let thread = unsafe { thread.assume_init() };
    // SAFETY: a thread that was made above and is joined once.
    let result = unsafe { libc::pthread_join(thread, ptr::null_mut()) };
    assert_eq!(result, 0, "pthread_join");
}

/// Lowest address and length of the calling thread's stack.
pub fn own_stack() -> (usize, usize) {
    let mut attributes = MaybeUninit::<libc::pthread_attr_t>::zeroed();
    // SAFETY: no argument.
    let thread = unsafe { libc::pthread_self() };
    // SAFETY: initialises `attributes`.
    let result = unsafe { libc::pthread_getattr_np(thread, attributes.as_mut_ptr()) };
    assert_eq!(result, 0, "pthread_getattr_np");
    let (mut lowest, mut length) = (ptr::null_mut(), 0);
    // SAFETY: initialised above; the two results are ours.
    let result = unsafe { libc::pthread_attr_getstack(attributes.as_ptr(), &raw mut lowest, &raw mut length) };
    assert_eq!(result, 0, "pthread_attr_getstack");
    // SAFETY: initialised above and not used again.
    unsafe { libc::pthread_attr_destroy(attributes.as_mut_ptr()) };
    (lowest as usize, length)
}

/// A new pipe, as (read end, write end).
pub fn pipe() -> (c_int, c_int) {
    let mut ends = [0; 2];
    // SAFETY: the kernel writes both.
    let result = unsafe { libc::pipe(ends.as_mut_ptr()) };
    assert_eq!(result, 0, "pipe: {}", io::Error::last_os_error());
    (ends[0], ends[1])
}

/// One read(2) of a byte, never repeated.
pub fn read_byte(descriptor: c_int) -> io::Result<u8> {
    let mut byte = 0_u8;
    // SAFETY: one byte of ours.
    let count = unsafe { libc::read(descriptor, (&raw mut byte).cast(), 1) };
    if count == 1 { Ok(byte) } else { Err(io::Error::last_os_error()) }
}

/// One write(2) of a byte.
pub fn write_byte(descriptor: c_int, byte: u8) {
    // SAFETY: one byte of ours.
    let count = unsafe { libc::write(descriptor, (&raw const byte).cast(), 1) };
    assert_eq!(count, 1, "write: {}", io::Error::last_os_error());
}
