//! The writer's promises that need no other reader.

use super::*;
use crate::{Event, FrameType, Limits, Recording, ThreadState, read};

fn builder() -> ChunkBuilder {
    ChunkBuilder::new(IdSource::default())
}

fn finish(chunk: ChunkBuilder) -> Recording {
    let bytes = chunk.finish(ChunkTimes { start_epoch_ns: 1, start_ticks: 1 << 20, duration_ns: 1 });
    read(&bytes, &Limits::default()).unwrap()
}

fn thread(chunk: &mut ChunkBuilder) -> ThreadId {
    chunk.thread(ThreadInfo { os_name: "t", os_thread_id: 1, java_name: None, java_thread_id: 0 })
}

fn stack(chunk: &mut ChunkBuilder, name: &str) -> StackTraceId {
    let class = chunk.class("C");
    let method = chunk.method(class, name, "()V", 0, false);
    chunk.stack_trace(false, &[Frame { method, line: 1, bci: 2, kind: FrameType::Inlined }])
}

fn leaf(recording: &Recording, stack: i64) -> (String, String) {
    let frame = &recording.chunks[0].stack_trace(stack).unwrap().frames[0];
    (frame.class_name().to_owned(), frame.method_name().to_owned())
}

#[test]
fn equal_inputs_give_equal_handles() {
    let mut chunk = builder();
    let (a, b) = (chunk.class("A"), chunk.class("B"));
    assert_eq!(a, chunk.class("A"));
    assert_ne!(a, b);
    assert_eq!(chunk.method(a, "m", "()V", 0, false), chunk.method(a, "m", "()V", 0, false));
    assert_ne!(chunk.method(a, "m", "()V", 0, false), chunk.method(a, "m", "(I)V", 0, false));
    assert_eq!(stack(&mut chunk, "m"), stack(&mut chunk, "m"));
    assert_ne!(stack(&mut chunk, "m"), stack(&mut chunk, "n"));
    assert_eq!(thread(&mut chunk), thread(&mut chunk));
}

#[test]
fn descriptors_that_readers_refuse_are_replaced() {
    for (given, written) in [("", "()L;"), ("no", "()L;"), ("(Lk;)L;", "(Lk;)L;"), ("(I)V", "(I)V")] {
        let mut chunk = builder();
        let class = chunk.class("C");
        let method = chunk.method(class, "m", given, 0, false);
        let stack = chunk.stack_trace(false, &[Frame { method, line: 0, bci: 0, kind: FrameType::Native }]);
        let thread = thread(&mut chunk);
        chunk.execution_sample(1 << 20, thread, stack);
        let recording = finish(chunk);
        let Some(Event::ExecutionSample(sample)) = recording.chunks[0].events().next() else { panic!("a sample") };
        let frame = &recording.chunks[0].stack_trace(sample.stack).unwrap().frames[0];
        assert_eq!(frame.descriptor(), written, "{given:?}");
    }
}

#[test]
fn no_sample_is_lost_for_want_of_frames_or_by_a_foreign_handle() {
    let mut other = builder();
    let foreign = (0..5).map(|name| stack(&mut other, &name.to_string())).last().unwrap();
    let mut chunk = builder();
    let thread = thread(&mut chunk);
    let empty = chunk.stack_trace(false, &[]);
    let unknown = Frame { method: MethodId(99), line: 0, bci: 0, kind: FrameType::Native };
    let mixed = chunk.stack_trace(true, &[unknown]);
    for stack in [empty, mixed, foreign] {
        chunk.execution_sample(1 << 20, thread, stack);
    }
    chunk.execution_sample(1 << 20, ThreadId(99), empty);
    let recording = finish(chunk);
    let mut leaves = Vec::new();
    for event in recording.chunks[0].events() {
        let Event::ExecutionSample(sample) = event else { panic!("{event:?}") };
        assert!(recording.chunks[0].thread(sample.thread).is_some());
        leaves.push(leaf(&recording, sample.stack).1);
    }
    leaves.sort();
    assert_eq!(leaves, ["method of another chunk", "no frames", "no frames", "stack of another chunk"]);
}

#[test]
fn the_last_wall_clock_sample_counts_one_and_totals_stay() {
    for counts in [vec![7], vec![1, 9], vec![3, 4], vec![1]] {
        let mut chunk = builder();
        let thread = thread(&mut chunk);
        for (at, samples) in counts.iter().enumerate() {
            let stack = stack(&mut chunk, &at.to_string());
            chunk.wall_clock_sample(1 << 20, thread, stack, ThreadState::Sleeping, *samples, 1_000);
        }
        let recording = finish(chunk);
        let samples = recording.chunks[0].events().map(|event| match event {
            Event::WallClockSample(sample) => (sample.samples, sample.time_span),
            other => panic!("{other:?}"),
        });
        let samples: Vec<_> = samples.collect();
        assert_eq!(samples.last().unwrap().0, 1, "{counts:?}");
        assert_eq!(samples.iter().map(|sample| sample.0).sum::<i64>(), i64::from(counts.iter().sum::<u32>()));
        assert_eq!(samples.iter().map(|sample| sample.1).sum::<i64>(), 1_000 * counts.len() as i64);
    }
}

