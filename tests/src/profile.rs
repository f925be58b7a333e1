//! What the uploads of one run say: CPU samples with their frames as the server renders them, and the agent's own counters.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context, ensure};
use jfr::{Chunk, Event, Limits};

use crate::server::Upload;

/// The counters that must add up: entries = samples + entries whose weight is carried to a later one + drops by reason.
const ENTRIES: &str = "handler_entries";
const SAMPLES: &str = "samples";
const CARRIED_PREFIX: &str = "carried.";
const DROPPED_PREFIX: &str = "dropped.";
/// Handlers that may be under way while the counters are read: they have entered and have no outcome yet.
const MOST_UNDER_WAY: i64 = 8;

/// One CPU sample; it stands for one interval.
#[derive(Clone, Debug)]
pub struct Sample {
    /// When it was taken, in nanoseconds since the epoch.
    pub epoch_ns: u64,
    /// The Java name of the thread, or the system's where it is no Java thread.
    pub thread: Arc<str>,
    /// What it stands for.
    pub weight_ns: f64,
    /// The frames, leaf first, as `type.method`.
    pub frames: Arc<[String]>,
}

impl Sample {
    /// Whether a frame lies anywhere in the stack.
    pub fn is_under(&self, frame: &str) -> bool {
        self.frames.iter().any(|name| name == frame)
    }

    /// The frame at the root.
    pub fn root(&self) -> &str {
        self.frames.last().map_or("", String::as_str)
    }
}

/// One upload, read.
#[derive(Clone, Debug, Default)]
pub struct Interval {
    /// The CPU samples in file order.
    pub samples: Vec<Sample>,
    /// The agent's counters at the end of the interval, counted since its start.
    pub counters: BTreeMap<String, i64>,
}

impl Interval {
    /// Reads one upload.
    pub fn read(upload: &Upload) -> anyhow::Result<Interval> {
        let rate: f64 = upload.parameter("sampleRate")?.parse().context("sampleRate is no number")?;
        ensure!(rate > 0.0, "sampleRate is {rate}");
        let recording = jfr::read(upload.jfr()?, &Limits::default())?;
        let mut interval = Interval::default();
        for chunk in &recording.chunks {
            interval.add_chunk(chunk, 1e9 / rate)?;
        }
        Ok(interval)
    }

    /// Fails unless every entry of the handler became a sample, was carried to a later one or is a counted drop.
    pub fn check_complete(&self) -> anyhow::Result<()> {
        let counter = |name: &str| self.counters.get(name).with_context(|| format!("the chunk has no counter {name}"));
        let (entries, samples) = (*counter(ENTRIES)?, *counter(SAMPLES)?);
        let (carried, dropped) = (self.sum(CARRIED_PREFIX), self.sum(DROPPED_PREFIX));
        let under_way = entries - samples - carried - dropped;
        ensure!(
            (0..=MOST_UNDER_WAY).contains(&under_way),
            "{entries} entries are not {samples} samples, {carried} carried and {dropped} drops"
        );
        Ok(())
    }

    /// The sum of the counters whose names start so.
    pub fn sum(&self, prefix: &str) -> i64 {
        self.counters.iter().filter(|(name, _)| name.starts_with(prefix)).map(|(_, value)| value).sum()
    }

    fn add_chunk(&mut self, chunk: &Chunk, weight_ns: f64) -> anyhow::Result<()> {
        let mut stacks: BTreeMap<i64, Arc<[String]>> = BTreeMap::new();
        for event in chunk.events() {
            match event {
                Event::ExecutionSample(sample) if sample.state.counts_as_cpu() => {
                    let frames = match stacks.get(&sample.stack) {
                        Some(frames) => frames.clone(),
                        None => {
                            let frames = frames(chunk, sample.stack)?;
                            stacks.insert(sample.stack, frames.clone());
                            frames
                        }
                    };
                    let epoch_ns = u64::try_from(chunk.epoch_ns(sample.ticks)).context("a sample before 1970")?;
                    self.samples.push(Sample { epoch_ns, thread: thread(chunk, sample.thread)?, weight_ns, frames });
                }
                Event::Counter(counter) => {
                    self.counters.insert(counter.name.into_owned(), counter.value);
                }
                _ => {}
            }
        }
        Ok(())
    }
}

/// Everything that one run of a program uploaded.
#[derive(Clone, Debug, Default)]
pub struct Profile {
    /// One for each upload, in order of arrival.
    pub intervals: Vec<Interval>,
}

impl Profile {
    /// Reads the uploads of one run.
    pub fn read(uploads: &[Upload]) -> anyhow::Result<Profile> {
        let read = |(number, upload): (usize, &Upload)| {
            Interval::read(upload).with_context(|| format!("upload {number} cannot be read"))
        };
        Ok(Profile { intervals: uploads.iter().enumerate().map(read).collect::<Result<_, _>>()? })
    }

    /// All CPU samples.
    pub fn samples(&self) -> impl Iterator<Item = &Sample> {
        self.intervals.iter().flat_map(|interval| &interval.samples)
    }

    /// The CPU time that all samples stand for, in nanoseconds.
    pub fn total_ns(&self) -> f64 {
        self.samples().map(|sample| sample.weight_ns).sum()
    }

    /// The CPU time of the samples that fit, in nanoseconds.
    pub fn ns_where(&self, fits: impl Fn(&Sample) -> bool) -> f64 {
        // The sum of no numbers is -0, which would be printed so.
        self.samples().filter(|sample| fits(sample)).map(|sample| sample.weight_ns).fold(0.0, |sum, ns| sum + ns)
    }

    /// The CPU time under a frame (`Class.method`), in nanoseconds.
    pub fn ns_under(&self, frame: &str) -> f64 {
        self.ns_where(|sample| sample.is_under(frame))
    }

    /// A counter at the end of the run.
    pub fn counter(&self, name: &str) -> anyhow::Result<f64> {
        let last = self.intervals.last().context("nothing was uploaded")?;
        let value = last.counters.get(name).with_context(|| {
            format!("there is no counter {name}, but {}", last.counters.keys().cloned().collect::<Vec<_>>().join(", "))
        })?;
        Ok(*value as f64)
    }

    /// The heaviest frames by their own time, for messages.
    pub fn top(&self, count: usize) -> String {
        let mut sums: BTreeMap<&str, f64> = BTreeMap::new();
        for sample in self.samples() {
            *sums.entry(sample.frames.first().map_or("", String::as_str)).or_default() += sample.weight_ns;
        }
        let mut rows: Vec<_> = sums.into_iter().collect();
        rows.sort_by(|a, b| b.1.total_cmp(&a.1));
        rows.iter().take(count).map(|(frame, ns)| format!("{:.0} ms {frame}", ns / 1e6)).collect::<Vec<_>>().join(", ")
    }
}

fn frames(chunk: &Chunk, stack: i64) -> anyhow::Result<Arc<[String]>> {
    let stack = chunk.stack_trace(stack).context("a sample's stack trace is not in the chunk")?;
    ensure!(!stack.frames.is_empty(), "a sample has a stack trace without frames");
    Ok(stack.frames.iter().map(|frame| format!("{}.{}", frame.class_name(), frame.method_name())).collect())
}

fn thread(chunk: &Chunk, thread: i64) -> anyhow::Result<Arc<str>> {
    let thread = chunk.thread(thread).context("a sample's thread is not in the chunk")?;
    let name = thread.java_name.as_ref().or(thread.os_name.as_ref()).cloned();
    name.context("a sample's thread has no name")
}

#[cfg(test)]
mod tests;
