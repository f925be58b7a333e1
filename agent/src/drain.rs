//! The drain: the one thread that empties the ring, names what was seen, and turns each interval into a chunk.
//!
//! Sampling never stops for it: a rotation is a new fold, not a stop and a start.

mod naming;
mod settle;

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use jfr::ChunkTimes;
use sampler::clock;
use sampler::record::SampleRecord;
use sampler::state::Sampler;

use crate::accounts::{Accounts, OwnThreads, Readings};
use crate::chunk::{self, ChunkFacts};
use crate::counters::{self, DrainCounters};
use crate::deliver::{ChunkUpload, DELIVER_COUNTERS, DeliverCounters, Deliverer};
use crate::engines::Running;
use crate::facts::Facts;
use crate::fold::{Fold, ThreadKey, frames};
use crate::log;
use crate::methods::ClassInbox;
use crate::os;
use crate::policy::Plan;
use crate::threads::{TaskList, ThreadName, Threads};
use crate::vm::stubs::Stubs;
use crate::vm::{Jni, Jvmti};
use naming::Naming;

/// Time between two looks at the ring. Names have to be asked for within a second of the sample.
pub const LOOK_EVERY: Duration = Duration::from_millis(100);

/// Time between two looks at the list of threads.
const RESCAN_EVERY: Duration = Duration::from_secs(1);

/// Unwind tables are compiled from this time on: a program that ends sooner is spared the work.
const TABLES_AFTER: Duration = Duration::from_millis(250);

/// A chunk is begun early when the last one has this many bytes. The server's limit is 4 MiB (Pyroscope, decompressed size
/// of an upload); names come on top of the estimate.
const EARLY_CHUNK_BYTES: usize = 2_500_000;

/// A chunk is begun early when the last one has this many stacks. The server's limit is 16,000 samples a profile.
const EARLY_CHUNK_TRACES: usize = 12_000;

/// What the drain works with.
pub struct Parts {
    /// JVMTI.
    pub jvmti: Jvmti,
    /// Where handlers put samples.
    pub sampler: &'static Sampler,
    /// The threads.
    pub threads: Arc<Threads>,
    /// Our own threads.
    pub own: Arc<OwnThreads>,
    /// New classes.
    pub inbox: &'static ClassInbox,
    /// Names of the JVM's own generated code.
    pub stubs: &'static Stubs,
    /// The choices.
    pub plan: Plan,
    /// The facts.
    pub facts: Facts,
    /// Time between uploads.
    pub upload_interval: Duration,
    /// The engine, until it is stopped.
    pub engine: Option<Running>,
    /// Where chunks go.
    pub deliverer: Deliverer,
    /// What became of them.
    pub delivered: Arc<DeliverCounters>,
}

/// The drain.
pub struct Drain<'j> {
    parts: Parts,
    jni: &'j Jni,
    fold: Fold,
    naming: Naming,
    accounts: Accounts,
    /// CPU time of dropped samples that has been shown, nanoseconds.
    shown_dropped_ns: u64,
    counters: DrainCounters,
    tasks: TaskList,
    started: Instant,
    next_rescan: Instant,
    next_rotation: Instant,
    interval_start: IntervalStart,
}

/// When the current interval began, on both clocks: read anew each time, so that a step of the wall clock moves one
/// interval and not all that follow.
#[derive(Clone, Copy)]
struct IntervalStart {
    epoch_ns: u64,
    ticks: u64,
}

impl IntervalStart {
    fn now() -> Self {
        Self { epoch_ns: os::epoch_ns(), ticks: clock::monotonic_ns() }
    }
}