#[test]
fn a_wall_clock_sample_of_no_interval_is_no_event_and_takes_its_context_along() {
    let mut chunk = builder().with_context(true);
    let (thread, stack) = (thread(&mut chunk), stack(&mut chunk, "m"));
    chunk.in_context(Context { context_id: 5, ..Context::default() });
    chunk.wall_clock_sample(1 << 20, thread, stack, ThreadState::Runnable, 0, 0);
    chunk.execution_sample(1 << 20, thread, stack);
    let recording = finish(chunk);
    let events: Vec<_> = recording.chunks[0].events().collect();
    let [Event::ExecutionSample(sample)] = &events[..] else { panic!("{events:?}") };
    assert_eq!(sample.context, Context::default());
}

#[test]
fn frequent_stacks_have_the_smallest_ids_and_unused_ones_are_left_out() {
    let mut chunk = builder();
    let thread = thread(&mut chunk);
    let (_unused, rare, hot) = (stack(&mut chunk, "unused"), stack(&mut chunk, "rare"), stack(&mut chunk, "hot"));
    for stack in [rare, hot, hot] {
        chunk.execution_sample(1 << 20, thread, stack);
    }
    let recording = finish(chunk);
    assert_eq!(leaf(&recording, 1).1, "hot");
    assert_eq!(leaf(&recording, 2).1, "rare");
    assert!(recording.chunks[0].stack_trace(3).is_none());
}

#[test]
fn settings_come_first_and_samples_by_stack_then_time() {
    let mut chunk = builder();
    let thread = thread(&mut chunk);
    let (a, b) = (stack(&mut chunk, "a"), stack(&mut chunk, "b"));
    let at = |step: u64| (1 << 20) + step * (1 << 14);
    for (step, stack) in [(3, a), (2, b), (1, a)] {
        chunk.execution_sample(at(step), thread, stack);
    }
    chunk.active_setting(EventType::ExecutionSample, "event", "ctimer");
    let recording = finish(chunk);
    let events: Vec<_> = recording.chunks[0].events().collect();
    assert!(matches!(&events[0], Event::ActiveSetting(setting) if setting.id == 101));
    let ticks = events[1..].iter().map(|event| match event {
        Event::ExecutionSample(sample) => sample.ticks >> 14,
        other => panic!("{other:?}"),
    });
    assert_eq!(ticks.collect::<Vec<_>>(), [1, 3, 2]);
}

#[test]
fn times_are_rounded_down_also_before_the_chunk() {
    let mut chunk = builder();
    let (thread, stack) = (thread(&mut chunk), stack(&mut chunk, "m"));
    let wait = Contention { duration_ns: 12_345, class: None, address: 0 };
    chunk.java_monitor_enter((1 << 20) - 1, thread, stack, wait, None);
    chunk.java_monitor_enter((1 << 20) + 16_385, thread, stack, wait, None);
    let recording = finish(chunk);
    let waits = recording.chunks[0].events().map(|event| match event {
        Event::JavaMonitorEnter(wait) => (wait.ticks, wait.duration, wait.previous_owner),
        other => panic!("{other:?}"),
    });
    // The chunk starts at tick 0 of its own clock.
    let mut sorted: Vec<_> = waits.collect();
    sorted.sort_unstable();
    assert_eq!(sorted, [(-16_384, 12_345, 0), (16_384, 12_345, 0)]);
}

#[test]
fn settings_of_undeclared_types_name_a_declared_one() {
    let mut chunk = builder();
    chunk.active_setting(EventType::Malloc, "nativemem", "0");
    let recording = finish(chunk);
    let chunk = &recording.chunks[0];
    let Some(Event::ActiveSetting(setting)) = chunk.events().next() else { panic!("a setting") };
    assert_eq!(chunk.event_name(setting.id), Some("jdk.ActiveRecording"));
}

#[test]
fn long_names_are_cut_between_characters() {
    let mut chunk = builder();
    chunk.counter(&"é".repeat(40_000), 1);
    let recording = finish(chunk);
    let Some(Event::Counter(counter)) = recording.chunks[0].events().next() else { panic!("a counter") };
    assert_eq!(counter.name.len(), 65_534);
}

#[test]
fn metadata_ids_follow_the_layout() {
    assert_ne!(metadata::id(false), metadata::id(true));
    for with_context in [false, true] {
        let id = metadata::id(with_context);
        assert!((1 << 30..(1 << 31) - 1).contains(&id), "{id}");
    }
}

#[test]
fn an_empty_chunk_is_a_recording() {
    let recording = finish(builder());
    assert_eq!(recording.chunks[0].events().count(), 0);
}

#[test]
fn builders_can_be_sent_to_another_thread() {
    fn is_send<T: Send>() {}
    is_send::<ChunkBuilder>();
}
