//! The register of threads: who has a slot, who gets timers, and what CPU time nobody has accounted for.
//!
//! Java threads come and go through JVMTI's ThreadStart and ThreadEnd; all others (garbage collector, compilers, native)
//! are found by reading the task directory, at the start and then within seconds. Threads of our own are marked and
//! never sampled. No handler ever takes the lock here.

mod names;
mod native_names;
mod task_list;
mod timers;

use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use jvmti_sys::JNIEnv;
use parking_lot::Mutex;
use sampler::handler::OWN_THREAD;
use sampler::slot::{MAX_SLOTS, ThreadSlot};
use sampler::state::Sampler;

use crate::log;
use crate::os;
use names::Names;
pub use names::ThreadName;
pub use native_names::root_name;
pub use task_list::TaskList;
use timers::Begin;

/// A thread found late that has used more intervals than this is charged for them at once, under its own name: its first
/// sample must not stand for all of it.
const LATE_AFTER_INTERVALS: u64 = 2;

/// Addresses of a thread's stack.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stack {
    /// Lowest address, 0 when unknown.
    pub lo: u64,
    /// First address above, 0 when unknown.
    pub hi: u64,
}

/// Whether threads get timers of their own, and which signal those send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Timers {
    /// One on the CPU clock and one on the monotonic clock, sending this signal.
    PerThread {
        /// The signal.
        signal: i32,
    },
    /// None: a process-wide timer serves all.
    None,
}

/// Counts of what the register did and could not do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RegisterCounters {
    /// Threads registered since the start.
    pub registered: u64,
    /// Times that the kernel refused a timer.
    pub timers_refused: u64,
    /// Threads for which there was no slot.
    pub without_slot: u64,
}

/// CPU time that was used by a thread and that no sample can stand for.
pub struct Unsampled {
    /// The thread.
    pub thread: Arc<ThreadName>,
    /// Whole intervals.
    pub intervals: u32,
}

/// Where the register stands. Timers exist only while it is armed, which is after the signal's handler was installed:
/// the default action of these signals ends the process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    Listening,
    Armed,
    Stopped,
}

struct Live {
    index: u32,
    name: Arc<ThreadName>,
    is_java: bool,
}

struct State {
    mode: Mode,
    live: HashMap<i32, Live>,
    free: Vec<u32>,
    next_fresh: u32,
    /// Threads that left through ThreadEnd, with their CPU time then: a native thread that only detached comes back.
    departed: HashMap<i32, u64>,
    /// What threads had used before they were found.
    late: Vec<Unsampled>,
    names: Names,
    counters: RegisterCounters,
    random: u64,
}

/// The register.
pub struct Threads {
    sampler: &'static Sampler,
    timers: Timers,
    state: Mutex<State>,
}

impl Threads {
    /// An empty register over the sampler's slots, without timers until [`Threads::arm`].
    pub fn new(sampler: &'static Sampler, timers: Timers) -> Self {
        Self {
            sampler,
            timers,
            state: Mutex::new(State {
                mode: Mode::Listening,
                live: HashMap::new(),
                free: Vec::new(),
                next_fresh: 0,
                departed: HashMap::new(),
                late: Vec::new(),
                names: Names::default(),
                counters: RegisterCounters::default(),
                random: os::epoch_ns() ^ u64::from(sampler.settings.cookie) << 32,
            }),
        }
    }

    /// Marks a thread of our own: it is never sampled.
    pub fn mark_own(&self, tid: i32) {
        let mut state = self.state.lock();
        self.forget(&mut state, tid);
        if let Some(entry) = self.sampler.slot_by_tid.get(tid as usize) {
            entry.store(OWN_THREAD, Ordering::Release);
        }
    }

    /// Whether `tid` was marked as ours.
    pub fn is_own(&self, tid: i32) -> bool {
        let entry = self.sampler.slot_by_tid.get(tid as usize);
        entry.is_some_and(|entry| entry.load(Ordering::Relaxed) == OWN_THREAD)
    }

    /// Registers a Java thread, or gives a registered native thread its environment. Runs on that thread.
    pub fn java_thread_started(&self, tid: i32, env: *mut JNIEnv, stack: Stack, name: Option<String>) {
        if self.is_own(tid) {
            return;
        }
        let mut state = self.state.lock();
        let known = state.live.get(&tid).filter(|live| live.is_java);
        match known.map(|live| self.is_same_thread(live, env)) {
            // The JVM announces its main thread late, when it has been adopted already.
            Some(true) => return,
            // The one that was known has ended without our seeing it: the kernel reused its id.
            Some(false) => self.forget(&mut state, tid),
            None => {}
        }
        self.register(&mut state, tid, stack, env, name);
    }

