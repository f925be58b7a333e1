//! The start, on the drain thread: options, facts, plan, engine; then the drain until the end.
//!
//! # Safety
//! Local references are adopted on the thread that JVMTI made them for, once. The JVM is initialised when this runs.
#![allow(unsafe_code)]

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use jvmti_sys::{
    Capability, JVMTI_EVENT_CLASS_LOAD, JVMTI_EVENT_CLASS_PREPARE, JVMTI_EVENT_DYNAMIC_CODE_GENERATED,
    JVMTI_EVENT_THREAD_END, JVMTI_EVENT_THREAD_START, jvmtiCapabilities, jvmtiEvent,
};
use sampler::counters::HandlerCounters;
use sampler::frame_pool::FramePool;
use sampler::java::VmLayout;
use sampler::ring::Ring;
use sampler::slot::{Payload, TimerKind};
use sampler::state::{self, Sampler, Settings};
use sampler::walk::table_set::TABLES;

use super::{AGENT, Loaded, Properties, StackReader, is_stopping, may_be_option, wait_for_next_look};
use crate::accounts::OwnThreads;
use crate::deliver::{DeliverCounters, DeliverPlan, Deliverer};
use crate::drain::{Drain, LOOK_EVERY, Parts};
use crate::engines::Running;
use crate::facts::Facts;
use crate::log;
use crate::options::{self, Options, Parsed, Sources, TestHandler};
use crate::os;
use crate::policy::{self, Plan};
use crate::threads::{Stack, Threads};
use crate::vm::structs::VmStructs;
use crate::vm::{Attached, Jni, Jvmti};

/// Everything from the start to the last upload. Returns when there is nothing more to do.
pub fn run(loaded: &Loaded, properties: &Properties) {
    let parsed = read_options(&properties.options, &loaded.agent_string);
    log::set_level(parsed.options.log_level);
    *AGENT.shutdown_timeout.lock() = Duration::from_nanos(parsed.options.shutdown_timeout_ns);
    for warning in &parsed.warnings {
        log::warn(warning);
    }
    if !parsed.options.agent_enabled {
        log::info("pyroscope.agent.enabled=false: not profiling");
        return;
    }
    if loaded.is_second_copy {
        log::warn("another copy of Pyrite runs in this JVM already; this second one stays inert");
        return;
    }
    let has_call_trace = loaded.libjvm.async_get_call_trace().is_some();
    let facts = Facts::gather(properties.vm_name.clone(), properties.vm_version.clone(), has_call_trace);
    let plan = match policy::plan(&parsed.options, parsed.is_set("pyroscope.profiler.event"), &facts) {
        Ok(plan) => plan,
        Err(error) => return log::error(format_args!("not profiling: {error}")),
    };
    if let Err(error) = profile(loaded, &parsed.options, plan, facts) {
        log::error(format_args!("not profiling: {error}"));
    }
}

