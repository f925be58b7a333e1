//! `itimer`: one timer on the CPU clock of the whole process (setitimer(2), ITIMER_PROF), as the incumbent's default.
//!
//! The kernel delivers at most one signal a tick, to a thread of its choice, so with many busy threads shares are biased;
//! the weights keep the total right.

use super::{Engine, Support};
use crate::facts::Facts;
use crate::log;
use crate::options::EngineName;
use crate::os;
use crate::threads::Timers;

/// The row.
pub const ENGINE: Engine = Engine {
    name: EngineName::Itimer,
    unit: "nanoseconds of the process's CPU time",
    support,
    timers: |_signal| Timers::None,
    handler: sampler::handler::on_signal_process_timer,
    begin: os::set_process_timer,
    end: || {
        if let Err(error) = os::set_process_timer(0) {
            log::warn(format_args!("the process timer could not be stopped: {error}"));
        }
    },
};

fn support(facts: &Facts) -> Support {
    if facts.profiling_signal_free {
        Support::Yes { signal: libc::SIGPROF }
    } else {
        Support::No("SIGPROF, the only signal of the process timer, has a handler of someone else".into())
    }
}