    /// Whether the calling thread is the one that was registered: same environment, and a CPU clock that went on.
    fn is_same_thread(&self, live: &Live, env: *mut JNIEnv) -> bool {
        self.slot(live.index).is_some_and(|slot| {
            let went_on = sampler::clock::thread_cpu_ns() as i64 >= slot.charged_ns.load(Ordering::Relaxed);
            went_on && slot.env.load(Ordering::Relaxed) == env
        })
    }

    /// Gives a thread that was alive before we listened its environment, unless it has ended since.
    pub fn adopt_java_thread(&self, tid: i32, env: *mut JNIEnv, stack: Stack, name: Option<String>) {
        let mut state = self.state.lock();
        let has_environment = state.live.get(&tid).is_some_and(|live| live.is_java);
        if !has_environment && !state.departed.contains_key(&tid) && !self.is_own(tid) {
            self.register(&mut state, tid, stack, env, name);
        }
    }

    /// Takes the timers and the environment away from a thread that leaves Java. Runs on that thread.
    pub fn java_thread_ends(&self, tid: i32) {
        let mut state = self.state.lock();
        if !self.is_own(tid) {
            let cpu_ns = sampler::clock::thread_cpu_ns();
            self.forget(&mut state, tid);
            state.departed.insert(tid, cpu_ns);
        }
    }

    /// Registers threads that have no slot, and frees the slots of threads that are gone.
    pub fn rescan(&self, tids: &[i32]) {
        let mut state = self.state.lock();
        let present: HashSet<i32> = tids.iter().copied().collect();
        // A directory that changes while it is read may leave out a thread that lives; its clock tells.
        let gone = |tid: &i32| !present.contains(tid) && os::thread_cpu_ns(*tid).is_none();
        let ended: Vec<i32> = state.live.keys().copied().filter(gone).collect();
        for tid in ended {
            self.forget(&mut state, tid);
        }
        state.departed.retain(|tid, _| present.contains(tid));
        for tid in tids {
            if !state.live.contains_key(tid) && !self.is_own(*tid) {
                self.register(&mut state, *tid, Stack::default(), std::ptr::null_mut(), None);
            }
        }
    }

    /// Begins to sample: every registered thread starts a schedule now, with timers if they are per thread.
    pub fn arm(&self) {
        let mut guard = self.state.lock();
        let state = &mut *guard;
        if state.mode != Mode::Listening {
            return;
        }
        state.mode = Mode::Armed;
        for (tid, live) in &state.live {
            let Some(slot) = self.slot(live.index) else { continue };
            let base_ns = os::thread_cpu_ns(*tid).unwrap_or(0);
            start_schedule(slot, base_ns, self.sampler.settings.interval_ns, next_random(&mut state.random));
            self.start_timers(&mut state.counters, slot, *tid, live.index, Begin::AtTick);
        }
    }

    /// Takes all timers away, for good.
    pub fn disarm(&self) {
        let mut state = self.state.lock();
        state.mode = Mode::Stopped;
        for live in state.live.values() {
            if let Some(slot) = self.slot(live.index) {
                timers::delete(slot);
            }
        }
    }

    /// The name of the thread that a sample came from; `None` when it is long gone.
    pub fn name_of(&self, index: u32, generation: u16) -> Option<Arc<ThreadName>> {
        self.state.lock().names.get(index, generation)
    }

    /// Lets go of the names of threads that ended some seconds ago. Called once a second.
    pub fn age_names(&self) {
        self.state.lock().names.age();
    }

    /// Whether a registration lives and the bounds of its stack are not known.
    pub fn lacks_stack(&self, index: u32, generation: u16) -> bool {
        self.slot(index).is_some_and(|slot| {
            slot.generation.load(Ordering::Relaxed) as u16 == generation
                && slot.tid.load(Ordering::Relaxed) != 0
                && slot.stack().hi == 0
        })
    }

    /// Notes the bounds of a native thread's stack, found out from its first sample.
    pub fn learn_stack(&self, index: u32, generation: u16, stack: Stack) {
        let _state = self.state.lock();
        if let Some(slot) = self.slot(index).filter(|_| self.lacks_stack(index, generation)) {
            slot.set_stack(stack.lo, stack.hi);
        }
    }