impl<'j> Drain<'j> {
    /// Looks at the classes that are loaded, registers the threads that live, and starts the clockwork. `stop` is asked
    /// now and then whether the JVM is about to end.
    pub fn begin(parts: Parts, jni: &'j Jni, stop: impl Fn() -> bool) -> Self {
        let mut naming = Naming::new(parts.sampler);
        if !stop() {
            naming.methods.take_loaded(&parts.jvmti, jni);
        }
        let mut tasks = TaskList::default();
        if let Some(tids) = tasks.read_if_changed() {
            parts.threads.rescan(&tids);
        }
        parts.sampler.process_charged_ns.store(clock::process_cpu_ns(), Ordering::Relaxed);
        let accounts = Accounts::open(Readings {
            process_ns: clock::process_cpu_ns(),
            own_ns: parts.own.cpu_ns(),
            ..Readings::default()
        });
        parts.sampler.running.store(true, Ordering::SeqCst);
        parts.threads.arm();
        if let Some(Err(error)) = parts.engine.as_ref().map(|engine| engine.begin(parts.plan.interval_ns)) {
            log::error(format_args!("no CPU profile: the system refuses the engine's timer ({error})"));
        }
        let now = Instant::now();
        // The first interval is shorter by a random part, so that services that start together do not upload together.
        let first = parts.upload_interval.mul_f64(0.5 + 0.5 * random_fraction());
        Self {
            next_rescan: now + RESCAN_EVERY,
            next_rotation: now + first,
            started: now,
            interval_start: IntervalStart::now(),
            fold: Fold::default(),
            counters: DrainCounters::default(),
            parts,
            jni,
            naming,
            accounts,
            shown_dropped_ns: 0,
            tasks,
        }
    }

    /// One look: empties the ring, and does what is due.
    pub fn look(&mut self) {
        self.empty_ring();
        let now = Instant::now();
        if now >= self.next_rescan {
            self.next_rescan = now + RESCAN_EVERY;
            self.rescan();
        }
        if now.duration_since(self.started) >= TABLES_AFTER {
            self.naming.native.parse_pending();
        }
        let early =
            self.fold.estimated_bytes() >= EARLY_CHUNK_BYTES || self.fold.call_traces.len() >= EARLY_CHUNK_TRACES;
        if early {
            self.counters.early_chunks += 1;
        }
        if early || now >= self.next_rotation {
            self.next_rotation = now + self.parts.upload_interval;
            self.rotate(false);
        }
    }

    /// Stops the engine, delivers the last interval within `deadline`.
    pub fn finish(mut self, deadline: Duration) {
        let begun = Instant::now();
        self.parts.sampler.running.store(false, Ordering::SeqCst);
        drop(self.parts.engine.take());
        self.parts.threads.disarm();
        self.empty_ring();
        self.rotate(true);
        let outcome = self.parts.deliverer.finish(deadline.saturating_sub(begun.elapsed()));
        log::debug(format_args!("the last interval: {outcome:?}"));
    }

    fn rescan(&mut self) {
        if let Some(tids) = self.tasks.read_if_changed() {
            self.parts.threads.rescan(&tids);
        }
        self.parts.threads.age_names();
        let lost = self.parts.engine.as_ref().is_some_and(|engine| !engine.is_installed());
        if lost {
            self.parts.engine = None;
            self.parts.threads.disarm();
            log::error(format_args!(
                "another library has replaced the handler of signal {}; CPU sampling stops here. Load that library first, or \
                 choose another pyroscope.profiler.event",
                self.parts.plan.signal
            ));
        }
        self.naming.methods.look_again(&self.parts.jvmti, self.jni, Instant::now());
    }

    /// Takes all samples out of the ring and into the fold.
    fn empty_ring(&mut self) {
        self.naming.methods.take_prepared(self.parts.inbox, self.jni);
        let Self { parts, jni, fold, naming, counters, .. } = self;
        let mut looks = 0;
        // Bounded by the ring: at most what fits in it at twice the rate, then the next look goes on.
        while looks < parts.plan.ring_words
            && parts.sampler.ring.consume(|words| {
                let record = SampleRecord::new(words);
                let named = naming.stack_of(&record, parts, jni, counters);
                let header = record.header;
                let key = ThreadKey::Registered { slot: header.slot, generation: header.generation };
                let thread = || parts.threads.name_of(header.slot, header.generation).unwrap_or_else(gone);
                fold.add(header.time_ns, key, thread, named, header.weight);
            })
        {
            looks += 1;
        }
        naming.learn_stacks(&parts.threads);
    }

