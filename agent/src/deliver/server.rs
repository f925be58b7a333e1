//! What is known about the server, and the few log lines that tell of it: one when it is lost, one when it is back.

use std::collections::BTreeSet;

use tokio::time::Instant;

use crate::log::{Level, Sink};

/// The server's state as the last attempts show it.
pub struct Server {
    address: String,
    log: Sink,
    state: State,
    refused: BTreeSet<u16>,
    is_ending: bool,
}

/// The account at one moment: chunks delivered and lost so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Account {
    /// Chunks that arrived.
    pub delivered: u64,
    /// Chunks that never will.
    pub lost: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Unknown,
    Up,
    Lost { since: Instant, before: Account, answers_again: bool, unreachable: bool },
}

impl Server {
    /// A server of which nothing is known. `address` is shown in the log.
    pub fn new(address: String, log: Sink) -> Self {
        Self { address, log, state: State::Unknown, refused: BTreeSet::new(), is_ending: false }
    }

    /// An attempt failed. Only the first failure in a row is logged.
    pub fn failed(&mut self, reason: &str, unreachable: bool, now: Instant, account: Account) {
        match &mut self.state {
            State::Lost { answers_again, unreachable: last, .. } => {
                *answers_again = false;
                *last = unreachable;
                (self.log)(Level::Debug, &format!("upload to {} failed again: {reason}", self.address));
            }
            State::Unknown | State::Up => {
                self.state = State::Lost { since: now, before: account, answers_again: false, unreachable };
                let outlook = if self.is_ending { "" } else { "; profiles are kept and sent when it succeeds again" };
                let text = format!("upload to {} failed: {reason}{outlook}", self.address);
                (self.log)(Level::Warn, &text);
            }
        }
    }

    /// The server took a chunk.
    pub fn delivered(&mut self) {
        match &mut self.state {
            State::Lost { answers_again, unreachable, .. } => (*answers_again, *unreachable) = (true, false),
            State::Up => {}
            State::Unknown => {
                self.state = State::Up;
                (self.log)(Level::Info, &format!("first profile delivered to {}", self.address));
            }
        }
    }

    /// The server will never take a chunk. Each status is logged once in a process's life; the counters tell how often it happened.
    pub fn refused(&mut self, status: u16, reason: &str) {
        if let State::Lost { answers_again, unreachable, .. } = &mut self.state {
            (*answers_again, *unreachable) = (true, false);
        }
        let level = if self.refused.insert(status) { Level::Warn } else { Level::Debug };
        (self.log)(level, &format!("{} refused a profile, which is dropped: {reason}", self.address));
    }

    /// Nothing waits any more: the moment to say that an outage is over, with all that came of it.
    pub fn caught_up(&mut self, now: Instant, account: Account) {
        let State::Lost { since, before, answers_again: true, .. } = self.state else {
            return;
        };
        self.state = State::Up;
        let outage = std::time::Duration::from_secs(now.saturating_duration_since(since).as_secs());
        let text = format!(
            "{} is back after {}: {} profiles delivered, {} dropped",
            self.address,
            humantime::format_duration(outage),
            account.delivered - before.delivered,
            account.lost - before.lost,
        );
        (self.log)(Level::Info, &text);
    }

    /// From here on nothing is tried again, so no line promises it.
    pub fn ends(&mut self) {
        self.is_ending = true;
    }

    /// True when nobody answered the last attempt.
    pub fn is_unreachable(&self) -> bool {
        matches!(self.state, State::Lost { unreachable: true, .. })
    }
}

#[cfg(test)]
mod tests;
