//! The policy: options and facts to one plan. Pure; every choice, default and limit that depends on the machine is here.

use std::fmt;

use crate::engines::{self, Engine, Support};
use crate::facts::Facts;
use crate::log::Level;
use crate::options::{EngineName, Options};

/// The oldest JDK that is supported: JVMTI's SampledObjectAlloc and a walker that is still mended begin there.
pub const OLDEST_JDK: u32 = 11;

/// Java frames to walk: what the server shows, and one more to know that there were more.
const MOST_FRAMES: u32 = crate::fold::stack::MAX_FRAMES as u32 + 1;

/// Ring space for a sample, in 64-bit words: 100 Java frames and 50 native ones.
const RING_WORDS_PER_SAMPLE: usize = 256;
/// Seconds of sampling on all processors that the ring holds. The drain looks ten times a second, and may once be busy with
/// a table or with the classes of a large application.
const RING_SECONDS: usize = 1;
/// The smallest ring: 256 KiB.
const RING_WORDS_LEAST: usize = 32 * 1024;
/// The largest ring: 16 MiB of address space, touched as far as samples come faster than the drain.
const RING_WORDS_MOST: usize = 2 * 1024 * 1024;

/// Threads that can be registered at the same time; 192 bytes of address space each, touched when used.
const MOST_THREADS: usize = 1 << 16;

/// What the agent will do.
pub struct Plan {
    /// The CPU engine.
    pub engine: &'static Engine,
    /// Its signal.
    pub signal: i32,
    /// Samples for each second of CPU time; the server scales by this whole number.
    pub rate_hz: u32,
    /// CPU time between samples: exactly `1e9 / rate_hz`.
    pub interval_ns: u64,
    /// Java frames to ask for.
    pub depth: u32,
    /// Size of the ring in 64-bit words, a power of two.
    pub ring_words: usize,
    /// Number of frame buffers.
    pub frame_buffers: usize,
    /// Number of thread slots.
    pub slots: usize,
    /// Upper bound of the random delay after a tick.
    pub tick_ns: u64,
    /// What the user should know about the choices.
    pub notes: Vec<Note>,
}

/// A line about a choice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// How loud.
    pub level: Level,
    /// What.
    pub text: String,
}

/// Why there can be no profiling here.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The JVM is not HotSpot.
    #[error("this JVM ({0}) is not HotSpot; Pyrite needs an OpenJDK-based JVM, JDK {OLDEST_JDK} or later")]
    NotHotSpot(String),
    /// The JDK is too old.
    #[error("this is JDK {0}; Pyrite needs JDK {OLDEST_JDK} or later")]
    TooOld(u32),
    /// The processor is not supported.
    #[error("this processor architecture ({0}) is not supported yet; Pyrite runs on x86-64")]
    Architecture(&'static str),
    /// No engine works.
    #[error("no CPU engine works here: {0}")]
    NoEngine(String),
}

/// Makes the plan. `event_is_set` says whether the user named an engine.
///
/// # Errors
/// When nothing can be profiled here; the text says what would have to change.
pub fn plan(options: &Options, event_is_set: bool, facts: &Facts) -> Result<Plan, PlanError> {
    if !cfg!(target_arch = "x86_64") {
        return Err(PlanError::Architecture(std::env::consts::ARCH));
    }
    if !facts.has_call_trace {
        return Err(PlanError::NotHotSpot(facts.vm_name.clone()));
    }
    if facts.feature < OLDEST_JDK {
        return Err(PlanError::TooOld(facts.feature));
    }
    let mut notes = Vec::new();
    let wanted = if event_is_set { options.event } else { EngineName::Ctimer };
    let (engine, signal) = choose_engine(wanted, facts, &mut notes)?;
    let rate_hz = rate(options.interval_ns);
    note_profilers(facts, &mut notes);
    Ok(Plan {
        engine,
        signal,
        rate_hz,
        interval_ns: 1_000_000_000 / u64::from(rate_hz),
        depth: options.stack_depth_max.saturating_add(1).min(MOST_FRAMES),
        ring_words: (facts.processors * rate_hz as usize * RING_WORDS_PER_SAMPLE * RING_SECONDS)
            .clamp(RING_WORDS_LEAST, RING_WORDS_MOST)
            .next_power_of_two(),
        frame_buffers: (facts.processors * 2).clamp(8, 256),
        slots: MOST_THREADS,
        tick_ns: facts.tick_ns,
        notes,
    })
}

/// The wanted engine, or the first other one that works.
fn choose_engine(
    wanted: EngineName,
    facts: &Facts,
    notes: &mut Vec<Note>,
) -> Result<(&'static Engine, i32), PlanError> {
    let first = engines::engine(wanted);
    if first.is_none() {
        let text = format!(
            "pyroscope.profiler.event={} is not part of this version; CPU time is sampled by ctimer instead",
            wanted.as_str()
        );
        notes.push(Note { level: Level::Info, text });
    }
    let mut reasons = Vec::new();
    let others = engines::ENGINES.iter().filter(|engine| Some(engine.name) != first.map(|first| first.name));
    for engine in first.into_iter().chain(others) {
        match (engine.support)(facts) {
            Support::Yes { signal } => {
                if !reasons.is_empty() {
                    let text = format!("engine {} is used instead: {}", engine.name.as_str(), reasons.join("; "));
                    notes.push(Note { level: Level::Warn, text });
                }
                return Ok((engine, signal));
            }
            Support::No(reason) => reasons.push(format!("{}: {reason}", engine.name.as_str())),
        }
    }
    Err(PlanError::NoEngine(reasons.join("; ")))
}

/// The whole number of samples a second that comes nearest to an interval, at least 1: the server multiplies counts by
/// `1e9 / rate`, in whole nanoseconds.
fn rate(interval_ns: u64) -> u32 {
    let interval_ns = interval_ns.max(1);
    let rate = (1_000_000_000 + interval_ns / 2) / interval_ns;
    u32::try_from(rate).unwrap_or(u32::MAX).max(1)
}

fn note_profilers(facts: &Facts, notes: &mut Vec<Note>) {
    if !facts.other_profilers.is_empty() {
        let text = format!(
            "another profiler is loaded in this process ({}); each will see the other's cost. If one crashes the JVM, keep only one",
            facts.other_profilers.join(", ")
        );
        notes.push(Note { level: Level::Warn, text });
    }
}

impl fmt::Display for Plan {
    /// The plan in one line, for the log. It holds no secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "engine {} (signal {}), every {} us of CPU time, stacks of up to {} Java frames, ring of {} KiB",
            self.engine.name.as_str(),
            self.signal,
            self.interval_ns / 1_000,
            self.depth - 1,
            self.ring_words * 8 / 1024,
        )
    }
}

#[cfg(test)]
mod tests;
