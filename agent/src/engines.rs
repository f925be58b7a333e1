//! The engines: what decides when a sample is taken. One file and one row of [`ENGINES`] each.

mod ctimer;
mod itimer;

use std::io;

use sampler::state::Sampler;

use crate::facts::Facts;
use crate::options::EngineName;
use crate::os::{self, SignalHandler};
use crate::threads::Timers;

/// Whether an engine can work here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Support {
    /// It can, with this signal.
    Yes {
        /// The signal that its timers send.
        signal: i32,
    },
    /// It cannot; the text says why and what to do.
    No(String),
}

/// A row of the table.
pub struct Engine {
    /// Value of `pyroscope.profiler.event`, and of the setting `event` in a recording.
    pub name: EngineName,
    /// What the interval counts.
    pub unit: &'static str,
    /// Whether it can work here. Pure.
    pub support: fn(&Facts) -> Support,
    /// Whose timers send the signal.
    pub timers: fn(signal: i32) -> Timers,
    /// The handler of its signal.
    pub handler: SignalHandler,
    /// Sets the process-wide part going, if there is one.
    pub begin: fn(interval_ns: u64) -> io::Result<()>,
    /// Ends the process-wide part.
    pub end: fn(),
}

/// All engines.
pub const ENGINES: &[Engine] = &[ctimer::ENGINE, itimer::ENGINE];

/// The row of an engine.
pub fn engine(name: EngineName) -> Option<&'static Engine> {
    ENGINES.iter().find(|engine| engine.name == name)
}

/// An engine whose handler is installed; dropping it stops it.
pub struct Running {
    engine: &'static Engine,
    signal: i32,
}

impl Running {
    /// Installs the handler, keeping what was there for signals that are not ours. Nothing may send the signal before:
    /// its default action ends the process.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn install(engine: &'static Engine, signal: i32, sampler: &'static Sampler) -> io::Result<Self> {
        use std::sync::atomic::Ordering;
        let before = os::disposition(signal)?;
        sampler.previous_takes_info.store(before.takes_info, Ordering::Relaxed);
        sampler.previous_handler.store(before.handler, Ordering::Release);
        os::install_handler(signal, engine.handler)?;
        Ok(Self { engine, signal })
    }

    /// Sets the process-wide part going, if the engine has one.
    ///
    /// # Errors
    /// What the kernel says.
    pub fn begin(&self, interval_ns: u64) -> io::Result<()> {
        (self.engine.begin)(interval_ns)
    }

    /// Whether our handler is still the one that is installed.
    pub fn is_installed(&self) -> bool {
        os::disposition(self.signal).is_ok_and(|action| action.handler == self.engine.handler as usize)
    }
}

impl Drop for Running {
    /// The handler stays installed for ever: a late signal with the default disposition would kill the process.
    fn drop(&mut self) {
        (self.engine.end)();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_engine_has_its_own_name_and_a_unit() {
        for (index, row) in ENGINES.iter().enumerate() {
            assert!(!row.unit.is_empty());
            assert!(ENGINES[..index].iter().all(|other| other.name != row.name));
            assert!(engine(row.name).is_some());
        }
    }
}
