//! From finished chunks to the server: one thread of ours that compresses, queues, sends and retries. It never touches the application's
//! threads, files or heap, and every chunk ends in exactly one row of [`DeliverCounters`].
//!
//! ```text
//! offer ▶ inbox ▶ pack ▶ queue ▶ HTTP ▶ verdict ─▶ delivered | refused | dropped, counted
//!                          ▲──── back-off ◀──┘
//! ```
//!
//! Not here: what a chunk contains, and when one ends.

use std::any::Any;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use tokio::runtime::Runtime;

mod backoff;
mod counters;
mod form;
mod http;
mod plan;
mod queue;
mod server;
mod shared;
mod verdict;
mod worker;

pub use counters::{DELIVER_COUNTERS, DeliverCounter, DeliverCounters};
pub use plan::{Authorization, ChunkUpload, DeliverPlan, Jitter};

use http::{Http, Transport};
use shared::Shared;
use worker::Worker;

/// Called on each thread that delivery starts, before it does anything: its own, and one that looks host names up.
pub type OnThreadStart = Arc<dyn Fn() + Send + Sync>;

/// More panics than this, and delivery is broken for good.
const MAX_PANICS: u64 = 100;
/// The thread that looks host names up is kept once it exists: its id marks it as ours, and must not pass to another
/// thread.
const DNS_THREAD_KEPT: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
/// What [`Deliverer::finish`] waits beyond its deadline for the thread to count what is left.
const GRACE: Duration = Duration::from_millis(50);

/// The running delivery. Dropping it abandons what waits, without a wait.
pub struct Deliverer {
    shared: Arc<Shared>,
    counters: Arc<DeliverCounters>,
    max_bytes: u64,
}

/// What [`Deliverer::finish`] achieved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FinishOutcome {
    /// Chunks delivered since the call.
    pub delivered: u64,
    /// Chunks that were left and are lost.
    pub dropped: u64,
}

impl Deliverer {
    /// Starts the thread `pyrite-deliver`. Opens no connection and reads no file until the first chunk is there.
    ///
    /// # Errors
    ///
    /// The thread or its event loop could not be made: the limit of processes or of open files is reached.
    pub fn start(
        plan: DeliverPlan,
        counters: Arc<DeliverCounters>,
        on_thread_start: OnThreadStart,
    ) -> io::Result<Deliverer> {
        let transport = Http::new(&plan);
        Self::start_with(plan, transport, counters, on_thread_start)
    }

    fn start_with<T: Transport + Send + 'static>(
        plan: DeliverPlan,
        transport: T,
        counters: Arc<DeliverCounters>,
        on_thread_start: OnThreadStart,
    ) -> io::Result<Deliverer> {
        let shared = Arc::new(Shared::default());
        let runtime = runtime(on_thread_start.clone())?;
        let deliverer = Deliverer { shared: shared.clone(), counters: counters.clone(), max_bytes: plan.queue_bytes };
        thread::Builder::new().name("pyrite-deliver".to_owned()).spawn(move || {
            let _end = EndOnDrop(shared.clone());
            on_thread_start();
            let mut worker = Worker::new(plan, transport, shared, counters.clone());
            run(&runtime, &mut worker, &counters);
            // A name look-up may hang for a while; nobody waits for it.
            runtime.shutdown_background();
        })?;
        Ok(deliverer)
    }

    /// Hands a chunk over. Never blocks and never fails: what cannot be kept is counted.
    pub fn offer(&self, chunk: ChunkUpload) {
        self.counters.add(DeliverCounter::Offered, 1);
        let offered = self.shared.offer(chunk, self.max_bytes);
        self.counters.add(DeliverCounter::DroppedFull, offered.dropped_full);
        self.counters.add(DeliverCounter::DroppedAtExit, offered.dropped_at_exit);
    }

    /// Delivers what is left within `deadline`, and ends. Returns at once when nothing is left or nobody answered the last attempt. Interrupts
    /// a back-off. A second call waits for the first and finds nothing more to do.
    pub fn finish(&self, deadline: Duration) -> FinishOutcome {
        let delivered_before = self.counters.get(DeliverCounter::Delivered);
        let lost_before = self.counters.lost();
        let limit = Instant::now() + deadline + GRACE;
        self.shared.finish(deadline);
        let ended = self.shared.wait_for_end(limit);
        let left = if ended { 0 } else { self.counters.get(DeliverCounter::QueueChunks) };
        FinishOutcome {
            delivered: self.counters.get(DeliverCounter::Delivered) - delivered_before,
            dropped: self.counters.lost() - lost_before + left,
        }
    }
}

impl Drop for Deliverer {
    fn drop(&mut self) {
        self.shared.finish(Duration::ZERO);
    }
}

/// Tells those who wait in [`Deliverer::finish`] that the thread is gone, however it went.
struct EndOnDrop(Arc<Shared>);

impl Drop for EndOnDrop {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// An event loop on the calling thread. Its only other thread is the one that looks host names up, which stays once it was needed.
fn runtime(on_thread_start: OnThreadStart) -> io::Result<Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(1)
        .thread_keep_alive(DNS_THREAD_KEPT)
        .thread_name("pyrite-dns")
        .on_thread_start(move || on_thread_start())
        .build()
}

/// Runs the worker to its end, through panics.
fn run<T: Transport>(runtime: &Runtime, worker: &mut Worker<T>, counters: &DeliverCounters) {
    while let Err(panic) = catch_unwind(AssertUnwindSafe(|| runtime.block_on(worker.run()))) {
        worker.after_panic(what(&*panic));
        if counters.get(DeliverCounter::Panics) > MAX_PANICS {
            break;
        }
    }
    worker.abandon();
}

/// The message of a panic.
fn what(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("panic without a message")
}

#[cfg(test)]
mod tests;