/// Why profiling could not begin.
#[derive(Debug, thiserror::Error)]
enum StartError {
    #[error("the JVM refuses to attach a thread")]
    Attach,
    #[error("the system refuses {0}: {1}")]
    System(&'static str, #[source] std::io::Error),
    #[error(transparent)]
    Jvmti(#[from] crate::vm::jvmti::JvmtiError),
    #[error("the JVM does not export the tables that its stack walker is checked with")]
    Tables,
}

fn profile(loaded: &Loaded, options: &Options, plan: Plan, facts: Facts) -> Result<(), StartError> {
    let own = Arc::new(OwnThreads::default());
    own.add(os::gettid());
    let attached = attach(loaded)?;
    let jni = attached.jni;
    let structs = VmStructs::of(&loaded.libjvm).ok_or(StartError::Tables)?;
    let env_offset = environment_offset(&loaded.jvmti, &jni).ok_or(StartError::Tables)?;
    let layout = VmLayout { env: Some(env_offset as u32), ..structs.layout() };
    let sampler = make_sampler(loaded, options, &plan, &facts, layout, &structs)?;
    let threads = Arc::new(Threads::new(sampler, (plan.engine.timers)(plan.signal)));
    threads.mark_own(os::gettid());
    if let Some(reader) = StackReader::new(&structs, env_offset) {
        // Set once: this function runs once in a process.
        let _ = AGENT.stacks.set(reader);
    }
    let _ = AGENT.threads.set(Arc::clone(&threads));
    let engine = Running::install(plan.engine, plan.signal, sampler)
        .map_err(|error| StartError::System("the engine's signal handler", error))?;
    let _listening = Listening::begin(loaded.jvmti)?;
    adopt_threads(&loaded.jvmti, &jni, &structs, env_offset, &threads);
    let delivered = Arc::new(DeliverCounters::default());
    let deliverer = start_delivery(options, &delivered, &own, &threads)?;
    announce(options, &plan, &facts);
    if let Some(mean_ns) = options.test_signal_storm_ns {
        start_storm(sampler, plan.signal, mean_ns, &own, &threads)?;
    }
    let shutdown = Duration::from_nanos(options.shutdown_timeout_ns);
    let parts = Parts {
        jvmti: loaded.jvmti,
        sampler,
        threads,
        own,
        inbox: &AGENT.inbox,
        stubs: &AGENT.stubs,
        plan,
        facts,
        upload_interval: Duration::from_nanos(options.upload_interval_ns),
        engine: Some(engine),
        deliverer,
        delivered,
    };
    let mut drain = Drain::begin(parts, &jni, is_stopping);
    while wait_for_next_look(LOOK_EVERY) {
        drain.look();
    }
    drain.finish(shutdown);
    Ok(())
}

fn read_options(properties: &BTreeMap<String, String>, agent_string: &str) -> Parsed {
    let environment: BTreeMap<String, String> = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .filter(|(name, _)| may_be_option(name))
        .collect();
    let mut sources =
        Sources { agent_string, system_properties: properties, env: &environment, file: None, random: random_bits() };
    let file = options::configuration_file(&sources);
    let content = match std::fs::read(&file.path) {
        Ok(bytes) => Some(Ok(options::decode_properties(&bytes))),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound && !file.explicit => None,
        Err(error) => Some(Err(error.to_string())),
    };
    sources.file = content.as_ref().map(|content| content.as_deref().map_err(String::as_str));
    options::parse(&sources)
}

/// Random bits that name an application without a name: the kernel's, or the clock's where /dev/urandom is missing.
fn random_bits() -> u128 {
    use std::io::Read;
    let mut bytes = [0_u8; 16];
    let read = std::fs::File::open("/dev/urandom").and_then(|mut file| file.read_exact(&mut bytes));
    match read {
        Ok(()) => u128::from_ne_bytes(bytes),
        Err(_) => u128::from(os::epoch_ns()) << 32 | os::getpid() as u128,
    }
}

fn attach(loaded: &Loaded) -> Result<Attached, StartError> {
    // SAFETY: the JVM that loaded us is initialised: VMInit has been posted, or this is an attach.
    unsafe { Attached::as_daemon(loaded.vm.0, c"pyrite-drain") }.ok_or(StartError::Attach)
}

/// Distance from a `JavaThread` to its JNI environment, which no table exports: measured on this thread.
fn environment_offset(jvmti: &Jvmti, jni: &Jni) -> Option<u64> {
    /// The environment is a member of `JavaThread`, which no JDK lets grow beyond a few KiB.
    const MOST: u64 = 64 << 10;
    let field = jni.eetop_field()?;
    let env = jni.env() as u64;
    local_threads(jvmti, jni).iter().find_map(|thread| {
        let address = jni.java_thread_address(thread, &field);
        let offset = env.checked_sub(address).filter(|offset| address != 0 && *offset < MOST)?;
        let name = jvmti.name_of(jni, thread)?;
        (name == "pyrite-drain").then_some(offset)
    })
}

fn local_threads<'j>(jvmti: &Jvmti, jni: &'j Jni) -> Vec<crate::vm::LocalRef<'j>> {
    let threads = jvmti.all_threads().unwrap_or_default();
    // SAFETY: GetAllThreads made these local references for this thread.
    threads.into_iter().filter_map(|thread| unsafe { jni.adopt(thread) }).collect()
}

/// Gives the Java threads that lived before we listened their environment.
fn adopt_threads(jvmti: &Jvmti, jni: &Jni, structs: &VmStructs, env_offset: u64, threads: &Threads) {
    let (Some(field), Some(os_thread), Some(id)) =
        (jni.eetop_field(), structs.layout().os_thread, structs.os_thread_id_offset())
    else {
        return;
    };
    let word = |address: u64| os::read_own_memory::<8>(address).map(u64::from_ne_bytes);
    for thread in local_threads(jvmti, jni) {
        let name = jvmti.name_of(jni, &thread);
        let address = jni.java_thread_address(&thread, &field);
        let tid = word(address.wrapping_add(u64::from(os_thread)))
            .filter(|os_thread| address != 0 && *os_thread != 0)
            .and_then(|os_thread| os::read_own_memory::<4>(os_thread.wrapping_add(id)))
            .map(i32::from_ne_bytes);
        let Some(tid) = tid.filter(|tid| *tid > 0) else { continue };
        let stack = AGENT.stacks.get().map_or(Stack::default(), |stacks| stacks.of_java_thread(address));
        let env = address.wrapping_add(env_offset) as *mut jvmti_sys::JNIEnv;
        // Ended threads have their address set to 0, after ThreadEnd, which the register has seen by now.
        if jni.java_thread_address(&thread, &field) == address {
            threads.adopt_java_thread(tid, env, stack, name);
        }
    }
}

