//! A sampler set up as the agent sets it up, without a JVM: memory, handler, registered threads with timers, a drain.

use std::ffi::c_int;
use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use sampler::clock;
use sampler::counters::{HandlerCounters, Outcome};
use sampler::frame_pool::FramePool;
use sampler::handler::{on_signal_process_timer, on_signal_timer};
use sampler::java::VmLayout;
use sampler::record::{SampleHeader, SampleRecord};
use sampler::ring::Ring;
use sampler::schedule;
use sampler::slot::{Payload, ThreadSlot, TimerKind};
use sampler::state::{self, Sampler, Settings};

use crate::os;
use crate::walks;

/// What marks the signals of these tests.
pub const COOKIE: u32 = 0x00c0_ffee;

/// The signal of the per-thread timers: the first that the agent tries.
pub const SIGNAL: c_int = libc::SIGSTKFLT;

/// A thread environment that nobody follows.
pub const ENV: usize = 0x7fff_0000_1000;

/// One millisecond.
pub const MS: u64 = 1_000_000;

/// What differs between the tests.
pub struct Setup {
    pub interval_ns: u64,
    pub ring_words: usize,
    pub frame_buffers: usize,
    pub depth: u32,
    pub empty_handler: bool,
    pub layout: VmLayout,
}

impl Default for Setup {
    fn default() -> Self {
        let layout = VmLayout::default();
        Self { interval_ns: 10 * MS, ring_words: 1 << 16, frame_buffers: 64, depth: 64, empty_handler: false, layout }
    }
}

/// A published sampler.
#[derive(Clone, Copy)]
pub struct Stage {
    pub sampler: &'static Sampler,
}

/// Slots that no thread has. One list for all stages of a process.
static FREE_SLOTS: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// Threads that may be registered at a time.
pub const SLOTS: u32 = 256;

impl Stage {
    /// Publishes a running sampler, with no handler installed.
    pub fn publish(setup: &Setup) -> Self {
        let sampler = Sampler {
            ring: Ring::new(os::map_forever(setup.ring_words)).expect("a power of two"),
            slots: os::map_forever(SLOTS as usize),
            // The largest thread id of 64-bit Linux (proc(5), pid_max); only the pages in use are real.
            slot_by_tid: os::map_forever(1 << 22),
            frames: FramePool::new(os::map_forever(setup.frame_buffers)),
            counters: HandlerCounters::default(),
            tables: &walks::TABLES,
            settings: Settings {
                interval_ns: setup.interval_ns,
                tick_ns: os::tick_ns(),
                cookie: COOKIE,
                depth: setup.depth,
                empty_handler: setup.empty_handler,
            },
            call_trace: walks::walk,
            layout: setup.layout,
            code_cache_lo: AtomicU64::new(0),
            code_cache_hi: AtomicU64::new(0),
            running: AtomicBool::new(true),
            process_charged_ns: AtomicU64::new(clock::process_cpu_ns()),
            previous_handler: AtomicUsize::new(0),
            previous_takes_info: AtomicBool::new(false),
        };
        let sampler: &'static Sampler = Box::leak(Box::new(sampler));
        *FREE_SLOTS.lock().expect("no panic") = (0..SLOTS).rev().collect();
        state::publish(sampler);
        Self { sampler }
    }

    /// With the handler of the per-thread timers, which remembers what was installed before.
    pub fn with_thread_timers(setup: &Setup) -> Self {
        let stage = Self::publish(setup);
        stage.remember(os::install(SIGNAL, on_signal_timer));
        stage
    }

    /// With the handler of the process-wide timer.
    pub fn with_process_timer(setup: &Setup) -> Self {
        let stage = Self::publish(setup);
        stage.remember(os::install(libc::SIGPROF, on_signal_process_timer));
        stage
    }

    fn remember(&self, before: os::Disposition) {
        self.sampler.previous_takes_info.store(before.takes_info, Ordering::Relaxed);
        self.sampler.previous_handler.store(before.handler, Ordering::Release);
    }

    /// Registers the calling thread, as a Java thread if `env` is not 0, with unknown stack bounds and no timer.
    pub fn register(self, env: usize) -> Registration {
        let index = FREE_SLOTS.lock().expect("no panic").pop().expect("a free slot");
        let slot = &self.sampler.slots[index as usize];
        let tid = os::gettid();
        slot.generation.fetch_add(1, Ordering::Relaxed);
        start_schedule(slot, clock::thread_cpu_ns(), self.sampler.settings.interval_ns);
        slot.env.store(ptr::with_exposed_provenance_mut(env), Ordering::Relaxed);
        slot.tid.store(tid, Ordering::Release);
        self.sampler.slot_by_tid[tid as usize].store(index + 1, Ordering::Release);
        Registration { stage: self, index, tid, slot }
    }

    /// How often an outcome has been counted.
    pub fn count(&self, outcome: Outcome) -> u64 {
        self.sampler.counters.get(outcome)
    }

    /// Reads the ring empty.
    pub fn drain(&self) -> Vec<Sample> {
        let mut samples = Vec::new();
        while self.sampler.ring.consume(|words| {
            let record = SampleRecord::new(words);
            let (native, java) = (record.native().collect(), record.java().collect());
            samples.push(Sample { header: record.header, native, java });
        }) {}
        samples
    }

    /// That every entry ended in exactly one way. Only when no handler runs.
    pub fn assert_entries_add_up(&self) {
        let outcomes: u64 = Outcome::ALL.iter().map(|(outcome, _)| self.count(*outcome)).sum();
        assert_eq!(self.sampler.counters.entries.load(Ordering::Relaxed), outcomes, "{}", self.report());
    }

