//! What is written is what is read: golden files and random chunks.

mod support;

use std::collections::BTreeMap;

use jfr::{
    Chunk, ChunkBuilder, ChunkTimes, Contention, Context, Event, Frame, FrameType, IdSource, Limits, Recording,
    StackTraceId, ThreadId, ThreadInfo, ThreadState, dump, read, schema,
};
use proptest::prelude::*;
use support::{assert_golden, crate_path, two_chunks};

#[test]
fn golden_files_are_written_byte_for_byte_and_read_as_before() {
    for (name, with_context) in [("plain", false), ("context", true)] {
        let bytes = two_chunks(with_context);
        assert_golden(&crate_path("tests/golden").join(name).with_extension("jfr"), &bytes);
        let text = dump(&read(&bytes, &Limits::default()).unwrap());
        assert_golden(&crate_path("tests/golden").join(name).with_extension("txt"), text.as_bytes());
    }
}

#[test]
fn the_events_page_is_generated_from_the_schema() {
    assert_golden(&crate_path("../docs/events.md"), schema::markdown().as_bytes());
}

#[test]
fn chunks_with_and_without_context_share_a_file() {
    let file = [two_chunks(true), two_chunks(false)].concat();
    let recording = read(&file, &Limits::default()).unwrap();
    let contexts = recording.chunks.iter().map(|chunk| chunk.events().filter(has_context).count());
    assert_eq!(contexts.collect::<Vec<_>>(), [23, 24, 0, 0]);
}

fn has_context(event: &Event<'_>) -> bool {
    let context = match event {
        Event::ExecutionSample(e) => e.context,
        Event::WallClockSample(e) => e.context,
        Event::ObjectAllocationInNewTlab(e) => e.context,
        Event::JavaMonitorEnter(e) => e.context,
        _ => return false,
    };
    assert!(context == Context::default() || context.span_id == 0x1111_2222_3333_4444);
    context != Context::default()
}

/// A random event: figures and indexes into random stacks and threads.
#[derive(Clone, Debug)]
struct Sample {
    kind: u8,
    ticks: u64,
    thread: usize,
    stack: usize,
    class: String,
    numbers: [u64; 3],
    count: u32,
    context: (u64, u64, u64),
}

/// A random frame: class, method, descriptor, modifiers, line, bci, frame type.
type FrameSpec = (String, String, String, i32, u32, u32, usize);

/// A random thread: name and id of the system, then of Java.
type ThreadSpec = (String, i64, Option<String>, i64);

#[derive(Clone, Debug)]
struct Input {
    with_context: bool,
    first_id: u32,
    origin: Option<u64>,
    start_ticks: u64,
    threads: Vec<ThreadSpec>,
    stacks: Vec<(bool, Vec<FrameSpec>)>,
    samples: Vec<Sample>,
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c/]{1,4}", any::<String>()]
}

fn frame() -> impl Strategy<Value = FrameSpec> {
    (name(), name(), "\\([A-Z]{0,2}\\)V", any::<i32>(), 0..1u32 << 31, 0..1u32 << 31, 0..schema::FRAME_TYPES.len())
}

prop_compose! {
    fn sample()(
        kind in 0..8u8,
        ticks in 0..1u64 << 50,
        thread in any::<prop::sample::Index>(),
        stack in any::<prop::sample::Index>(),
        class in name(),
        numbers in any::<[u64; 3]>(),
        count in 1..u32::MAX >> 1,
        context in any::<(u64, u64, u64)>(),
    ) -> Sample {
        let (thread, stack) = (thread.index(1 << 20), stack.index(1 << 20));
        Sample { kind, ticks, thread, stack, class, numbers, count, context }
    }
}

prop_compose! {
    fn input()(
        with_context in any::<bool>(),
        first_id in prop_oneof![Just(1u32), 1..1u32 << 30],
        origin in any::<Option<u32>>(),
        start_ticks in 0..1u64 << 50,
        threads in prop::collection::vec((name(), any::<i64>(), any::<Option<String>>(), any::<i64>()), 1..4),
        stacks in prop::collection::vec((any::<bool>(), prop::collection::vec(frame(), 1..6)), 1..5),
        samples in prop::collection::vec(sample(), 0..30),
    ) -> Input {
        Input { with_context, first_id, origin: origin.map(u64::from), start_ticks, threads, stacks, samples }
    }
}

/// What an event says, with a weight that may be split between events.
type Facts = BTreeMap<String, (u64, u64)>;