    /// CPU time that live threads have used and no sample has charged yet, in nanoseconds.
    pub fn uncharged_ns(&self) -> i64 {
        let state = self.state.lock();
        state.live.iter().filter_map(|(tid, live)| self.uncharged_of(*tid, live)).sum()
    }

    /// Whole intervals of threads that no signal has charged for longer than `limit_ns`: they block our signal, or have
    /// no timer. They are charged by this call, and get their timer (again).
    pub fn take_unsampled(&self, limit_ns: i64) -> Vec<Unsampled> {
        let interval_ns = self.sampler.settings.interval_ns.max(1);
        let mut guard = self.state.lock();
        let state = &mut *guard;
        let mut unsampled = Vec::new();
        for (tid, live) in &state.live {
            let Some(owed_ns) = self.uncharged_of(*tid, live).filter(|ns| *ns > limit_ns) else { continue };
            let Some(slot) = self.slot(live.index) else { continue };
            let intervals = owed_ns as u64 / interval_ns;
            slot.charged_ns.fetch_add((intervals * interval_ns) as i64, Ordering::Relaxed);
            if state.mode == Mode::Armed && !timers::arm_again(slot, *tid) {
                self.start_timers(&mut state.counters, slot, *tid, live.index, Begin::AtTick);
            }
            let intervals = u32::try_from(intervals).unwrap_or(u32::MAX);
            unsampled.push(Unsampled { thread: Arc::clone(&live.name), intervals });
        }
        unsampled
    }

    /// What threads had used before they were found, each thread once.
    pub fn take_late(&self) -> Vec<Unsampled> {
        std::mem::take(&mut self.state.lock().late)
    }

    /// All live threads with their slot and generation, for the signal storm of the tests.
    pub fn live_slots(&self) -> Vec<(i32, u32, u16)> {
        let state = self.state.lock();
        let slots = state.live.iter().filter_map(|(tid, live)| {
            let generation = self.slot(live.index)?.generation.load(Ordering::Relaxed) as u16;
            Some((*tid, live.index, generation))
        });
        slots.collect()
    }

    /// What was done and could not be done so far.
    pub fn counters(&self) -> RegisterCounters {
        self.state.lock().counters
    }

