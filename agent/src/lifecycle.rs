//! From loading to the last upload: the one state machine of the agent, and what the JVM's callbacks do to it.
//!
//! ```text
//! Loaded ──VMInit or attach──▶ Running ──VMDeath, panic──▶ Stopping ──▶ Done
//!    └───────not wanted, not possible: one line───────────────────────▶ Done
//! ```
//! Two threads are ours: the drain, which starts everything off the application's threads, and the delivery.
//!
//! # Safety
//! The `JavaVM` pointer is the one that the JVM gave to the entry points; the JNI specification lets any thread use it.
#![allow(unsafe_code)]

mod start;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use jvmti_sys::{JavaVM, jclass};
use parking_lot::{Condvar, Mutex};

use crate::facts::{self, Purpose};
use crate::log;
use crate::methods::{ClassInbox, PreparedClass};
use crate::os;
use crate::threads::{Stack, Threads};
use crate::vm::libjvm::LibJvm;
use crate::vm::structs::VmStructs;
use crate::vm::stubs::Stubs;
use crate::vm::{Jni, Jvmti};

/// Stack of the drain thread. Names and chunks are built on the heap; unwind tables need a few hundred KiB at most.
const DRAIN_STACK_BYTES: usize = 2 << 20;

/// How long the JVM's end waits for an agent that is still starting, beyond the time for delivery.
const START_GRACE: Duration = Duration::from_millis(500);

/// Where the agent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    Loaded,
    Running,
    Stopping,
    Done,
}

/// The JVM, as a pointer that may be handed to our thread.
#[derive(Clone, Copy)]
pub struct VmPointer(pub *mut JavaVM);

// SAFETY: the JNI specification allows any thread to use the invocation interface.
unsafe impl Send for VmPointer {}
// SAFETY: the JNI specification allows any thread to use the invocation interface.
unsafe impl Sync for VmPointer {}

/// What loading found out, needed to start.
pub struct Loaded {
    /// The JVM.
    pub vm: VmPointer,
    /// JVMTI.
    pub jvmti: Jvmti,
    /// The library that the JVM is in.
    pub libjvm: LibJvm,
    /// The agent string.
    pub agent_string: String,
    /// Whether another copy of the agent was loaded into this JVM before.
    pub is_second_copy: bool,
}

/// The system properties that matter, read on a thread of the JVM: JVMTI answers no other.
pub struct Properties {
    /// All that may be options.
    pub options: BTreeMap<String, String>,
    /// `java.vm.name`.
    pub vm_name: String,
    /// `java.vm.version`.
    pub vm_version: String,
}

impl Properties {
    fn read(jvmti: &Jvmti) -> Self {
        let property = |name: &str| jvmti.system_property(name).unwrap_or_default();
        Self {
            options: jvmti
                .system_property_names()
                .into_iter()
                .filter(|name| may_be_option(name))
                .filter_map(|name| jvmti.system_property(&name).map(|value| (name, value)))
                .collect(),
            vm_name: property("java.vm.name"),
            vm_version: property("java.vm.version"),
        }
    }
}

/// Whether a system property or an environment variable may be an option of ours.
fn may_be_option(name: &str) -> bool {
    name.starts_with("pyroscope.") || name.starts_with("PYROSCOPE_")
}

struct Agent {
    phase: Mutex<Phase>,
    changed: Condvar,
    inbox: ClassInbox,
    stubs: Stubs,
    threads: OnceLock<Arc<Threads>>,
    stacks: OnceLock<StackReader>,
    shutdown_timeout: Mutex<Duration>,
    broken: AtomicBool,
    /// Whether somebody empties the inbox of prepared classes.
    listening: AtomicBool,
    loaded: Mutex<Option<Loaded>>,
}

static AGENT: Agent = Agent {
    phase: Mutex::new(Phase::Loaded),
    changed: Condvar::new(),
    inbox: ClassInbox::empty(),
    stubs: Stubs::empty(),
    threads: OnceLock::new(),
    stacks: OnceLock::new(),
    shutdown_timeout: Mutex::new(Duration::ZERO),
    broken: AtomicBool::new(false),
    listening: AtomicBool::new(false),
    loaded: Mutex::new(None),
};

/// Remembers what loading found. `false` when the agent was loaded before.
pub fn remember(loaded: Loaded) -> bool {
    let mut slot = AGENT.loaded.lock();
    if slot.is_some() || *AGENT.phase.lock() != Phase::Loaded {
        return false;
    }
    *slot = Some(loaded);
    true
}

/// Whether the agent was loaded into this JVM before.
pub fn is_loaded() -> bool {
    AGENT.loaded.lock().is_some() || *AGENT.phase.lock() != Phase::Loaded
}

/// The JVM is up: starts, unless it is a tool of the JDK or its version is being printed.
pub fn vm_initialised(jvmti: Jvmti) {
    let command = jvmti.system_property("sun.java.command");
    let launcher = jvmti.system_property("sun.java.launcher");
    if facts::purpose(command.as_deref(), launcher.as_deref()) == Purpose::Tool {
        set_phase(Phase::Done);
        return;
    }
    start(&jvmti);
}

