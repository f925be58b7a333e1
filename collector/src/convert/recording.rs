//! From the events of a recording to series, as grafana/jfr-parser (pprof package, 0.18) makes them.
//!
//! Three differences, each where that parser loses or invents something: the sample count of a wall event does not
//! spill over into the events after it, durations are scaled by the chunk's clock, and samples without a stack trace
//! are counted under a frame that says so.

use super::frame_names::frame_name;
use super::label_snapshot::LabelSnapshot;
use super::{ConvertError, Source};
use crate::model::{MetricId, NO_PARENT, Profile, ProfileBuilder};
use jfr::reader::SampleState;
use jfr::{Chunk, Context, Event, Recording, ThreadState};
use std::collections::HashMap;

/// What a sample without a stack trace is counted under; Pyrite's own recordings have the same frame.
const NO_FRAMES: &str = "[pyrite].no frames";

/// Builds the profile of a recording.
pub(super) fn profile(
    recording: &Recording,
    snapshot: &LabelSnapshot,
    source: &Source<'_>,
    max_series: usize,
) -> Result<Profile, ConvertError> {
    let mut conversion = Conversion::new(snapshot, source, max_series);
    for chunk in &recording.chunks {
        conversion.chunk(chunk)?;
    }
    let event = conversion.event;
    let mut profile = conversion.builder.build();
    for series in &mut profile.series {
        if !event.is_empty() {
            series.labels.insert_missing("jfr_event".to_owned(), event.clone());
        }
    }
    Ok(profile)
}

struct Conversion<'a> {
    builder: ProfileBuilder,
    snapshot: &'a LabelSnapshot,
    source: &'a Source<'a>,
    max_series: usize,
    interval_ns: i64,
    /// The value of the last setting named `event`: what async-profiler was started with.
    event: String,
    /// Series by metric, context id and span name id.
    series: HashMap<(MetricId, u64, u64), usize>,
    /// Function ids by the address of the reader's method, which it shares between frames.
    functions: HashMap<usize, Option<u32>>,
}

/// One event as samples need it.
struct Observation {
    stack: i64,
    context: Context,
    /// What it adds to: one metric, or two if CPU and wall time come from one event.
    values: [Option<(MetricId, [i64; 2])>; 2],
}

impl<'a> Conversion<'a> {
    fn new(snapshot: &'a LabelSnapshot, source: &'a Source<'a>, max_series: usize) -> Self {
        Conversion {
            builder: ProfileBuilder::default(),
            snapshot,
            source,
            max_series,
            // One rate scales CPU and wall samples alike; 0 makes every sample worth nothing, as in Pyroscope.
            interval_ns: 1_000_000_000i64.checked_div(i64::from(source.sample_rate_hz)).unwrap_or(0),
            event: String::new(),
            series: HashMap::new(),
            functions: HashMap::new(),
        }
    }

    fn chunk(&mut self, chunk: &Chunk) -> Result<(), ConvertError> {
        // Ids of stack traces and addresses of methods mean something within one chunk only.
        let mut leaves = HashMap::new();
        self.functions.clear();
        for event in chunk.events() {
            if let Event::ActiveSetting(setting) = &event {
                if setting.name == "event" {
                    self.event = setting.value.to_string();
                }
                continue;
            }
            let Some(observation) = self.observation(chunk, &event) else { continue };
            let leaf = *leaves.entry(observation.stack).or_insert_with(|| self.leaf(chunk, observation.stack));
            for (metric, values) in observation.values.into_iter().flatten() {
                let series = self.series(metric, observation.context)?;
                self.builder.add(series, leaf, values, observation.context.span_id);
            }
        }
        Ok(())
    }

    /// Which metrics an event adds to, and what.
    fn observation(&self, chunk: &Chunk, event: &Event<'_>) -> Option<Observation> {
        let is_wall = self.event == "wall";
        let ns = |ticks: i64| i64::try_from(chunk.span_ns(ticks)).unwrap_or(i64::MAX);
        let one = |metric, value| [Some((metric, [1, value])), None];
        let (stack, context, values) = match event {
            Event::ExecutionSample(e) => {
                let cpu = e.state.counts_as_cpu().then_some((MetricId::Cpu, [self.interval_ns, 0]));
                let wall = is_wall.then_some((MetricId::Wall, [self.interval_ns, 0]));
                (e.stack, e.context, [cpu, wall])
            }
            Event::WallClockSample(e) => {
                let value = [e.samples.saturating_mul(self.interval_ns), 0];
                let on_cpu = is_wall && e.state == SampleState::Known(ThreadState::Runnable);
                (e.stack, e.context, [Some((MetricId::Wall, value)), on_cpu.then_some((MetricId::Cpu, value))])
            }
            Event::ObjectAllocationInNewTlab(e) => (e.stack, e.context, one(MetricId::AllocInNewTlab, e.tlab_size)),
            Event::ObjectAllocationOutsideTlab(e) => {
                (e.stack, e.context, one(MetricId::AllocOutsideTlab, e.allocation_size))
            }
            Event::ObjectAllocationSample(e) => (e.stack, e.context, one(MetricId::AllocSample, e.weight)),
            Event::LiveObject(e) => (e.stack, e.context, one(MetricId::Live, 0)),
            Event::Malloc(e) => (e.stack, e.context, one(MetricId::Malloc, e.size)),
            Event::JavaMonitorEnter(e) => (e.stack, e.context, one(MetricId::Mutex, ns(e.duration))),
            Event::ThreadPark(e) => (e.stack, e.context, one(MetricId::Block, ns(e.duration))),
            _ => return None,
        };
        Some(Observation { stack, context, values })
    }

    fn leaf(&mut self, chunk: &Chunk, stack: i64) -> u32 {
        let mut node = NO_PARENT;
        for frame in chunk.stack_trace(stack).iter().flat_map(|trace| trace.frames.iter().rev()) {
            let key = std::sync::Arc::as_ptr(&frame.method) as usize;
            let builder = &mut self.builder;
            let function = *self.functions.entry(key).or_insert_with(|| {
                let (class, method) = (frame.class_name(), frame.method_name());
                // The method is not in the recording: Pyroscope drops the frame.
                let known = !(class.is_empty() && method.is_empty());
                known.then(|| builder.function(&frame_name(class, method)))
            });
            if let Some(function) = function {
                node = self.builder.node(node, function, u32::try_from(frame.line).unwrap_or(0));
            }
        }
        if node == NO_PARENT {
            let function = self.builder.function(NO_FRAMES);
            node = self.builder.node(NO_PARENT, function, 0);
        }
        node
    }

    fn series(&mut self, metric: MetricId, context: Context) -> Result<usize, ConvertError> {
        let key = (metric, context.context_id, context.span_name);
        if let Some(series) = self.series.get(&key) {
            return Ok(*series);
        }
        let mut labels = self.source.labels.clone();
        for (name, value) in self.snapshot.labels(context.context_id.cast_signed()) {
            labels.insert_missing(name.to_owned(), value.to_owned());
        }
        if let Some(name) = self.snapshot.string(context.span_name.cast_signed()) {
            labels.insert_missing("span_name".to_owned(), name.to_owned());
        }
        let series = self.builder.series(metric, &labels);
        if self.builder.series_count() > self.max_series {
            return Err(ConvertError::TooManySeries(self.max_series));
        }
        self.series.insert(key, series);
        Ok(series)
    }
}

#[cfg(test)]
mod tests;