    fn slot(&self, index: u32) -> Option<&'static ThreadSlot> {
        self.sampler.slots.get(index as usize)
    }

    fn uncharged_of(&self, tid: i32, live: &Live) -> Option<i64> {
        let slot = self.slot(live.index)?;
        let charged_ns = slot.charged_ns.load(Ordering::Relaxed) + slot.credit_ns.load(Ordering::Relaxed);
        Some(os::thread_cpu_ns(tid)? as i64 - charged_ns)
    }

    fn register(&self, state: &mut State, tid: i32, stack: Stack, env: *mut JNIEnv, java_name: Option<String>) {
        let name = ThreadName::of(tid, java_name);
        let is_java = !env.is_null();
        if let Some(index) = state.live.get(&tid).map(|live| live.index) {
            let Some(slot) = self.slot(index) else { return };
            slot.set_stack(stack.lo, stack.hi);
            slot.env.store(env, Ordering::Release);
            return note(state, tid, slot, Live { index, name, is_java });
        }
        let Some(index) = take_slot(state, self.sampler.slots.len()) else {
            state.counters.without_slot += 1;
            return;
        };
        let Some(slot) = self.slot(index) else { return };
        let departed = state.departed.remove(&tid);
        let base_ns = self.base_ns(state, tid, departed, is_java, &name);
        slot.generation.fetch_add(1, Ordering::Relaxed);
        slot.set_stack(stack.lo, stack.hi);
        start_schedule(slot, base_ns, self.sampler.settings.interval_ns, next_random(&mut state.random));
        slot.env.store(env, Ordering::Relaxed);
        slot.tid.store(tid, Ordering::Release);
        note(state, tid, slot, Live { index, name, is_java });
        state.counters.registered += 1;
        if let Some(entry) = self.sampler.slot_by_tid.get(tid as usize) {
            entry.store(index + 1, Ordering::Release);
        }
        if state.mode == Mode::Armed {
            let newborn = is_java && departed.is_none();
            let begin = if newborn { Begin::Precisely } else { Begin::AtTick };
            self.start_timers(&mut state.counters, slot, tid, index, begin);
        }
    }

    /// The CPU time up to which a new registration counts as charged. A thread that was born while we sample owes all
    /// that it has used; what is more than a few intervals of it is put aside under its own name.
    fn base_ns(
        &self,
        state: &mut State,
        tid: i32,
        departed: Option<u64>,
        is_java: bool,
        name: &Arc<ThreadName>,
    ) -> u64 {
        let used_ns = os::thread_cpu_ns(tid).unwrap_or(0);
        if state.mode != Mode::Armed {
            return used_ns;
        }
        // A clock that runs behind belongs to another thread with the same id.
        let base_ns = departed.filter(|departed| *departed <= used_ns).unwrap_or(0);
        let interval_ns = self.sampler.settings.interval_ns.max(1);
        let intervals = (used_ns - base_ns) / interval_ns;
        if is_java || intervals <= LATE_AFTER_INTERVALS {
            return base_ns;
        }
        let charged = u32::try_from(intervals).unwrap_or(u32::MAX);
        state.late.push(Unsampled { thread: Arc::clone(name), intervals: charged });
        base_ns + intervals * interval_ns
    }

    fn start_timers(&self, counters: &mut RegisterCounters, slot: &ThreadSlot, tid: i32, index: u32, begin: Begin) {
        let Timers::PerThread { signal } = self.timers else { return };
        let Err(error) = timers::start(self.sampler, slot, tid, index, signal, begin) else { return };
        // A thread that has ended meanwhile needs no timer.
        if os::thread_cpu_ns(tid).is_none() {
            return;
        }
        counters.timers_refused += 1;
        log::once(
            "timer-refused",
            log::Level::Warn,
            format_args!(
                "the system refuses a timer ({error}); threads without one appear as [pyrite].not sampled. Raise the limit \
                 of pending signals (ulimit -i), or set pyroscope.profiler.event=itimer"
            ),
        );
    }

    /// Frees the slot of a thread, after its timers.
    fn forget(&self, state: &mut State, tid: i32) {
        let Some(live) = state.live.remove(&tid) else { return };
        if let Some(entry) = self.sampler.slot_by_tid.get(tid as usize) {
            entry.store(0, Ordering::Release);
        }
        let Some(slot) = self.slot(live.index) else { return };
        timers::delete(slot);
        slot.env.store(std::ptr::null_mut(), Ordering::Relaxed);
        slot.tid.store(0, Ordering::Release);
        state.names.end(live.index, slot.generation.load(Ordering::Relaxed) as u16);
        state.free.push(live.index);
    }
}

fn note(state: &mut State, tid: i32, slot: &ThreadSlot, live: Live) {
    let generation = slot.generation.load(Ordering::Relaxed) as u16;
    state.names.set(live.index, generation, Arc::clone(&live.name));
    state.live.insert(tid, live);
}

/// Sets the schedule of a fresh registration. The first sample comes after a random part of an interval, so that threads
/// born together are not sampled together and a short thread has its fair chance; the head start is remembered as a
/// credit, which keeps the totals exact.
fn start_schedule(slot: &ThreadSlot, base_ns: u64, interval_ns: u64, random: u64) {
    slot.random.store(random | 1, Ordering::Relaxed);
    let credit_ns = slot.random_below(interval_ns) as i64;
    slot.credit_ns.store(credit_ns, Ordering::Relaxed);
    slot.charged_ns.store(base_ns as i64 - credit_ns, Ordering::Relaxed);
    slot.due_ns.store(base_ns as i64 - credit_ns + interval_ns as i64, Ordering::Relaxed);
    slot.target_ns.store(slot.due_ns.load(Ordering::Relaxed), Ordering::Relaxed);
    slot.armed_cpu_ns.store(base_ns, Ordering::Relaxed);
    slot.sampled_cpu_ns.store(base_ns, Ordering::Relaxed);
    let now_ns = sampler::clock::monotonic_ns();
    slot.armed_mono_ns.store(now_ns, Ordering::Relaxed);
    slot.sampled_mono_ns.store(now_ns, Ordering::Relaxed);
    slot.skip_delays.store(0, Ordering::Relaxed);
    slot.busy.store(false, Ordering::Relaxed);
}

fn take_slot(state: &mut State, capacity: usize) -> Option<u32> {
    if let Some(index) = state.free.pop() {
        return Some(index);
    }
    let fresh = state.next_fresh;
    if fresh as usize >= capacity.min(MAX_SLOTS) {
        return None;
    }
    state.next_fresh += 1;
    Some(fresh)
}

/// A step of splitmix64, which spreads even neighbouring seeds.
fn next_random(random: &mut u64) -> u64 {
    *random = random.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut mixed = *random;
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
