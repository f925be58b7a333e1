//! Walks and names of real code: this process, interrupted in the C library, in system calls and in handlers.
//!
//! # Safety
//! The handler is installed for the whole test binary and walks only the stack of the thread that took the signal,
//! which the tests do one at a time. Foreign functions are called as their man pages say.
#![allow(unsafe_code)]

use std::ffi::{CString, c_int, c_void};
use std::mem::MaybeUninit;
use std::path::PathBuf;
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::SeqCst};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;

use sampler::walk::arch::thread_pointer;
use sampler::walk::native::{CodeCacheBounds, NativeEnd, walk_native};
use sampler::walk::registers::registers_from_ucontext;
use sampler::walk::stack_memory::StackMemory;

use super::fixture::TestDirectory;
use super::*;

const MAX_FRAMES: usize = 128;

/// Where the handler finds its tables and leaves its walk.
static TABLES: TableSet = TableSet::new();
static STACK_LO: AtomicU64 = AtomicU64::new(0);
static STACK_HI: AtomicU64 = AtomicU64::new(0);
static PCS: [AtomicU64; MAX_FRAMES] = [const { AtomicU64::new(0) }; MAX_FRAMES];
static FRAMES: AtomicUsize = AtomicUsize::new(0);
static END: Mutex<Option<NativeEnd>> = Mutex::new(None);
static SP: AtomicU64 = AtomicU64::new(0);
static DONE: AtomicBool = AtomicBool::new(false);

/// One test at a time has the signal and the tables.
static TURN: Mutex<()> = Mutex::new(());

extern "C" fn on_signal(_: c_int, _: *mut libc::siginfo_t, ucontext: *mut c_void) {
    // SAFETY: called by the kernel as a handler with SA_SIGINFO.
    let registers = unsafe { registers_from_ucontext(ucontext) }.expect("the kernel gives a context");
    let bounds = StackBounds { lo: STACK_LO.load(SeqCst), hi: STACK_HI.load(SeqCst) };
    let bounds = bounds.below_control_block(thread_pointer());
    // SAFETY: this thread's own stack, by the address map, or bounds that do not contain its stack pointer.
    let memory = unsafe { StackMemory::new(registers.sp, bounds) };
    let mut out = [0; MAX_FRAMES];
    let walk = walk_native(registers, &memory, &TABLES, CodeCacheBounds::default(), &mut out);
    for (slot, pc) in PCS.iter().zip(out) {
        slot.store(pc, SeqCst);
    }
    FRAMES.store(walk.frames, SeqCst);
    SP.store(registers.sp, SeqCst);
    // Nobody holds the lock while a walk is awaited.
    *END.try_lock().expect("free") = Some(walk.end);
    DONE.store(true, SeqCst);
}

extern "C" fn on_outer_signal(_: c_int, _: *mut libc::siginfo_t, _: *mut c_void) {
    raise(libc::SIGUSR1);
}

fn install(signal: c_int, handler: extern "C" fn(c_int, *mut libc::siginfo_t, *mut c_void)) {
    // SAFETY: all zeroes is a valid value of this plain structure.
    let mut action: libc::sigaction = unsafe { MaybeUninit::zeroed().assume_init() };
    action.sa_sigaction = handler as usize;
    action.sa_flags = libc::SA_SIGINFO | libc::SA_RESTART;
    // SAFETY: a valid action for a handler that lives as long as the process.
    let installed = unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) };
    assert_eq!(installed, 0);
}

fn raise(signal: c_int) {
    // SAFETY: a handler for the signal is installed.
    assert_eq!(unsafe { libc::raise(signal) }, 0);
}

/// A walk, as the handler left it.
struct Walk {
    pcs: Vec<u64>,
    end: NativeEnd,
}

/// The test's turn: handlers installed, and the agent's side of the tables.
struct Turn {
    native: Native,
    _turn: MutexGuard<'static, ()>,
}

impl Turn {
    fn take() -> Self {
        let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
        install(libc::SIGUSR1, on_signal);
        install(libc::SIGUSR2, on_outer_signal);
        Self { native: Native::new(&TABLES, NativeLimits::default()), _turn: turn }
    }

    /// Walks the stack of the thread that `interrupt` signals, again and again until no library is missing.
    fn walk(&mut self, mut interrupt: impl FnMut()) -> Walk {
        const MAX_LIBRARIES: usize = 20;
        for _ in 0..MAX_LIBRARIES {
            let walk = self.walk_once(&mut interrupt);
            if let Some(bounds) = self.native.stack_bounds(&[SP.load(SeqCst)]).unwrap()[0] {
                STACK_LO.store(bounds.lo, SeqCst);
                STACK_HI.store(bounds.hi, SeqCst);
            }
            let is_new = walk.end == NativeEnd::NoTable && self.native.want(*walk.pcs.last().unwrap());
            while self.native.parse_pending() > 0 {}
            if !is_new && walk.end != NativeEnd::BadStack {
                return walk;
            }
        }
        panic!("still not complete after {MAX_LIBRARIES} walks; notes: {:?}", self.native.take_notes());
    }

