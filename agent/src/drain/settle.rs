//! What no sample has charged, and the frames that say so.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use sampler::clock;

use super::{Drain, gone};
use crate::accounts::Readings;
use crate::fold::ThreadKey;
use crate::fold::frames::FrameId;
use crate::threads::{ThreadName, Timers, Unsampled};

/// A thread that owes more than this many intervals is not reached by our signal: it blocks the signal, has no timer, or
/// always runs between two ticks,
const UNSAMPLED_AFTER_INTERVALS: u64 = 20;
/// and more than this many ticks: timers on CPU clocks fire no finer.
const UNSAMPLED_AFTER_TICKS: u64 = 25;

/// Why CPU time has no stack, as its frame says it.
const DROPPED: &str = "sample dropped";
const ENDED: &str = "thread ended";
const LATE: &str = "before the thread was found";
const NOT_SAMPLED: &str = "not sampled: no timer of ours met the thread while it ran";

impl Drain<'_> {
    /// Charges what no sample has charged: samples that were dropped, threads that no signal reaches, and threads that
    /// are gone.
    pub(super) fn settle(&mut self, last: bool) {
        if self.parts.sampler.settings.empty_handler {
            return;
        }
        self.show_dropped();
        let timers = (self.parts.plan.engine.timers)(self.parts.plan.signal);
        if timers != Timers::None {
            self.balance(last);
        }
    }

    fn balance(&mut self, last: bool) {
        // The process first: threads that run on meanwhile then owe more, never less.
        let mut now =
            Readings { process_ns: clock::process_cpu_ns(), own_ns: self.parts.own.cpu_ns(), ..Readings::default() };
        let settings = self.parts.sampler.settings;
        let limit_ns = (UNSAMPLED_AFTER_INTERVALS * settings.interval_ns).max(UNSAMPLED_AFTER_TICKS * settings.tick_ns);
        for late in self.parts.threads.take_late() {
            self.show_unsampled(&late, LATE);
        }
        for unsampled in self.parts.threads.take_unsampled(limit_ns as i64) {
            self.show_unsampled(&unsampled, NOT_SAMPLED);
        }
        let handler = &self.parts.sampler.counters;
        now.charged_ns = handler.charged_ns.load(Ordering::Relaxed) + handler.dropped_ns.load(Ordering::Relaxed);
        now.owed_ns = if last { 0 } else { self.parts.threads.uncharged_ns() };
        let ended = self.accounts.take_ended(now, settings.interval_ns);
        self.show(ThreadKey::Ended, gone, ended, |naming| vec![naming.frames.pseudo(ENDED)]);
    }

    /// Shows the CPU time of dropped samples, which the handler has charged already.
    fn show_dropped(&mut self) {
        let dropped_ns = self.parts.sampler.counters.dropped_ns.load(Ordering::Relaxed);
        let interval_ns = self.parts.plan.interval_ns;
        let intervals = dropped_ns.saturating_sub(self.shown_dropped_ns) / interval_ns;
        self.shown_dropped_ns += intervals * interval_ns;
        let weight = u32::try_from(intervals).unwrap_or(u32::MAX);
        self.show(ThreadKey::Ended, gone, weight, |naming| vec![naming.frames.pseudo(DROPPED)]);
    }

    fn show_unsampled(&mut self, unsampled: &Unsampled, reason: &str) {
        self.accounts.settle(u64::from(unsampled.intervals) * self.parts.plan.interval_ns);
        let thread = &unsampled.thread;
        self.show(
            ThreadKey::Tid(thread.tid),
            || Arc::clone(thread),
            unsampled.intervals,
            |naming| vec![naming.frames.pseudo(reason), naming.thread_root(thread)],
        );
    }

    fn show(
        &mut self,
        key: ThreadKey,
        thread: impl FnOnce() -> Arc<ThreadName>,
        weight: u32,
        stack: impl FnOnce(&mut super::Naming) -> Vec<FrameId>,
    ) {
        if weight > 0 {
            let stack = stack(&mut self.naming);
            self.fold.add(clock::monotonic_ns(), key, thread, &stack, weight);
        }
    }
}
