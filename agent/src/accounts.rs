//! The books on CPU time: what the process used, what samples have charged, and what is left for a named frame.
//!
//! The kernel counts the CPU time of every thread of the process, those included that lived too short to be sampled or
//! to be seen at all. What it counts and no sample has charged, and no live thread still owes, was used by threads that
//! are gone. So the sum of all samples is the process's CPU time to within an interval, whatever threads do.

use std::sync::Mutex;

use crate::os;

/// Readings of the clocks, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Readings {
    /// CPU time of the process.
    pub process_ns: u64,
    /// CPU time of our own threads.
    pub own_ns: u64,
    /// CPU time that samples have charged, dropped ones included.
    pub charged_ns: u64,
    /// CPU time that live threads have used and no sample has charged.
    pub owed_ns: i64,
}

/// The books.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    opening: Readings,
    /// CPU time charged to pseudo-frames, nanoseconds.
    pub settled_ns: u64,
}

impl Accounts {
    /// Opens the books: what was used until now is not shown.
    pub fn open(now: Readings) -> Self {
        Self { opening: now, settled_ns: 0 }
    }

    /// CPU time of the process before sampling began.
    pub fn before_arming_ns(&self) -> u64 {
        self.opening.process_ns
    }

    /// Notes CPU time that was charged to a pseudo-frame.
    pub fn settle(&mut self, ns: u64) {
        self.settled_ns += ns;
    }

    /// Whole intervals of CPU time that only threads that are gone can have used; they are settled by this call. A
    /// negative balance (a sample charges its interval a little early) is carried.
    pub fn take_ended(&mut self, now: Readings, interval_ns: u64) -> u32 {
        let used = now.process_ns.saturating_sub(self.opening.process_ns);
        let own = now.own_ns.saturating_sub(self.opening.own_ns);
        let charged = now.charged_ns.saturating_sub(self.opening.charged_ns) + self.settled_ns;
        let left = i128::from(used) - i128::from(own) - i128::from(charged) - i128::from(now.owed_ns);
        let intervals = u64::try_from(left).unwrap_or(0) / interval_ns.max(1);
        self.settle(intervals * interval_ns);
        u32::try_from(intervals).unwrap_or(u32::MAX)
    }
}

/// Our own threads, whose CPU time is nobody else's.
#[derive(Default)]
pub struct OwnThreads(Mutex<Vec<i32>>);

impl OwnThreads {
    /// Adds a thread.
    pub fn add(&self, tid: i32) {
        let mut tids = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if !tids.contains(&tid) {
            tids.push(tid);
        }
    }

    /// CPU time of those that live. Ours live as long as the process, but for the ones that a library starts to look up
    /// names; what those have used is then shown as of an ended thread.
    pub fn cpu_ns(&self) -> u64 {
        let tids = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        tids.iter().filter_map(|tid| os::thread_cpu_ns(*tid)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: u64 = 10;

    fn readings(process_ns: u64, own_ns: u64, charged_ns: u64, owed_ns: i64) -> Readings {
        Readings { process_ns, own_ns, charged_ns, owed_ns }
    }

    #[test]
    fn what_nobody_charged_and_nobody_owes_is_of_ended_threads_once() {
        let mut accounts = Accounts::open(readings(1_000, 50, 0, 0));
        // 500 used, 20 of it by us, 300 charged, 45 owed: 135 are left.
        let now = readings(1_500, 70, 300, 45);
        assert_eq!(accounts.take_ended(now, INTERVAL), 13);
        assert_eq!(accounts.take_ended(now, INTERVAL), 0);
        assert_eq!(accounts.settled_ns, 130);
    }

    #[test]
    fn a_negative_balance_is_carried() {
        let mut accounts = Accounts::open(readings(0, 0, 0, 0));
        assert_eq!(accounts.take_ended(readings(100, 0, 115, 0), INTERVAL), 0);
        assert_eq!(accounts.take_ended(readings(140, 0, 115, 0), INTERVAL), 2);
    }
}