    fn walk_once(&self, interrupt: &mut impl FnMut()) -> Walk {
        *END.lock().unwrap() = None;
        DONE.store(false, SeqCst);
        interrupt();
        while !DONE.load(SeqCst) {
            thread::yield_now();
        }
        let frames = FRAMES.load(SeqCst);
        let pcs = PCS.iter().take(frames).map(|pc| pc.load(SeqCst)).collect();
        Walk { pcs, end: END.lock().unwrap().expect("a walk was done") }
    }

    /// Names of all frames, leaf first; `module!?` where no symbol covers the pc.
    fn names(&mut self, walk: &Walk) -> Vec<String> {
        let frames: Vec<_> = walk.pcs.iter().enumerate().map(|(depth, pc)| (*pc, depth > 0)).collect();
        self.native.prefetch(frames.iter().copied());
        let name = |(pc, is_return_address)| match self.native.name(pc, is_return_address) {
            Some(NativeName { module, symbol }) => {
                format!("{module}!{}", symbol.as_deref().unwrap_or("?"))
            }
            None => format!("not code: {pc:#x}"),
        };
        frames.into_iter().map(name).collect()
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        STACK_LO.store(0, SeqCst);
        STACK_HI.store(0, SeqCst);
    }
}

/// Position of the first frame whose name contains `part`.
fn position(names: &[String], part: &str) -> usize {
    names.iter().position(|name| name.contains(part)).unwrap_or_else(|| panic!("no {part} in {names:#?}"))
}

/// What the callback of `qsort` saw: our walk's frames, and those of the reference unwinder.
static REFERENCE: Mutex<Vec<u64>> = Mutex::new(Vec::new());

extern "C" fn compare_and_raise(_: *const c_void, _: *const c_void) -> c_int {
    let mut reference = Vec::new();
    backtrace::trace(|frame| {
        reference.push(frame.ip().addr() as u64);
        true
    });
    // The reference unwinder ends with the caller of the first function, which has none.
    reference.retain(|pc| *pc != 0);
    *REFERENCE.lock().unwrap() = reference;
    raise(libc::SIGUSR1);
    0
}

#[inline(never)]
fn sort_two_numbers() {
    let mut numbers = [2_u32, 1];
    // SAFETY: two elements of four bytes, and a callback that does not touch them.
    unsafe { libc::qsort(numbers.as_mut_ptr().cast(), 2, 4, Some(compare_and_raise)) };
    std::hint::black_box(numbers);
}

#[test]
fn a_walk_through_the_c_library_agrees_with_the_reference_unwinder() {
    let mut turn = Turn::take();
    let walk = turn.walk(sort_two_numbers);
    let names = turn.names(&walk);
    assert_eq!(walk.end, NativeEnd::Root, "{names:#?}");
    let reference = REFERENCE.lock().unwrap().clone();
    let common = walk.pcs.iter().rev().zip(reference.iter().rev()).take_while(|(ours, theirs)| ours == theirs).count();
    // Both took different ways up to the callback, which they left at different calls; all below must agree.
    let callback = position(&names, "compare_and_raise");
    assert_eq!(common, walk.pcs.len() - callback - 1, "{names:#?}\nours {:x?}\ntheirs {reference:x?}", walk.pcs);
    assert!(position(&names, "qsort") > callback);
    assert!(position(&names, "sort_two_numbers") > position(&names, "qsort"));
    assert!(names[0].starts_with("libc.so.6!"), "the leaf is in the C library: {names:#?}");
}

#[inline(never)]
fn sleep_until_woken(stop: &AtomicBool) {
    let pause = libc::timespec { tv_sec: 0, tv_nsec: 50_000_000 };
    while !stop.load(SeqCst) {
        // SAFETY: a valid time; the rest is not asked for.
        unsafe { libc::nanosleep(&raw const pause, ptr::null_mut()) };
    }
}

/// Runs `body` on another thread while `test` gets a function that signals it.
fn with_thread(body: impl FnOnce(&AtomicBool) + Send, test: impl FnOnce(&dyn Fn())) {
    let (stop, thread_id) = (AtomicBool::new(false), AtomicU64::new(0));
    thread::scope(|scope| {
        scope.spawn(|| {
            // SAFETY: always allowed.
            thread_id.store(unsafe { libc::pthread_self() }, SeqCst);
            body(&stop);
        });
        while thread_id.load(SeqCst) == 0 {
            thread::yield_now();
        }
        let signal = || {
            // SAFETY: the thread runs until `stop` is set, and the signal has a handler.
            let sent = unsafe { libc::pthread_kill(thread_id.load(SeqCst), libc::SIGUSR1) };
            assert_eq!(sent, 0);
        };
        let stop = StopOnDrop(&stop);
        test(&signal);
        drop(stop);
    });
}

