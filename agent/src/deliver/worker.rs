//! The delivery loop: takes chunks in, sends the newest, waits after failures, and ends when it is told to. Runs on one thread and never
//! sees a sample.

use std::collections::BTreeSet;
use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::log::Level;
use crate::redact::Secret;

use super::backoff::Backoff;
use super::counters::{DeliverCounter as Counter, DeliverCounters};
use super::form;
use super::http::Transport;
use super::plan::{ChunkUpload, DeliverPlan};
use super::queue::Queue;
use super::server::{Account, Server};
use super::shared::Shared;
use super::verdict::{Reply, SendError, Verdict, judge};

/// Longest wait for a connection once the JVM is ending.
const CONNECT_AT_EXIT: Duration = Duration::from_millis(250);
/// Wait after a panic of ours, so that a lasting cause does not spin.
const PAUSE_AFTER_PANIC: Duration = Duration::from_secs(1);

/// Drops that are worth a line when they happen for the first time.
const DROPS: &[(Counter, &str)] = &[
    (Counter::DroppedFull, "the queue is full and the oldest goes; pyroscope.queue.bytes makes it larger"),
    (Counter::DroppedOld, "the server takes nothing that is older than an hour"),
    (Counter::DroppedTries, "one failed as often as pyroscope.ingest.max.tries allows"),
];

/// Everything that the delivery thread owns.
pub struct Worker<T> {
    plan: DeliverPlan,
    transport: Arc<T>,
    shared: Arc<Shared>,
    counters: Arc<DeliverCounters>,
    queue: Queue,
    backoff: Backoff,
    server: Server,
    series_name: String,
    secrets: Vec<Secret>,
    /// No attempt before this time.
    not_before: Option<Instant>,
    /// When to give up, once the end has been asked for.
    deadline: Option<Instant>,
    /// A chunk that is being packed, for the account if packing panics.
    packing: u64,
    /// Reasons for drops that the log has told of.
    said: BTreeSet<&'static str>,
}

impl<T: Transport> Worker<T> {
    /// A worker with nothing to do.
    pub fn new(plan: DeliverPlan, transport: T, shared: Arc<Shared>, counters: Arc<DeliverCounters>) -> Self {
        Self {
            queue: Queue::new(plan.queue_bytes, plan.queue_capacity),
            backoff: Backoff::default(),
            server: Server::new(plan.server.to_string(), plan.log.clone()),
            series_name: form::series_name(&plan.application_name, &plan.labels),
            secrets: plan.secrets(),
            not_before: None,
            deadline: None,
            packing: 0,
            said: BTreeSet::new(),
            transport: Arc::new(transport),
            plan,
            shared,
            counters,
        }
    }

    /// Delivers until the end is asked for. After a panic it may be called again: nothing that is counted is kept in the future itself.
    pub async fn run(&mut self) {
        loop {
            self.take_in();
            if let Some(deadline) = self.deadline {
                self.last_attempts(deadline).await;
                return;
            }
            let now = Instant::now();
            self.count_dropped(Counter::DroppedOld, |queue| queue.drop_old(now));
            if self.queue.is_empty() {
                self.server.caught_up(now, self.account());
                self.shared.wake.notified().await;
            } else if let Some(until) = self.not_before.filter(|until| *until > now) {
                tokio::select! {
                    () = self.shared.wake.notified() => {}
                    () = sleep_until(until) => self.not_before = None,
                }
            } else {
                self.attempt().await;
            }
        }
    }

    /// Says and counts a panic, and gives up the chunk that was at hand: it may be the cause.
    pub fn after_panic(&mut self, what: &str) {
        self.counters.add(Counter::Panics, 1);
        let lost = std::mem::take(&mut self.packing) + u64::from(self.queue.settle().is_some());
        self.counters.add(Counter::DroppedByPanic, lost);
        self.show_queue();
        self.not_before = Some(Instant::now() + PAUSE_AFTER_PANIC);
        let level = if self.counters.get(Counter::Panics) == 1 { Level::Error } else { Level::Debug };
        (self.plan.log)(
            level,
            &format!("delivery failed in itself and goes on without {lost} profile(s); please report: {what}"),
        );
    }

    /// Drops what is left, for the end.
    pub fn abandon(&mut self) {
        let dropped = self.queue.drop_all() + self.shared.take_in().len() as u64;
        if dropped > 0 {
            self.count_dropped(Counter::DroppedAtExit, |_| dropped);
            (self.plan.log)(Level::Warn, &format!("{dropped} profile(s) could not be delivered before the JVM's end"));
        }
    }

    /// Moves what was offered into the queue, compressed, and learns whether the end was asked for.
    fn take_in(&mut self) {
        for chunk in self.shared.take_in() {
            self.packing = 1;
            let packed = self.pack(chunk);
            self.packing = 0;
            self.count_dropped(Counter::DroppedFull, |queue| queue.push(packed));
        }
        if self.deadline.is_none() {
            self.deadline = self.shared.finishing().map(|allowed| Instant::now() + allowed);
            if self.deadline.is_some() {
                self.server.ends();
            }
        }
    }