    /// Ends the interval: balances the books, encodes the chunk and hands it over.
    fn rotate(&mut self, last: bool) {
        self.settle(last);
        let next = IntervalStart::now();
        let start = std::mem::replace(&mut self.interval_start, next);
        let fold = std::mem::take(&mut self.fold);
        self.log_counters();
        if fold.is_empty() {
            return;
        }
        self.naming.name_native_frames();
        let listed = self.list_counters();
        let facts = ChunkFacts {
            times: ChunkTimes {
                start_epoch_ns: start.epoch_ns,
                start_ticks: start.ticks,
                duration_ns: next.ticks.saturating_sub(start.ticks),
            },
            engine: self.parts.plan.engine.name.as_str(),
            interval_ns: self.parts.plan.interval_ns,
            jvm: (&self.parts.facts.vm_name, &self.parts.facts.vm_version),
            counters: &listed,
        };
        // One interval that cannot be written must not end profiling.
        match catch_unwind(AssertUnwindSafe(|| chunk::encode(&fold, &self.naming.frames, &facts))) {
            Ok(jfr) => self.parts.deliverer.offer(ChunkUpload {
                jfr,
                labels: None,
                from_epoch_ns: start.epoch_ns,
                until_epoch_ns: next.epoch_ns,
                sample_rate_hz: self.parts.plan.rate_hz,
            }),
            Err(_) => self.count_failed_chunk(),
        }
        if !last {
            self.naming.methods.sweep(self.jni);
            if self.naming.frames.len() > frames::MAX_FRAMES {
                self.naming.clear();
            }
        }
    }

    fn count_failed_chunk(&mut self) {
        self.counters.failed_chunks += 1;
        log::once(
            "chunk-failed",
            log::Level::Error,
            "an interval could not be written and is lost; the next one goes on",
        );
    }

    fn list_counters(&self) -> Vec<(String, i64)> {
        let mut list = Vec::new();
        counters::list_handler(&self.parts.sampler.counters, &mut list);
        self.counters.list(&mut list);
        counters::put(&mut list, "settled_weight_ns", self.accounts.settled_ns);
        counters::put(&mut list, "own_cpu_ns", self.parts.own.cpu_ns());
        counters::put(&mut list, "cpu_before_arming_ns", self.accounts.before_arming_ns());
        let methods = self.naming.methods.counters;
        counters::put_if_any(&mut list, "frames_unloaded", methods.unloaded);
        counters::put_if_any(&mut list, "frames_unknown", methods.unknown);
        counters::put_if_any(&mut list, "methods_over_limit", methods.over_limit);
        let register = self.parts.threads.counters();
        counters::put(&mut list, "threads_registered", register.registered);
        counters::put_if_any(&mut list, "timers_refused", register.timers_refused);
        counters::put_if_any(&mut list, "threads_without_slot", register.without_slot);
        counters::put(&mut list, "native_bytes", self.naming.native.bytes() as u64);
        for (counter, name) in DELIVER_COUNTERS {
            counters::put_if_any(&mut list, name, self.parts.delivered.get(*counter));
        }
        list
    }

    fn log_counters(&mut self) {
        for note in self.naming.native.take_notes() {
            log::debug(note);
        }
        if log::enabled(log::Level::Debug) {
            let list: Vec<String> =
                self.list_counters().iter().map(|(name, value)| format!("{name}={value}")).collect();
            log::debug(format_args!("counters: {}", list.join(" ")));
        }
    }
}

/// The thread of a sample whose thread is gone, or of none.
fn gone() -> Arc<ThreadName> {
    Arc::new(ThreadName { tid: 0, java: None, native: "ended".to_owned() })
}

/// A number from 0 to 1 that differs between processes: the low bits of the clock.
fn random_fraction() -> f64 {
    (os::epoch_ns() / 100 % 1_000) as f64 / 1_000.0
}