/// Starts the drain thread, which does all that costs time. Called on a thread that is attached to the JVM.
pub fn start(jvmti: &Jvmti) {
    let Some(loaded) = AGENT.loaded.lock().take() else { return };
    let properties = Properties::read(jvmti);
    {
        let mut phase = AGENT.phase.lock();
        if *phase != Phase::Loaded {
            return;
        }
        *phase = Phase::Running;
    }
    let spawned = thread::Builder::new().name("pyrite-drain".into()).stack_size(DRAIN_STACK_BYTES).spawn(move || {
        crate::vm::callbacks::guarded(|| start::run(&loaded, &properties));
        set_phase(Phase::Done);
    });
    if let Err(error) = spawned {
        log::error(format_args!("not profiling: the system refuses another thread ({error})"));
        set_phase(Phase::Done);
    }
}

/// The JVM is about to end: waits for the last upload, but not for ever.
pub fn vm_dies() {
    let mut phase = AGENT.phase.lock();
    match *phase {
        Phase::Running | Phase::Stopping => *phase = Phase::Stopping,
        Phase::Loaded | Phase::Done => {
            *phase = Phase::Done;
            return;
        }
    }
    AGENT.changed.notify_all();
    let deadline = Instant::now() + *AGENT.shutdown_timeout.lock() + START_GRACE;
    while *phase != Phase::Done {
        if AGENT.changed.wait_until(&mut phase, deadline).timed_out() {
            // From here on no callback tells of ending threads, so no handler may look at them.
            stop_sampling();
            drop(phase);
            log::warn("the JVM ends before the last interval could be delivered");
            return;
        }
    }
}

/// A panic was caught in a callback or a thread of ours: the profiler stops, the JVM goes on.
pub fn stop_after_panic() {
    stop_sampling();
    if !AGENT.broken.swap(true, Ordering::SeqCst) {
        log::error(
            "an internal error stopped the profiler; the application is not affected. Please report it with this log",
        );
    }
    let mut phase = AGENT.phase.lock();
    if *phase == Phase::Running {
        *phase = Phase::Stopping;
    }
    AGENT.changed.notify_all();
}

/// The JVM has generated code for itself.
pub fn stub_generated(name: &str, start: u64, length: u64) {
    AGENT.stubs.put(name, start, length);
}

/// Lets handlers do nothing from now on.
fn stop_sampling() {
    if let Some(sampler) = sampler::state::current() {
        sampler.running.store(false, Ordering::SeqCst);
    }
}

/// A Java thread has started; runs on it.
pub fn thread_started(jni: &Jni, name: impl FnOnce() -> Option<String>) {
    if let Some(threads) = AGENT.threads.get() {
        let stack = AGENT.stacks.get().map_or(Stack::default(), |stacks| stacks.of_environment(jni.env() as u64));
        threads.java_thread_started(os::gettid(), jni.env(), stack, name());
    }
}

/// A Java thread is about to end; runs on it.
pub fn thread_ends() {
    if let Some(threads) = AGENT.threads.get() {
        threads.java_thread_ends(os::gettid());
    }
}

/// A class was prepared: its methods get the ids that the walker needs.
///
/// # Safety
/// `class` is a live local reference of the calling thread.
pub unsafe fn class_prepared(jvmti: &Jvmti, jni: &Jni, class: jclass) {
    if !AGENT.listening.load(Ordering::Acquire) {
        return;
    }
    // SAFETY: the caller's promise.
    if let Some(prepared) = unsafe { PreparedClass::of(jvmti, jni, class) } {
        AGENT.inbox.put(prepared);
    }
}

fn set_phase(phase: Phase) {
    *AGENT.phase.lock() = phase;
    AGENT.changed.notify_all();
}

fn is_stopping() -> bool {
    *AGENT.phase.lock() != Phase::Running
}

/// Sleeps until it is time for the next look, or the end. `true` means go on.
fn wait_for_next_look(period: Duration) -> bool {
    let mut phase = AGENT.phase.lock();
    if *phase == Phase::Running {
        AGENT.changed.wait_for(&mut phase, period);
    }
    *phase == Phase::Running
}

/// Reads the bounds of a Java thread's stack out of its `JavaThread`.
#[derive(Clone, Copy, Debug)]
pub struct StackReader {
    env_offset: u64,
    base_offset: u64,
    size_offset: u64,
}

impl StackReader {
    /// `None` when the JVM does not say where it keeps the bounds.
    pub fn new(structs: &VmStructs, env_offset: u64) -> Option<Self> {
        let (base_offset, size_offset) = structs.stack_offsets()?;
        Some(Self { env_offset, base_offset, size_offset })
    }

    /// The stack of the thread with this JNI environment. Unknown when the numbers make no sense.
    pub fn of_environment(&self, env: u64) -> Stack {
        self.of_java_thread(env.wrapping_sub(self.env_offset))
    }

    /// The stack of a `JavaThread`, read in a way that cannot fault.
    pub fn of_java_thread(&self, java_thread: u64) -> Stack {
        /// No thread has a stack larger than this: 16 GiB.
        const MOST: u64 = 1 << 34;
        let word = |offset: u64| os::read_own_memory::<8>(java_thread.wrapping_add(offset)).map(u64::from_ne_bytes);
        match (word(self.base_offset), word(self.size_offset)) {
            (Some(base), Some(size)) if size > 0 && size < MOST && base > size => Stack { lo: base - size, hi: base },
            _ => Stack::default(),
        }
    }
}