    /// All counts that are not zero.
    pub fn report(&self) -> String {
        let counts = Outcome::ALL.iter().map(|(outcome, name)| (self.count(*outcome), name));
        counts.filter(|(count, _)| *count > 0).map(|(count, name)| format!("{name} {count} ")).collect()
    }
}

/// A sample that came out of the ring.
#[derive(Debug)]
pub struct Sample {
    pub header: SampleHeader,
    pub native: Vec<u64>,
    pub java: Vec<(u64, i32)>,
}

/// A registered thread; dropping it takes its timers away and frees its slot.
pub struct Registration {
    stage: Stage,
    pub index: u32,
    pub tid: i32,
    pub slot: &'static ThreadSlot,
}

impl Registration {
    /// What a signal for this thread carries.
    pub fn payload(&self, kind: TimerKind) -> Payload {
        let generation = self.slot.generation.load(Ordering::Relaxed) as u16;
        Payload { cookie: COOKIE, generation, index: self.index, kind }
    }

    /// Queues a signal as if it came from a timer, and returns when the handler is done: a thread's own signal is
    /// delivered before the system call returns. Only on the registered thread.
    pub fn signal(&self, kind: TimerKind) {
        assert_eq!(os::gettid(), self.tid, "only a signal to oneself is delivered at once");
        assert!(os::queue(self.tid, SIGNAL, os::SI_TIMER, self.payload(kind).encode()));
    }

    /// Creates both timers and arms the first, as the agent's register does.
    pub fn start_timers(&self) {
        let payload = |kind| self.payload(kind).encode();
        let cpu = os::create_timer(clock::thread_cpu_clock(self.tid), self.tid, SIGNAL, payload(TimerKind::Cpu));
        let mono = os::create_timer(libc::CLOCK_MONOTONIC, self.tid, SIGNAL, payload(TimerKind::Mono));
        self.slot.mono_timer.store(mono + 1, Ordering::Release);
        self.slot.cpu_timer.store(cpu + 1, Ordering::Release);
        os::arm_timer(cpu, schedule::delay_until(self.slot.due_ns.load(Ordering::Relaxed), clock::thread_cpu_ns()));
    }

    /// Takes the timers away: afterwards none of their signals arrives.
    pub fn stop_timers(&self) {
        for timer in [&self.slot.cpu_timer, &self.slot.mono_timer] {
            let timer_plus_one = timer.swap(0, Ordering::AcqRel);
            if timer_plus_one > 0 {
                os::delete_timer(timer_plus_one - 1);
            }
        }
    }

    /// Gives the slot timers that do not exist, so that arming them fails and sets `errno`.
    pub fn break_timers(&self) {
        self.slot.cpu_timer.store(i32::MAX, Ordering::Relaxed);
        self.slot.mono_timer.store(i32::MAX, Ordering::Relaxed);
    }
}

impl Drop for Registration {
    fn drop(&mut self) {
        self.stage.sampler.slot_by_tid[self.tid as usize].store(0, Ordering::Release);
        self.stop_timers();
        self.slot.env.store(ptr::null_mut(), Ordering::Relaxed);
        self.slot.tid.store(0, Ordering::Release);
        if let Ok(mut free) = FREE_SLOTS.lock() {
            free.push(self.index);
        }
    }
}

/// The schedule of a thread whose CPU time counts from `base_ns`, as the agent's register sets it.
fn start_schedule(slot: &ThreadSlot, base_ns: u64, interval_ns: u64) {
    slot.random.store(clock::monotonic_ns().wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, Ordering::Relaxed);
    let credit_ns = slot.random_below(interval_ns) as i64;
    slot.credit_ns.store(credit_ns, Ordering::Relaxed);
    slot.charged_ns.store(base_ns as i64 - credit_ns, Ordering::Relaxed);
    slot.due_ns.store(base_ns as i64 - credit_ns + interval_ns as i64, Ordering::Relaxed);
    slot.armed_cpu_ns.store(base_ns, Ordering::Relaxed);
    slot.sampled_cpu_ns.store(base_ns, Ordering::Relaxed);
    let now_ns = clock::monotonic_ns();
    slot.armed_mono_ns.store(now_ns, Ordering::Relaxed);
    slot.sampled_mono_ns.store(now_ns, Ordering::Relaxed);
    slot.skip_delays.store(0, Ordering::Relaxed);
    slot.busy.store(false, Ordering::Relaxed);
}

/// Uses CPU until the calling thread's CPU clock has advanced by `ns`.
///
/// The clock is read as seldom as possible: reading it makes the kernel look whether the thread's slice is over, so a
/// thread that reads it all the time is preempted there, between ticks, as no ordinary program is.
pub fn burn(ns: u64) {
    let end_ns = clock::thread_cpu_ns() + ns;
    loop {
        let left_ns = end_ns.saturating_sub(clock::thread_cpu_ns());
        if left_ns == 0 {
            return;
        }
        // CPU time never passes faster than time.
        let start = Instant::now();
        while start.elapsed().as_nanos() < u128::from(left_ns) {
            work();
        }
    }
}

/// Some microseconds of pure computing.
pub fn work() {
    let mut x = 1_u64;
    for i in 0..500_u64 {
        x = std::hint::black_box(x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(i));
    }
}

/// Waits for what must happen in the end. The limit only turns a hang into a failure.
pub fn wait_until(what: impl Fn() -> String, mut holds: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(100);
    while !holds() {
        assert!(Instant::now() < deadline, "this never came: {}", what());
        thread::sleep(Duration::from_millis(1));
    }
}
