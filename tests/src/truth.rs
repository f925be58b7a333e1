//! What a test program printed about itself.

use std::collections::BTreeMap;
use std::str::FromStr;

use anyhow::Context;

/// The `truth key=value` lines of a program; a later line replaces an earlier one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Truth(BTreeMap<String, String>);

impl Truth {
    /// Reads the lines of a program's standard output.
    pub fn parse(stdout: &[String]) -> Truth {
        let pairs = stdout.iter().filter_map(|line| line.strip_prefix("truth ")?.split_once('='));
        Truth(pairs.map(|(key, value)| (key.to_owned(), value.to_owned())).collect())
    }

    /// The value of a key, parsed.
    pub fn get<T: FromStr>(&self, key: &str) -> anyhow::Result<T>
    where
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        let value = self.0.get(key).with_context(|| format!("the program printed no `truth {key}=`"))?;
        value.parse().with_context(|| format!("truth {key}={value} cannot be read"))
    }

    /// A time in nanoseconds.
    pub fn ns(&self, key: &str) -> anyhow::Result<f64> {
        self.get::<u64>(key).map(|value| value as f64)
    }
}

/// One note of a thread's own CPU clock: `clock EPOCH_NANOS CPU_NANOS`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClockNote {
    /// Wall-clock time since the epoch.
    pub epoch_ns: u64,
    /// The thread's CPU clock at that time.
    pub cpu_ns: u64,
}

/// The clock notes of a program, in the order in which it took them.
pub fn clock_notes(stdout: &[String]) -> Vec<ClockNote> {
    let note = |line: &String| {
        let (epoch, cpu) = line.strip_prefix("clock ")?.split_once(' ')?;
        Some(ClockNote { epoch_ns: epoch.parse().ok()?, cpu_ns: cpu.parse().ok()? })
    };
    stdout.iter().filter_map(note).collect()
}

/// The CPU clock at a wall-clock time, interpolated between notes; `None` outside of them.
pub fn cpu_at(notes: &[ClockNote], epoch_ns: u64) -> Option<f64> {
    let after = notes.partition_point(|note| note.epoch_ns < epoch_ns);
    let next = notes.get(after)?;
    if next.epoch_ns == epoch_ns {
        return Some(next.cpu_ns as f64);
    }
    let previous = notes.get(after.checked_sub(1)?)?;
    let part = (epoch_ns - previous.epoch_ns) as f64 / (next.epoch_ns - previous.epoch_ns) as f64;
    Some(previous.cpu_ns as f64 + part * (next.cpu_ns - previous.cpu_ns) as f64)
}

#[cfg(test)]
mod tests {
    use super::{Truth, clock_notes, cpu_at};

    #[test]
    fn truths_are_read_and_the_last_one_counts() {
        let lines = ["hello", "truth a=1", "truth b=x=y", "truth a=2"].map(str::to_owned);
        let truth = Truth::parse(&lines);
        assert_eq!(truth.get::<u64>("a").unwrap(), 2);
        assert_eq!(truth.get::<String>("b").unwrap(), "x=y");
        assert!(truth.get::<u64>("b").is_err());
        assert!(truth.get::<u64>("c").unwrap_err().to_string().contains("truth c="));
    }

    #[test]
    fn the_clock_is_interpolated_between_notes_only() {
        let notes = clock_notes(&["clock 100 10", "clock 200 30", "noise", "clock 300 30"].map(str::to_owned));
        assert_eq!(notes.len(), 3);
        assert_eq!(cpu_at(&notes, 150), Some(20.0));
        assert_eq!(cpu_at(&notes, 250), Some(30.0));
        assert_eq!(cpu_at(&notes, 100), Some(10.0));
        assert_eq!(cpu_at(&notes, 99), None);
        assert_eq!(cpu_at(&notes, 301), None);
    }
}