struct StopOnDrop<'a>(&'a AtomicBool);

impl Drop for StopOnDrop<'_> {
    fn drop(&mut self) {
        self.0.store(true, SeqCst);
    }
}

#[test]
fn a_thread_blocked_in_a_system_call_is_walked_to_its_root() {
    let mut turn = Turn::take();
    with_thread(sleep_until_woken, |signal| {
        thread::sleep(Duration::from_millis(20));
        let walk = turn.walk(signal);
        let names = turn.names(&walk);
        assert_eq!(walk.end, NativeEnd::Root, "{names:#?}");
        let sleep = position(&names, "nanosleep");
        assert!(position(&names, "sleep_until_woken") > sleep);
        assert!(names.last().unwrap().starts_with("libc.so.6!"), "threads begin in the C library: {names:#?}");
    });
}

#[inline(never)]
fn read_clock(stop: &AtomicBool) {
    while !stop.load(SeqCst) {
        std::hint::black_box(Instant::now());
    }
}

#[test]
fn code_that_the_kernel_maps_is_walked_and_named() {
    const MAX_TRIES: usize = 5_000;
    let mut turn = Turn::take();
    with_thread(read_clock, |signal| {
        for _ in 0..MAX_TRIES {
            let walk = turn.walk(signal);
            let names = turn.names(&walk);
            if names[0].starts_with("[vdso]!") {
                assert_eq!(walk.end, NativeEnd::Root, "{names:#?}");
                assert!(names[0].contains("clock_gettime"), "{names:#?}");
                assert!(position(&names, "read_clock") > position(&names, "libc.so.6!"), "{names:#?}");
                return;
            }
        }
        panic!("never interrupted in the vdso");
    });
}

#[inline(never)]
fn raise_outer() {
    raise(libc::SIGUSR2);
}

#[test]
fn a_handler_interrupted_by_a_signal_is_walked_into_what_it_interrupted() {
    let mut turn = Turn::take();
    let walk = turn.walk(raise_outer);
    let names = turn.names(&walk);
    assert_eq!(walk.end, NativeEnd::Root, "{names:#?}");
    assert!(position(&names, "on_outer_signal") < position(&names, "raise_outer"), "{names:#?}");
}

#[test]
fn without_bounds_only_the_page_of_the_stack_pointer_is_read() {
    let turn = Turn::take();
    let walk = turn.walk_once(&mut || raise(libc::SIGUSR1));
    assert_eq!((walk.pcs.len(), walk.end), (1, NativeEnd::NoTable), "nothing was parsed yet");
}

/// A copy of a library that is mapped anyway, so that it can be loaded, unloaded, removed and replaced.
struct CopiedLibrary {
    directory: TestDirectory,
    path: PathBuf,
}

impl CopiedLibrary {
    fn new(name: &str) -> Self {
        let directory = TestDirectory::new(name);
        let map = AddressMap::read().unwrap();
        let original = map.objects().iter().find(|object| object.path.contains("/libgcc_s.so"));
        let path = directory.path().join("libcopy.so");
        std::fs::copy(&*original.expect("Rust links libgcc_s").path, &path).unwrap();
        Self { directory, path }
    }

    /// Loads it; the handle and the address of one of its functions.
    fn load(&self) -> (*mut c_void, u64) {
        let path = CString::new(self.path.to_str().unwrap()).unwrap();
        // SAFETY: a sound library without initialisers of its own.
        let handle = unsafe { libc::dlopen(path.as_ptr(), libc::RTLD_NOW | libc::RTLD_LOCAL) };
        assert!(!handle.is_null());
        // SAFETY: a valid handle.
        let function = unsafe { libc::dlsym(handle, c"_Unwind_Backtrace".as_ptr()) };
        assert!(!function.is_null());
        (handle, function.addr() as u64)
    }
}

fn unload(handle: *mut c_void) {
    // SAFETY: a handle from dlopen, closed once.
    assert_eq!(unsafe { libc::dlclose(handle) }, 0);
}

/// Lets the next unknown address read the map at once.
fn without_pause(native: &mut Native) {
    native.next_refresh = None;
}

fn has_rule(pc: u64) -> bool {
    TABLES.read(|index| index.rule_at(pc)).is_some()
}