fn make_sampler(
    loaded: &Loaded,
    options: &Options,
    plan: &Plan,
    facts: &Facts,
    layout: VmLayout,
    structs: &VmStructs,
) -> Result<&'static Sampler, StartError> {
    let refused = |what| move |error| StartError::System(what, error);
    let ring = os::map_forever(plan.ring_words).map_err(refused("memory for the ring"))?;
    let slots = os::map_forever(plan.slots).map_err(refused("memory for thread slots"))?;
    let slot_by_tid = os::map_forever(facts.pid_max + 1).map_err(refused("memory for the thread table"))?;
    let frames = os::map_forever(plan.frame_buffers).map_err(refused("memory for frame buffers"))?;
    let (lo, hi) = structs.code_cache().ok_or(StartError::Tables)?;
    let sampler = Sampler {
        ring: Ring::new(ring).ok_or(StartError::Tables)?,
        slots,
        slot_by_tid,
        frames: FramePool::new(frames),
        counters: HandlerCounters::default(),
        tables: &TABLES,
        settings: Settings {
            interval_ns: plan.interval_ns,
            tick_ns: plan.tick_ns,
            cookie: random_bits() as u32 & 0x00ff_ffff,
            depth: plan.depth,
            empty_handler: options.test_handler == TestHandler::Empty,
        },
        call_trace: loaded.libjvm.async_get_call_trace().ok_or(StartError::Tables)?,
        layout,
        code_cache_lo: AtomicU64::new(lo),
        code_cache_hi: AtomicU64::new(hi),
        running: AtomicBool::new(false),
        process_charged_ns: AtomicU64::new(0),
        previous_handler: AtomicUsize::new(0),
        previous_takes_info: AtomicBool::new(false),
    };
    let sampler: &'static Sampler = Box::leak(Box::new(sampler));
    state::publish(sampler);
    Ok(sampler)
}

/// The events that tell of threads and classes; dropping it switches them off, so that nothing is collected for nobody.
struct Listening(Jvmti);

impl Listening {
    const EVENTS: [jvmtiEvent; 5] = [
        JVMTI_EVENT_THREAD_START,
        JVMTI_EVENT_THREAD_END,
        JVMTI_EVENT_CLASS_LOAD,
        JVMTI_EVENT_CLASS_PREPARE,
        JVMTI_EVENT_DYNAMIC_CODE_GENERATED,
    ];

    /// Asks for the least: line numbers, and these events.
    fn begin(jvmti: Jvmti) -> Result<Self, StartError> {
        let listening = Self(jvmti);
        jvmti.add_capabilities(jvmtiCapabilities::NONE.with(Capability::can_get_line_numbers))?;
        AGENT.listening.store(true, Ordering::Release);
        for event in Self::EVENTS {
            jvmti.enable(event)?;
        }
        // Names of what was generated before; without them a stub is only called a stub.
        let _ = jvmti.generate(JVMTI_EVENT_DYNAMIC_CODE_GENERATED);
        Ok(listening)
    }
}

impl Drop for Listening {
    fn drop(&mut self) {
        super::stop_sampling();
        AGENT.listening.store(false, Ordering::Release);
        for event in Self::EVENTS {
            // A failure leaves an event on whose callback does nothing any more.
            let _ = self.0.disable(event);
        }
    }
}

fn start_delivery(
    options: &Options,
    counters: &Arc<DeliverCounters>,
    own: &Arc<OwnThreads>,
    threads: &Arc<Threads>,
) -> Result<Deliverer, StartError> {
    let (own, threads) = (Arc::clone(own), Arc::clone(threads));
    let on_thread_start = Arc::new(move || {
        let tid = os::gettid();
        own.add(tid);
        threads.mark_own(tid);
    });
    Deliverer::start(DeliverPlan::from_options(options), Arc::clone(counters), on_thread_start)
        .map_err(|error| StartError::System("the delivery thread", error))
}

fn announce(options: &Options, plan: &Plan, facts: &Facts) {
    for note in &plan.notes {
        log::write(note.level, &note.text);
    }
    log::info(format_args!(
        "Pyrite {} profiles {} to {}: {plan} ({} {})",
        env!("CARGO_PKG_VERSION"),
        options.application_name,
        options.server_address,
        facts.vm_name,
        facts.vm_version,
    ));
}

/// Starts the test option that interrupts threads at random moments, also in the middle of what timers never meet.
fn start_storm(
    sampler: &'static Sampler,
    signal: i32,
    mean_ns: u64,
    own: &Arc<OwnThreads>,
    threads: &Arc<Threads>,
) -> Result<(), StartError> {
    let (own, threads) = (Arc::clone(own), Arc::clone(threads));
    log::warn("pyroscope.test.signal.storm is set: samples do not stand for CPU time");
    let storm = move || {
        own.add(os::gettid());
        threads.mark_own(os::gettid());
        let mut random = random_bits() as u64 | 1;
        loop {
            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            thread::sleep(Duration::from_nanos(random % mean_ns.saturating_mul(2).max(1)));
            let live = threads.live_slots();
            let Some((tid, index, generation)) = live.get(random as usize % live.len().max(1)).copied() else {
                continue;
            };
            let payload = Payload { cookie: sampler.settings.cookie, generation, index, kind: TimerKind::Storm };
            os::queue_signal(tid, signal, payload.encode());
        }
    };
    thread::Builder::new()
        .name("pyrite-storm".into())
        .spawn(storm)
        .map(drop)
        .map_err(|error| StartError::System("the thread of the signal storm", error))
}
