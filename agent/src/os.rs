//! System calls as safe functions: threads, timers, signals, memory that is never freed.
//!
//! # Safety
//! Every block makes one call with arguments that this file owns. Memory from [`map_forever`] is zeroed, private and
//! never unmapped, which is what makes handing out `'static` references to it sound.
#![allow(unsafe_code)]

use std::io;
use std::mem::{MaybeUninit, size_of};

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

/// Maps `count` zeroed values for the rest of the process's life, without touching their pages.
///
/// # Errors
/// What mmap(2) says, usually that the address space is limited.
pub fn map_forever<T: ZeroValid>(count: usize) -> io::Result<&'static [T]> {
    let length = count.saturating_mul(size_of::<T>()).max(1);
    // SAFETY: an anonymous private mapping at an address of the kernel's choice touches nothing that exists.
    let address = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            length,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    if address == libc::MAP_FAILED {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: the mapping is page-aligned, at least `count` values long, zeroed (valid for `T` by `ZeroValid`), and lives
    // for ever.
    Ok(unsafe { std::slice::from_raw_parts(address.cast::<T>(), count) })
}

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

/// Creates a timer that sends `signal` with `value` to thread `tid`. Returns the kernel's id.
///
/// The raw call, because libc refuses CPU clocks of other threads on some versions and hands out ids of its own.
///
/// # Errors
/// `EAGAIN` when the user's RLIMIT_SIGPENDING is used up (timer_create(2)), `EINVAL` when the thread has ended.
pub fn create_timer(clock: libc::clockid_t, tid: i32, signal: i32, value: u64) -> io::Result<i32> {
    let zeroed = MaybeUninit::<libc::sigevent>::zeroed();
    // SAFETY: all-zero bytes are a valid sigevent.
    let mut event = unsafe { zeroed.assume_init() };
    event.sigev_notify = libc::SIGEV_THREAD_ID;
    event.sigev_signo = signal;
    event.sigev_notify_thread_id = tid;
    event.sigev_value = libc::sigval { sival_ptr: value as *mut libc::c_void };
    let mut timer: libc::c_int = 0;
    // SAFETY: the kernel reads `event` and writes `timer`.
    let result = unsafe { libc::syscall(libc::SYS_timer_create, clock, &raw mut event, &raw mut timer) };
    if result == 0 { Ok(timer) } else { Err(io::Error::last_os_error()) }
}

