//! Recordings written with our own writer, event by event.

use super::super::{Limits, convert};
use super::*;
use crate::model::Labels;
use jfr::{
    ChunkBuilder, ChunkTimes, ClassId, Contention, EventType, Frame, FrameType, IdSource, StackTraceId, ThreadId,
    ThreadInfo,
};
use prost::Message;

const LIMITS: Limits = Limits { max_part_bytes: 1 << 20, max_series: 10 };

struct Written {
    chunk: ChunkBuilder,
    thread: ThreadId,
    class: ClassId,
    stack: StackTraceId,
}

fn write(event: &str) -> Written {
    let mut chunk = ChunkBuilder::new(IdSource::default()).with_context(true);
    chunk.active_setting(EventType::ExecutionSample, "event", event);
    let class = chunk.class("bank/Payment$$Lambda.0x00007ffa600c4da0");
    let method = chunk.method(class, "run", "()V", 1, false);
    let leaf_class = chunk.class("bank/Payment");
    let leaf = chunk.method(leaf_class, "pay", "()V", 1, false);
    let frame = |method, line| Frame { method, line, bci: 0, kind: FrameType::JitCompiled };
    let stack = chunk.stack_trace(false, &[frame(leaf, 7), frame(method, 0)]);
    let thread = ThreadInfo { os_name: "main", os_thread_id: 7, java_name: Some("main"), java_thread_id: 1 };
    let thread = chunk.thread(thread);
    Written { chunk, thread, class, stack }
}

fn bytes(written: Written) -> Vec<u8> {
    written.chunk.finish(ChunkTimes { start_epoch_ns: 1_000, start_ticks: 0, duration_ns: 1 })
}

fn profile_of(recording: &[u8], snapshot: &LabelSnapshot, sample_rate_hz: u32) -> Profile {
    let labels = Labels::from_pairs([("service_name", "bank")]);
    let snapshot = snapshot.encode_to_vec();
    let source = Source { recording, label_snapshot: &snapshot, labels: &labels, sample_rate_hz };
    convert(&source, &LIMITS).unwrap()
}

/// Totals by profile type.
fn totals(profile: &Profile) -> Vec<(String, i64)> {
    let mut totals = Vec::new();
    for series in &profile.series {
        let metric = series.metric.metric();
        for index in 0..metric.values.len() {
            totals.push((metric.profile_type(index).to_string(), series.total(index)));
        }
    }
    totals.sort();
    totals
}

fn expect(written: Written, sample_rate_hz: u32, expected: &[(&str, i64)]) {
    let profile = profile_of(&bytes(written), &LabelSnapshot::default(), sample_rate_hz);
    let expected: Vec<_> = expected.iter().map(|(name, total)| ((*name).to_owned(), *total)).collect();
    assert_eq!(totals(&profile), expected);
}

#[test]
fn each_event_type_adds_to_its_own_profile_types() {
    let mut all = write("cpu");
    let Written { chunk, thread, class, stack } = &mut all;
    let (thread, class, stack) = (*thread, *class, *stack);
    chunk.execution_sample(1, thread, stack);
    chunk.execution_sample(2, thread, stack);
    chunk.object_allocation_in_new_tlab(1, thread, stack, class, 16, 4_096);
    chunk.object_allocation_outside_tlab(1, thread, stack, class, 70_000);
    chunk.live_object(1, thread, stack, class, 16, 1);
    let wait = Contention { duration_ns: 5_000, class: Some(class), address: 1 };
    chunk.java_monitor_enter(1, thread, stack, wait, None);
    chunk.thread_park(1, thread, stack, wait, 0, 0);
    chunk.wall_clock_sample(1, thread, stack, ThreadState::Sleeping, 7, 0);
    expect(
        all,
        100,
        &[
            ("block:contentions:count:block:count", 1),
            ("block:delay:nanoseconds:block:count", 5_000),
            ("memory:alloc_in_new_tlab_bytes:bytes:space:bytes", 4_096),
            ("memory:alloc_in_new_tlab_objects:count:space:bytes", 1),
            ("memory:alloc_outside_tlab_bytes:bytes:space:bytes", 70_000),
            ("memory:alloc_outside_tlab_objects:count:space:bytes", 1),
            ("memory:live:count:objects:count", 1),
            ("mutex:contentions:count:mutex:count", 1),
            ("mutex:delay:nanoseconds:mutex:count", 5_000),
            ("process_cpu:cpu:nanoseconds:cpu:nanoseconds", 20_000_000),
            ("wall:wall:nanoseconds:wall:nanoseconds", 70_000_000),
        ],
    );
}