    fn pack(&self, chunk: ChunkUpload) -> super::queue::Packed {
        let (jfr, labels) = (self.plan.compression_level_jfr, self.plan.compression_level_labels);
        form::pack(chunk, jfr, labels, Instant::now())
    }

    /// Sends the newest chunk and does what the answer demands.
    async fn attempt(&mut self) {
        let Some(packed) = self.queue.start_newest() else {
            return;
        };
        let url = form::ingest_url(self.plan.server.url(), &self.series_name, &packed);
        let connected = Arc::new(AtomicBool::new(false));
        let transport = self.transport.clone();
        let sending = pin!(transport.send(url, form::parts(&packed), connected.clone()));
        let outcome = self.outcome(sending, &connected).await;
        match judge(outcome, &self.secrets) {
            Verdict::Delivered => self.delivered(),
            Verdict::Refused { status, reason } => {
                self.queue.settle();
                self.counters.add(Counter::Refused, 1);
                self.backoff.succeed();
                self.server.refused(status, &reason);
            }
            Verdict::Retry { asked, counts, unreachable, reason } => {
                self.server.failed(&reason, unreachable, Instant::now(), self.account());
                self.retry_later(packed.tries + u32::from(counts), asked);
            }
        }
        self.show_queue();
    }

    /// Waits for the answer, taking chunks in meanwhile. Once the end is asked for, a connection must stand within a moment and the answer
    /// come before the deadline.
    async fn outcome(
        &mut self,
        mut sending: std::pin::Pin<&mut impl Future<Output = Result<Reply, SendError>>>,
        connected: &AtomicBool,
    ) -> Result<Reply, SendError> {
        let shared = self.shared.clone();
        let mut connect_limit = None;
        loop {
            let is_connected = connected.load(Ordering::Relaxed);
            let limit = self.deadline.map(|deadline| {
                let connect = *connect_limit.get_or_insert_with(|| Instant::now() + CONNECT_AT_EXIT);
                if is_connected { deadline } else { deadline.min(connect) }
            });
            tokio::select! {
                outcome = &mut sending => return outcome,
                () = shared.wake.notified() => self.take_in(),
                () = sleep_until(limit.unwrap_or_else(Instant::now)), if limit.is_some() => {
                    if is_connected || !connected.load(Ordering::Relaxed) {
                        return Err(SendError { before_connected: !is_connected, reason: "no answer before the JVM's end".to_owned() });
                    }
                }
            }
        }
    }

    fn delivered(&mut self) {
        self.backoff.succeed();
        self.server.delivered();
        let bytes = self.queue.settle().map_or(0, |packed| packed.bytes());
        self.counters.add(Counter::Delivered, 1);
        self.counters.add(Counter::BytesDelivered, bytes);
    }

    fn retry_later(&mut self, tries: u32, asked: Option<Duration>) {
        self.counters.add(Counter::FailedAttempts, 1);
        if self.plan.max_tries.is_some_and(|most| tries >= most) {
            self.queue.settle();
            self.count_dropped(Counter::DroppedTries, |_| 1);
        } else {
            self.count_dropped(Counter::DroppedFull, |queue| queue.put_back(tries));
        }
        self.not_before = Some(Instant::now() + self.backoff.fail(&*self.plan.jitter, asked));
    }

    /// The end: one attempt for each chunk, newest first, as long as they succeed and there is time. None at all when nobody answered the
    /// last one.
    async fn last_attempts(&mut self, deadline: Instant) {
        while !self.queue.is_empty() && !self.server.is_unreachable() && Instant::now() < deadline {
            let failures = self.counters.get(Counter::FailedAttempts);
            self.attempt().await;
            if self.counters.get(Counter::FailedAttempts) != failures {
                break;
            }
        }
        self.server.caught_up(Instant::now(), self.account());
        self.abandon();
    }

    fn account(&self) -> Account {
        Account { delivered: self.counters.get(Counter::Delivered), lost: self.counters.lost() }
    }

    fn count_dropped(&mut self, reason: Counter, change: impl FnOnce(&mut Queue) -> u64) {
        let dropped = change(&mut self.queue);
        self.counters.add(reason, dropped);
        self.show_queue();
        let why = DROPS.iter().find(|(counter, _)| *counter == reason).filter(|_| dropped > 0);
        if let Some((_, why)) = why.filter(|(_, why)| self.said.insert(why)) {
            (self.plan.log)(
                Level::Warn,
                &format!("profiles are dropped from now on, which is counted but not said again: {why}"),
            );
        }
    }

    fn show_queue(&self) {
        self.counters.set(Counter::QueueBytes, self.queue.bytes());
        self.counters.set(Counter::QueueChunks, self.queue.chunks());
    }
}

#[cfg(test)]
mod tests;