/// Arms a timer once, `delay_ns` from now on its clock.
///
/// # Errors
/// `EINVAL` when there is no such timer.
pub fn arm_timer(timer: i32, delay_ns: u64) -> io::Result<()> {
    let setting =
        libc::itimerspec { it_interval: libc::timespec { tv_sec: 0, tv_nsec: 0 }, it_value: timespec(delay_ns) };
    // SAFETY: the kernel reads `setting`; a null pointer asks for no old value.
    let result = unsafe {
        libc::syscall(libc::SYS_timer_settime, timer, 0, &raw const setting, std::ptr::null_mut::<libc::c_void>())
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// Deletes a timer. A timer that is gone already is no error.
pub fn delete_timer(timer: i32) {
    // SAFETY: an integer argument; the kernel checks it.
    unsafe { libc::syscall(libc::SYS_timer_delete, timer) };
}

fn timespec(ns: u64) -> libc::timespec {
    libc::timespec { tv_sec: (ns / 1_000_000_000) as _, tv_nsec: (ns % 1_000_000_000) as _ }
}

/// Arms the process-wide CPU timer (ITIMER_PROF) with a fixed period; 0 disarms it.
///
/// # Errors
/// What setitimer(2) says.
pub fn set_process_timer(period_ns: u64) -> io::Result<()> {
    let period =
        libc::timeval { tv_sec: (period_ns / 1_000_000_000) as _, tv_usec: (period_ns % 1_000_000_000 / 1_000) as _ };
    let setting = libc::itimerval { it_interval: period, it_value: period };
    // SAFETY: the kernel reads `setting`; a null pointer asks for no old value.
    let result = unsafe {
        libc::syscall(libc::SYS_setitimer, libc::ITIMER_PROF, &raw const setting, std::ptr::null_mut::<libc::c_void>())
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

/// A signal handler of the three-argument kind.
pub type SignalHandler = extern "C" fn(libc::c_int, *mut libc::siginfo_t, *mut libc::c_void);

/// What is installed for a signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Disposition {
    /// Address of the handler, or `SIG_DFL` or `SIG_IGN`.
    pub handler: usize,
    /// Whether it takes three arguments.
    pub takes_info: bool,
}

/// Signals that profilers of the JVM use.
const PROFILING_SIGNALS: [i32; 4] = [libc::SIGPROF, libc::SIGVTALRM, libc::SIGSTKFLT, libc::SIGPWR];

/// Reads what is installed for `signal`.
///
/// # Errors
/// `EINVAL` for a number that is no signal.
pub fn disposition(signal: i32) -> io::Result<Disposition> {
    exchange_action(signal, None)
}

/// Installs `handler` and returns what was there. Interrupted system calls are restarted where the kernel can. While the
/// handler runs, the signals of other profilers wait: a stack walk of theirs inside one of ours kills some JVMs.
///
/// # Errors
/// `EINVAL` for a number that is no signal.
pub fn install_handler(signal: i32, handler: SignalHandler) -> io::Result<Disposition> {
    exchange_action(signal, Some(handler))
}

fn exchange_action(signal: i32, handler: Option<SignalHandler>) -> io::Result<Disposition> {
    let zeroed = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: all-zero bytes are a valid sigaction: default handler, empty mask, no flags.
    let mut new = unsafe { zeroed.assume_init() };
    let mut old = new;
    let new_pointer = handler.map_or(std::ptr::null(), |handler| {
        new.sa_sigaction = handler as usize;
        new.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART;
        for other in PROFILING_SIGNALS {
            // SAFETY: `new.sa_mask` is a signal set of ours, and the numbers are those of signals.
            unsafe { libc::sigaddset(&raw mut new.sa_mask, other) };
        }
        &raw const new
    });
    // SAFETY: `new` and `old` are valid sigactions, or null for "only look".
    let result = unsafe { libc::sigaction(signal, new_pointer, &raw mut old) };
    if result != 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Disposition { handler: old.sa_sigaction, takes_info: old.sa_flags & libc::SA_SIGINFO != 0 })
}

/// Queues `signal` with `value` for one thread of this process.
pub fn queue_signal(tid: i32, signal: i32, value: u64) {
    /// The head of `siginfo_t` as rt_tgsigqueueinfo(2) wants it, padded to its 128 bytes.
    #[repr(C)]
    struct QueuedInfo {
        signal: i32,
        error: i32,
        code: i32,
        padding: i32,
        pid: i32,
        uid: u32,
        value: u64,
        rest: [u64; 12],
    }
    const SI_QUEUE: i32 = -1;
    let info = QueuedInfo { signal, error: 0, code: SI_QUEUE, padding: 0, pid: getpid(), uid: 0, value, rest: [0; 12] };
    // SAFETY: the kernel reads the 128 bytes of `info`.
    unsafe { libc::syscall(libc::SYS_rt_tgsigqueueinfo, getpid(), tid, signal, &raw const info) };
}

/// Tries whether the kernel grants a timer on a thread's CPU clock.
///
/// # Errors
/// What [`create_timer`] says.
pub fn probe_timer() -> io::Result<()> {
    let tid = gettid();
    // A signal number that exists; the timer is never armed, so nothing is sent.
    let timer = create_timer(sampler::clock::thread_cpu_clock(tid), tid, libc::SIGURG, 0)?;
    delete_timer(timer);
    Ok(())
}

/// Whether a write of up to PIPE_BUF bytes to standard error would not wait. A pipe that nobody reads must not hold up
/// a thread of the application.
pub fn stderr_takes_a_line() -> bool {
    let mut stderr = libc::pollfd { fd: libc::STDERR_FILENO, events: libc::POLLOUT, revents: 0 };
    // SAFETY: the kernel reads and writes the one structure; a time-out of 0 never waits.
    let ready = unsafe { libc::poll(&raw mut stderr, 1, 0) };
    ready == 1 && stderr.revents & libc::POLLOUT != 0
}

/// Length of the scheduler's tick: the resolution of the coarse clock (clock_getres(2)).
pub fn tick_ns() -> Option<u64> {
    let mut resolution = timespec(0);
    // SAFETY: the kernel writes `resolution`.
    let result = unsafe { libc::clock_getres(libc::CLOCK_MONOTONIC_COARSE, &raw mut resolution) };
    (result == 0).then(|| resolution.tv_sec as u64 * 1_000_000_000 + resolution.tv_nsec as u64)
}

/// CPU time of another thread of this process; `None` when it has ended.
pub fn thread_cpu_ns(tid: i32) -> Option<u64> {
    let mut time = timespec(0);
    // SAFETY: the kernel writes `time`.
    let result = unsafe { libc::clock_gettime(sampler::clock::thread_cpu_clock(tid), &raw mut time) };
    (result == 0).then(|| time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64)
}

/// Nanoseconds since 1970.
pub fn epoch_ns() -> u64 {
    sampler::clock::now_ns(libc::CLOCK_REALTIME)
}

/// Copies bytes of this process's own memory without being able to fault: by process_vm_readv(2), or where a seccomp
/// filter refuses that, through /proc/self/mem.
pub fn read_own_memory<const N: usize>(address: u64) -> Option<[u8; N]> {
    use std::os::unix::fs::FileExt;
    let mut bytes = [0_u8; N];
    let local = libc::iovec { iov_base: bytes.as_mut_ptr().cast(), iov_len: N };
    let remote = libc::iovec { iov_base: address as *mut libc::c_void, iov_len: N };
    // SAFETY: the kernel writes `bytes` and checks the remote range itself (process_vm_readv(2)).
    let copied = unsafe { libc::process_vm_readv(getpid(), &raw const local, 1, &raw const remote, 1, 0) };
    if copied == N as isize {
        return Some(bytes);
    }
    let memory = std::fs::File::open("/proc/self/mem").ok()?;
    memory.read_exact_at(&mut bytes, address).ok()?;
    Some(bytes)
}

/// Maps a page that shows up in /proc/self/maps under `name`: a mark that other copies of the agent in this process can
/// see, and no other process. Returns its inode number; `None` if the kernel refuses.
pub fn leave_mark(name: &std::ffi::CStr) -> Option<u64> {
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
    // SAFETY: `name` is a C string; the flag closes the descriptor on exec.
    let descriptor = unsafe { libc::memfd_create(name.as_ptr(), libc::MFD_CLOEXEC) };
    if descriptor < 0 {
        return None;
    }
    // SAFETY: a descriptor that was just made for us. It is closed on return; the mapping keeps the file.
    let descriptor = unsafe { OwnedFd::from_raw_fd(descriptor) };
    let (length, raw) = (4096, descriptor.as_raw_fd());
    // SAFETY: a fresh private mapping of our own descriptor; it is never accessed.
    let address = unsafe { libc::mmap(std::ptr::null_mut(), length, libc::PROT_NONE, libc::MAP_PRIVATE, raw, 0) };
    let inode = std::fs::File::from(descriptor).metadata().ok().map(|file| std::os::unix::fs::MetadataExt::ino(&file));
    inode.filter(|_| address != libc::MAP_FAILED)
}

/// Keeps this library mapped whatever happens to its handle: a signal may arrive after any stop. Done at run time,
/// because the ELF flag is mishandled by some versions of glibc (bug 20839).
pub fn pin_library() {
    let zeroed = MaybeUninit::<libc::Dl_info>::zeroed();
    // SAFETY: all-zero bytes are a valid Dl_info.
    let mut info = unsafe { zeroed.assume_init() };
    // SAFETY: the address is one of this library, and `info` is writable.
    let found = unsafe { libc::dladdr(pin_library as *const libc::c_void, &raw mut info) };
    if found != 0 && !info.dli_fname.is_null() {
        // SAFETY: the name is a C string that the loader keeps; RTLD_NOLOAD loads nothing new.
        unsafe { libc::dlopen(info.dli_fname, libc::RTLD_LAZY | libc::RTLD_NOLOAD | libc::RTLD_NODELETE) };
    }
}