#[test]
fn with_event_wall_one_event_counts_for_both_times() {
    let mut wall = write("wall");
    wall.chunk.execution_sample(1, wall.thread, wall.stack);
    wall.chunk.wall_clock_sample(1, wall.thread, wall.stack, ThreadState::Runnable, 3, 0);
    wall.chunk.wall_clock_sample(1, wall.thread, wall.stack, ThreadState::Sleeping, 5, 0);
    let cpu = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";
    let wall_time = "wall:wall:nanoseconds:wall:nanoseconds";
    expect(wall, 1_000, &[(cpu, 4_000_000), (wall_time, 9_000_000)]);
}

#[test]
fn the_interval_is_whole_nanoseconds_and_a_rate_of_0_counts_nothing() {
    for (rate, expected) in [(99, vec![("process_cpu:cpu:nanoseconds:cpu:nanoseconds", 10_101_010)]), (0, vec![])] {
        let mut one = write("cpu");
        one.chunk.execution_sample(1, one.thread, one.stack);
        expect(one, rate, &expected);
    }
}

#[test]
fn contexts_become_labels_and_existing_labels_win() {
    let mut labelled = write("ctimer");
    let context = Context { context_id: 5, span_id: 0xabc, span_name: 3 };
    labelled.chunk.in_context(context).execution_sample(1, labelled.thread, labelled.stack);
    labelled.chunk.execution_sample(2, labelled.thread, labelled.stack);
    let strings = [(1, "endpoint"), (2, "/pay"), (3, "GET /pay"), (4, "service_name")];
    let snapshot = LabelSnapshot::for_test(5, &[(1, 2), (4, 2)], &strings);
    let profile = profile_of(&bytes(labelled), &snapshot, 100);
    let base = [("jfr_event", "ctimer"), ("service_name", "bank")];
    let with_context = Labels::from_pairs(base.into_iter().chain([("endpoint", "/pay"), ("span_name", "GET /pay")]));
    let mut series: Vec<_> = profile.series.iter().map(|series| (&series.labels, series.samples[0].span_id)).collect();
    series.sort();
    assert_eq!(series, [(&with_context, 0xabc), (&Labels::from_pairs(base), 0)]);
}

#[test]
fn frames_are_named_and_stand_below_their_callers() {
    let mut one = write("cpu");
    one.chunk.execution_sample(1, one.thread, one.stack);
    let profile = profile_of(&bytes(one), &LabelSnapshot::default(), 100);
    let mut stacks: Vec<Vec<(&str, u32)>> = Vec::new();
    for sample in &profile.series[0].samples {
        let (mut stack, mut at) = (Vec::new(), sample.leaf);
        while at != NO_PARENT {
            let node = profile.nodes[at as usize];
            stack.push((&*profile.functions[node.function as usize], node.line));
            at = node.parent;
        }
        stacks.push(stack);
    }
    assert_eq!(stacks, [[("bank/Payment.pay", 7), ("bank/Payment$$Lambda_.run", 0)]]);
}

#[test]
fn chunks_of_one_file_add_up_although_their_ids_are_their_own() {
    let recording: Vec<u8> = (0..3)
        .flat_map(|_| {
            let mut one = write("cpu");
            one.chunk.execution_sample(1, one.thread, one.stack);
            bytes(one)
        })
        .collect();
    let profile = profile_of(&recording, &LabelSnapshot::default(), 100);
    assert_eq!(profile.series[0].samples.len(), 1);
    assert_eq!(profile.series[0].total(0), 30_000_000);
}

#[test]
fn too_many_label_sets_are_refused() {
    let mut many = write("cpu");
    let mut strings = vec![(100, "endpoint".to_owned())];
    for id in 1..=11 {
        many.chunk.in_context(Context { span_name: id, ..Context::default() }).execution_sample(
            id,
            many.thread,
            many.stack,
        );
        strings.push((id.cast_signed(), format!("span {id}")));
    }
    let strings: Vec<_> = strings.iter().map(|(id, text)| (*id, text.as_str())).collect();
    let snapshot = LabelSnapshot::for_test(1, &[], &strings).encode_to_vec();
    let recording = bytes(many);
    let labels = Labels::default();
    let source = Source { recording: &recording, label_snapshot: &snapshot, labels: &labels, sample_rate_hz: 100 };
    let message = convert(&source, &LIMITS).unwrap_err().to_string();
    assert!(message.starts_with("more than 10 series"), "{message}");
}

#[test]
fn a_stack_trace_that_is_not_there_is_a_frame_that_says_so() {
    let recording = jfr::read(&bytes(write("cpu")), &jfr::Limits::default()).unwrap();
    let (snapshot, labels) = (LabelSnapshot::default(), Labels::default());
    let source = Source { recording: &[], label_snapshot: &[], labels: &labels, sample_rate_hz: 100 };
    let mut conversion = Conversion::new(&snapshot, &source, 10);
    let leaf = conversion.leaf(&recording.chunks[0], 4_711);
    let profile = conversion.builder.build();
    let node = profile.nodes[leaf as usize];
    assert_eq!((node.parent, &*profile.functions[node.function as usize]), (NO_PARENT, NO_FRAMES));
}
