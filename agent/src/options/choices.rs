//! The options whose values are words from a fixed list.

/// An option value that is one of a few words.
pub trait Choice: Copy + 'static {
    /// Every accepted word with its meaning. The first word for a meaning is the one that is shown.
    const NAMES: &'static [(&'static str, Self)];

    /// The meaning of `text`, which is compared without regard to case.
    fn parse(text: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(name, _)| name.eq_ignore_ascii_case(text)).map(|&(_, value)| value)
    }
}

/// What decides when a sample is taken, as `pyroscope.profiler.event` names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EngineName {
    /// One timer on the CPU time of the whole process (`setitimer(ITIMER_PROF)`, signal SIGPROF).
    Itimer,
    /// A timer for each thread on that thread's CPU clock.
    Ctimer,
    /// perf_events for each thread, with kernel frames where they are allowed.
    Cpu,
    /// Wall clock time of all threads, running or not.
    Wall,
    /// Allocations alone.
    Alloc,
    /// Lock contention alone.
    Lock,
}

impl EngineName {
    /// The word for this engine in options, logs and the recording's settings.
    pub fn as_str(self) -> &'static str {
        name_of(self)
    }
}

impl Choice for EngineName {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("itimer", EngineName::Itimer),
        ("ctimer", EngineName::Ctimer),
        ("cpu", EngineName::Cpu),
        ("wall", EngineName::Wall),
        ("alloc", EngineName::Alloc),
        ("lock", EngineName::Lock),
    ];
}

/// Whether and where a Java thread's name appears (`pyroscope.thread.names`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ThreadNames {
    /// Nowhere.
    Off,
    /// As the root frame of each stack trace.
    Frame,
    /// As a label on each sample.
    Label,
}

impl Choice for ThreadNames {
    const NAMES: &'static [(&'static str, Self)] =
        &[("off", ThreadNames::Off), ("frame", ThreadNames::Frame), ("label", ThreadNames::Label)];
}

/// The profile that waits for `java.util.concurrent` locks are filed under (`pyroscope.lock.juc`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockJuc {
    /// `block:*`, where pyroscope-java's users find them.
    Block,
    /// `mutex:*`, beside the monitors.
    Mutex,
}

impl Choice for LockJuc {
    const NAMES: &'static [(&'static str, Self)] = &[("block", LockJuc::Block), ("mutex", LockJuc::Mutex)];
}

/// What the signal handler does (`pyroscope.test.handler`), to measure its cost against that of signals alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TestHandler {
    /// Takes samples.
    Normal,
    /// Returns at once.
    Empty,
}

impl Choice for TestHandler {
    const NAMES: &'static [(&'static str, Self)] = &[("normal", TestHandler::Normal), ("empty", TestHandler::Empty)];
}

/// The form in which profiles are sent (`pyroscope.format`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// JDK Flight Recorder chunks to `/ingest`.
    Jfr,
}

impl Choice for Format {
    const NAMES: &'static [(&'static str, Self)] = &[("jfr", Format::Jfr)];
}

impl Choice for bool {
    const NAMES: &'static [(&'static str, Self)] = &[
        ("true", true),
        ("false", false),
        ("on", true),
        ("off", false),
        ("yes", true),
        ("no", false),
        ("1", true),
        ("0", false),
    ];
}

impl Choice for crate::log::Level {
    const NAMES: &'static [(&'static str, Self)] = crate::log::Level::NAMES;
}

/// The shown word for `value`.
fn name_of<C: Choice + PartialEq>(value: C) -> &'static str {
    C::NAMES.iter().find(|(_, v)| *v == value).map_or("", |(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_found_whatever_their_case() {
        assert_eq!(EngineName::parse("ITimer"), Some(EngineName::Itimer));
        assert_eq!(EngineName::parse("perf"), None);
        assert_eq!(bool::parse("TRUE"), Some(true));
    }

    #[test]
    fn each_engine_has_a_word() {
        for &(name, engine) in EngineName::NAMES {
            assert_eq!(engine.as_str(), name);
        }
    }
}