/// Writes the input and returns the estimate, the bytes and what should be read.
fn write(input: &Input) -> (usize, Vec<u8>, Facts) {
    let mut chunk = ChunkBuilder::new(IdSource::starting_at(input.first_id)).with_context(input.with_context);
    if let Some(origin) = input.origin {
        chunk = chunk.with_tick_origin(origin);
    }
    let mut facts = Facts::new();
    for sample in &input.samples {
        write_sample(&mut chunk, input, sample, &mut facts);
    }
    let estimate = chunk.estimated_bytes();
    let times = ChunkTimes { start_epoch_ns: 5, start_ticks: input.start_ticks, duration_ns: 7 };
    (estimate, chunk.finish(times), facts)
}

fn write_sample(chunk: &mut ChunkBuilder, input: &Input, sample: &Sample, facts: &mut Facts) {
    if sample.kind == COUNTER {
        let value = sample.numbers[0] as i64;
        chunk.counter(&sample.class, value);
        return add(facts, format!("counter {:?} {value}", sample.class), (1, 0));
    }
    let thread = &input.threads[sample.thread % input.threads.len()];
    let (truncated, frames) = &input.stacks[sample.stack % input.stacks.len()];
    let (context_id, span_id, span_name) = sample.context;
    let context = Context { context_id, span_id, span_name };
    let thread_id = write_thread(chunk, thread);
    let written: Vec<_> = frames.iter().map(|frame| write_frame(chunk, frame)).collect();
    let stack = chunk.stack_trace(*truncated, &written);
    let figures = write_event(chunk.in_context(context), input, sample, (thread_id, stack));
    let has_context = input.with_context && !matches!(sample.kind, PARK | LIVE);
    let context = if has_context { context } else { Context::default() };
    let ticks = relative(input, sample.ticks);
    let owner = if sample.kind == MONITOR { format!("{thread:?}") } else { String::new() };
    let fact = format!("{} {ticks} {thread:?} {truncated} {frames:?} {context:?} {figures}{owner}", sample.kind);
    let weight = if sample.kind == WALL { (u64::from(sample.count), sample.numbers[0] >> 2) } else { (1, 0) };
    add(facts, fact, weight);
}

/// Kinds of random events.
const CPU: u8 = 0;
const WALL: u8 = 1;
const NEW_TLAB: u8 = 2;
const OUTSIDE_TLAB: u8 = 3;
const MONITOR: u8 = 4;
const PARK: u8 = 5;
const LIVE: u8 = 6;
const COUNTER: u8 = 7;

/// Writes the event and returns its figures as they should be read.
fn write_event(chunk: &mut ChunkBuilder, input: &Input, sample: &Sample, place: (ThreadId, StackTraceId)) -> String {
    let (thread, stack) = place;
    let (ticks, class_name, [a, b, c]) = (sample.ticks, &sample.class, sample.numbers);
    let class = chunk.class(class_name);
    let wait = Contention { duration_ns: a, class: Some(class), address: b };
    match sample.kind {
        CPU => chunk.execution_sample(ticks, thread, stack),
        WALL => chunk.wall_clock_sample(ticks, thread, stack, ThreadState::Sleeping, sample.count, a >> 2),
        NEW_TLAB => chunk.object_allocation_in_new_tlab(ticks, thread, stack, class, a, b),
        OUTSIDE_TLAB => chunk.object_allocation_outside_tlab(ticks, thread, stack, class, a),
        MONITOR => chunk.java_monitor_enter(ticks, thread, stack, wait, Some(thread)),
        PARK => chunk.thread_park(ticks, thread, stack, wait, c, a),
        _ => chunk.live_object(ticks, thread, stack, class, a, b >> 14),
    }
    match sample.kind {
        CPU | WALL => String::new(),
        NEW_TLAB | MONITOR => format!("{class_name:?} {a} {b} "),
        OUTSIDE_TLAB => format!("{class_name:?} {a} "),
        PARK => format!("{class_name:?} {a} {b} {c} {a} "),
        _ => format!("{class_name:?} {a} {} ", relative(input, b >> 14)),
    }
}

fn write_thread(chunk: &mut ChunkBuilder, thread: &ThreadSpec) -> ThreadId {
    let (os_name, os_thread_id, java_name, java_thread_id) = thread;
    chunk.thread(ThreadInfo {
        os_name,
        os_thread_id: *os_thread_id,
        java_name: java_name.as_deref(),
        java_thread_id: *java_thread_id,
    })
}

/// Sums weights of equal facts; sums of random 64-bit figures wrap.
fn add(facts: &mut Facts, fact: String, weight: (u64, u64)) {
    let entry = facts.entry(fact).or_default();
    *entry = (entry.0.wrapping_add(weight.0), entry.1.wrapping_add(weight.1));
}

