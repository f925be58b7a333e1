//! `ctimer`: POSIX timers on every thread's own CPU clock. The default, because each thread is sampled in proportion to
//! its own CPU time, however many there are.

use super::{Engine, Support};
use crate::facts::Facts;
use crate::options::EngineName;
use crate::threads::Timers;

/// The row.
pub const ENGINE: Engine = Engine {
    name: EngineName::Ctimer,
    unit: "nanoseconds of the thread's CPU time",
    support,
    timers: |signal| Timers::PerThread { signal },
    handler: sampler::handler::on_signal_timer,
    begin: |_interval_ns| Ok(()),
    end: || {},
};

fn support(facts: &Facts) -> Support {
    if let Some(reason) = &facts.timer_refusal {
        return Support::No(format!("the system refuses timers on CPU clocks ({reason})"));
    }
    match facts.free_signals.first() {
        Some(signal) => Support::Yes { signal: *signal },
        None => Support::No(
            "every signal that its timers could use (SIGSTKFLT, SIGVTALRM, SIGPWR) has a handler of someone else"
                .into(),
        ),
    }
}