#[test]
fn a_library_loaded_later_is_found_and_an_unloaded_one_is_forgotten() {
    let mut turn = Turn::take();
    let native = &mut turn.native;
    native.refresh_maps().unwrap();
    let copy = CopiedLibrary::new("native-dlopen");
    let (handle, pc) = copy.load();
    without_pause(native);
    assert!(native.want(pc), "news");
    assert!(!native.want(pc), "no news");
    assert!(!has_rule(pc));
    assert_eq!(native.parse_pending(), 0);
    assert!(has_rule(pc));
    let name = native.name(pc, false).unwrap();
    assert_eq!((&*name.module, name.symbol.as_deref()), ("libcopy.so", Some("_Unwind_Backtrace")));
    assert!(native.table_bytes() > 0 && native.bytes() > native.table_bytes());
    unload(handle);
    native.refresh_maps().unwrap();
    assert!(!has_rule(pc), "handlers no longer see it");
    assert_eq!(native.name(pc, false), None);
    assert_eq!(native.table_bytes(), 0);
    drop(copy.directory);
}

#[test]
fn a_removed_library_keeps_its_module_and_says_why_it_has_no_more() {
    let mut turn = Turn::take();
    let native = &mut turn.native;
    let copy = CopiedLibrary::new("native-removed");
    let (handle, pc) = copy.load();
    std::fs::remove_file(&copy.path).unwrap();
    assert!(native.want(pc));
    native.parse_pending();
    assert!(!has_rule(pc));
    let name = native.name(pc, false).unwrap();
    assert_eq!((&*name.module, name.symbol), ("libcopy.so", None));
    let notes = native.take_notes();
    assert!(
        notes.iter().any(|note| note.contains("walks end in") && note.contains("removed or replaced")),
        "{notes:?}"
    );
    assert!(notes.iter().any(|note| note.contains("have no names")), "{notes:?}");
    assert!(!native.want(pc), "asked once is enough");
    assert_eq!(native.counters().libraries_skipped, 1);
    unload(handle);
}

#[test]
fn a_name_is_looked_up_once_for_the_whole_function_and_for_a_whole_batch() {
    let mut turn = Turn::take();
    let native = &mut turn.native;
    let copy = CopiedLibrary::new("native-batch");
    let (handle, pc) = copy.load();
    native.prefetch((0..40).map(|offset| (pc + offset, offset > 0)));
    assert_eq!(native.counters().symbol_passes, 1);
    for offset in 0..8 {
        let name = native.name(pc + offset, offset > 0).unwrap();
        assert_eq!(name.symbol.as_deref(), Some("_Unwind_Backtrace"));
    }
    assert_eq!(native.counters().symbol_passes, 1);
    // A return address at the very end of a function belongs to it, and not to the next one.
    assert_ne!(native.name(pc, true).unwrap().symbol.as_deref(), Some("_Unwind_Backtrace"));
    unload(handle);
}

#[test]
fn the_limit_on_tables_holds_and_is_said() {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut native = Native::new(&TABLES, NativeLimits { table_bytes: 1000, names: 10 });
    let here = the_limit_on_tables_holds_and_is_said as fn() as usize as u64;
    assert!(native.want(here));
    native.parse_pending();
    assert_eq!(native.table_bytes(), 0);
    assert!(!has_rule(here));
    assert!(native.take_notes().iter().any(|note| note.contains("limit of 1000 bytes")));
    drop(turn);
}

#[test]
fn addresses_that_are_no_code_have_no_name_and_cost_one_reading_of_the_map() {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    let mut native = Native::new(&TABLES, NativeLimits::default());
    assert_eq!(native.counters().map_readings, 0, "nothing is read before it is needed");
    let on_the_stack = 0_u8;
    for pc in [0, 8, u64::MAX, (&raw const on_the_stack).addr() as u64] {
        assert_eq!(native.name(pc, true), None, "{pc:#x}");
        assert!(!native.want(pc), "{pc:#x}");
    }
    assert_eq!(native.counters().map_readings, 1);
    drop(turn);
}

#[test]
fn generated_code_has_a_module_and_no_symbol() {
    let turn = TURN.lock().unwrap_or_else(PoisonError::into_inner);
    // SAFETY: a new private mapping of one page.
    let page = unsafe {
        let (protection, flags) = (libc::PROT_READ | libc::PROT_EXEC, libc::MAP_PRIVATE | libc::MAP_ANONYMOUS);
        libc::mmap(ptr::null_mut(), 4096, protection, flags, -1, 0)
    };
    assert_ne!(page, libc::MAP_FAILED);
    let mut native = Native::new(&TABLES, NativeLimits::default());
    let name = native.name(page.addr() as u64, false).unwrap();
    assert_eq!((&*name.module, name.symbol), ("[generated code]", None));
    // SAFETY: the page mapped above.
    assert_eq!(unsafe { libc::munmap(page, 4096) }, 0);
    drop(turn);
}