fn write_frame(chunk: &mut ChunkBuilder, spec: &FrameSpec) -> Frame {
    let (class, name, descriptor, modifiers, line, bci, kind) = spec;
    let class = chunk.class(class);
    let method = chunk.method(class, name, descriptor, *modifiers, modifiers % 2 == 0);
    Frame { method, line: *line, bci: *bci, kind: schema::FRAME_TYPES[*kind].0 }
}

/// A time as the file has it: from the origin, rounded down to 2^14 ns.
fn relative(input: &Input, ticks: u64) -> i64 {
    let origin = input.origin.unwrap_or(input.start_ticks);
    (ticks.wrapping_sub(origin) as i64) >> 14 << 14
}

fn facts_of(recording: &Recording) -> Facts {
    let chunk = &recording.chunks[0];
    let mut facts = Facts::new();
    for event in chunk.events() {
        let (fact, weight) = fact_of(chunk, &event);
        add(&mut facts, fact, weight);
    }
    facts
}

fn fact_of(chunk: &Chunk, event: &Event<'_>) -> (String, (u64, u64)) {
    let figures = |class, values: &[i64]| figures(chunk, class, values);
    let mut weight = (1, 0);
    let (place, figures) = match event {
        Event::ExecutionSample(e) => ((CPU, e.ticks, e.thread, e.stack, e.context), String::new()),
        Event::WallClockSample(e) => {
            weight = (e.samples as u64, e.time_span as u64);
            ((WALL, e.ticks, e.thread, e.stack, e.context), String::new())
        }
        Event::ObjectAllocationInNewTlab(e) => {
            let figures = figures(e.class, &[e.allocation_size, e.tlab_size]);
            ((NEW_TLAB, e.ticks, e.thread, e.stack, e.context), figures)
        }
        Event::ObjectAllocationOutsideTlab(e) => {
            ((OUTSIDE_TLAB, e.ticks, e.thread, e.stack, e.context), figures(e.class, &[e.allocation_size]))
        }
        Event::JavaMonitorEnter(e) => {
            let owner = thread_spec(chunk, e.previous_owner);
            let figures = format!("{}{owner:?}", figures(e.class, &[e.duration, e.address]));
            ((MONITOR, e.ticks, e.thread, e.stack, e.context), figures)
        }
        Event::ThreadPark(e) => {
            let figures = figures(e.class, &[e.duration, e.address, e.timeout_ns, e.until_epoch_ms]);
            ((PARK, e.ticks, e.thread, e.stack, e.context), figures)
        }
        Event::LiveObject(e) => {
            let figures = format!("{}{} ", figures(e.class, &[e.allocation_size]), e.allocation_ticks);
            ((LIVE, e.ticks, e.thread, e.stack, e.context), figures)
        }
        Event::Counter(e) => return (format!("counter {:?} {}", &*e.name, e.value), weight),
        other => panic!("{other:?}"),
    };
    let (kind, ticks, thread, stack, context) = place;
    let (thread, trace) = (thread_spec(chunk, thread), chunk.stack_trace(stack).unwrap());
    let frames: Vec<FrameSpec> = trace.frames.iter().map(frame_spec).collect();
    (format!("{kind} {ticks} {thread:?} {} {frames:?} {context:?} {figures}", trace.truncated), weight)
}

fn figures(chunk: &Chunk, class: i64, values: &[i64]) -> String {
    let values: Vec<_> = values.iter().map(|value| (*value as u64).to_string()).collect();
    format!("{:?} {} ", chunk.class_name(class).unwrap(), values.join(" "))
}

fn thread_spec(chunk: &Chunk, id: i64) -> ThreadSpec {
    let thread = chunk.thread(id).unwrap();
    let (os_name, java_name) = (thread.os_name.as_deref().unwrap(), thread.java_name.as_deref());
    (os_name.to_owned(), thread.os_thread_id, java_name.map(str::to_owned), thread.java_thread_id)
}

fn frame_spec(frame: &jfr::reader::StackFrame) -> FrameSpec {
    let kind = frame.kind.map_or(usize::MAX, |kind: FrameType| kind as usize);
    assert_eq!(frame.method.hidden, frame.method.modifiers % 2 == 0);
    (
        frame.class_name().to_owned(),
        frame.method_name().to_owned(),
        frame.descriptor().to_owned(),
        frame.method.modifiers,
        frame.line as u32,
        frame.bci as u32,
        kind,
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_chunks_are_read_as_written(input in input()) {
        let (estimate, bytes, facts) = write(&input);
        let recording = read(&bytes, &Limits::default()).unwrap();
        prop_assert_eq!(facts_of(&recording), facts);
        prop_assert!(bytes.len() <= estimate, "{} bytes, estimated {}", bytes.len(), estimate);
        prop_assert_eq!(bytes, write(&input).1, "the same input gives the same bytes");
    }
}
