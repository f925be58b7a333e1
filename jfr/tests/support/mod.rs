//! What the integration tests share: fixtures, a chunk with every event type, totals as Pyroscope computes them.
#![allow(dead_code, reason = "each test binary uses a part")]

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use jfr::reader::SampleState;
use jfr::{
    ActiveRecording, Chunk, ChunkBuilder, ChunkTimes, ClassId, Contention, Context, CpuInformation, Event, EventType,
    Frame, FrameType, GcHeapSummary, GcWhen, IdSource, JvmInformation, Limits, Recording, StackTraceId, ThreadId,
    ThreadInfo, ThreadState,
};

/// Start of the chunks that the tests write, in ticks and in nanoseconds since 1970.
pub const START_TICKS: u64 = 5_000_000_000;
pub const START_EPOCH_NS: u64 = 1_795_368_199_000_000_000;

/// Recordings of async-profiler 4 on JDK 25: two with itimer, allocations and locks, two with wall clock.
pub const UPLOADS: [&str; 4] = ["upload-1.jfr.gz", "upload-2.jfr.gz", "upload-3.jfr.gz", "upload-4.jfr.gz"];

pub fn crate_path(inner: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(inner)
}

/// The bytes of a gzipped fixture.
pub fn fixture(name: &str) -> Vec<u8> {
    let path = crate_path("tests/fixtures").join(name);
    let compressed = std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut bytes = Vec::new();
    flate2::read::MultiGzDecoder::new(&*compressed).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Compares `actual` with a golden file, or rewrites the file when UPDATE_GOLDEN=1.
pub fn assert_golden(path: &Path, actual: &[u8]) {
    if std::env::var_os("UPDATE_GOLDEN").is_some_and(|value| value == "1") {
        std::fs::write(path, actual).unwrap();
        return;
    }
    let expected = std::fs::read(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert!(expected == actual, "{} differs; UPDATE_GOLDEN=1 rewrites it", path.display());
}

pub fn times(chunk: u64) -> ChunkTimes {
    ChunkTimes {
        start_epoch_ns: START_EPOCH_NS + chunk * 10_000_000_000,
        start_ticks: START_TICKS + chunk * 10_000_000_000,
        duration_ns: 10_000_000_000,
    }
}

/// A builder for a chunk of one file.
pub fn builder(ids: IdSource, with_context: bool) -> ChunkBuilder {
    ChunkBuilder::new(ids).with_context(with_context).with_tick_origin(START_TICKS)
}

/// Fills a chunk with every event type that we write; `round` shifts figures, so that two chunks differ.
pub fn fill(chunk: &mut ChunkBuilder, round: u64) {
    about_the_process(chunk);
    samples(chunk, round);
    chunk.counter("samples", 2 + round as i64);
    chunk.counter("drops.ring full", -1);
}

fn about_the_process(chunk: &mut ChunkBuilder) {
    chunk.active_recording(&ActiveRecording {
        id: 1,
        name: "pyrite",
        destination: None,
        max_age_ms: 0,
        max_size_bytes: 0,
        start_epoch_ms: START_EPOCH_NS / 1_000_000,
        duration_ms: 10_000,
    });
    chunk.active_setting(EventType::ExecutionSample, "event", "ctimer");
    chunk.active_setting(EventType::ExecutionSample, "interval", "10000000");
    chunk.active_setting(EventType::WallClockSample, "wall", "50000000");
    chunk.os_information("Linux 6.1");
    let cpu = CpuInformation { cpu: "x86-64", description: "two cores", sockets: 1, cores: 2, hw_threads: 2 };
    chunk.cpu_information(&cpu);
    chunk.jvm_information(&JvmInformation {
        name: "OpenJDK 64-Bit Server VM",
        version: "25+36",
        arguments: Some("-Xmx1g"),
        flags: None,
        java_arguments: Some("Main --größe 3 \u{1F600}"),
        start_epoch_ms: START_EPOCH_NS / 1_000_000,
        pid: 4711,
    });
    chunk.initial_system_property("java.version", "25");
    chunk.initial_system_property("empty", "");
}

const CONTEXT: Context = Context { context_id: 7, span_id: 0x1111_2222_3333_4444, span_name: 3 };

/// What the samples refer to.
#[derive(Clone, Copy)]
struct Names {
    string: ClassId,
    java: StackTraceId,
    native: StackTraceId,
    main: ThreadId,
    gc: ThreadId,
}

fn names(chunk: &mut ChunkBuilder) -> Names {
    let string = chunk.class("java/lang/String");
    let library = chunk.class("libc.so.6");
    let get = chunk.method(string, "hashCode", "()I", 1, false);
    let lambda = chunk.method(string, "lambda$größe$0", "(I)V", 0x1002, true);
    let read = chunk.method(library, "read", "()L;", 0x100, false);
    let frame = |method, line, kind| Frame { method, line, bci: 7, kind };
    let java = [frame(get, 42, FrameType::JitCompiled), frame(lambda, 9, FrameType::Interpreted)];
    let native = [
        frame(read, 0, FrameType::Native),
        frame(get, 42, FrameType::Inlined),
        frame(lambda, 70_000, FrameType::C1Compiled),
    ];
    let thread = |os_name, os_thread_id, java_name: Option<&'static str>, java_thread_id| ThreadInfo {
        os_name,
        os_thread_id,
        java_name,
        java_thread_id,
    };
    Names {
        string,
        java: chunk.stack_trace(false, &java),
        native: chunk.stack_trace(true, &native),
        main: chunk.thread(thread("main", 4712, Some("main ☕"), 1)),
        gc: chunk.thread(thread("GC Thread#0", 4713, None, 0)),
    }
}

fn samples(chunk: &mut ChunkBuilder, round: u64) {
    let at = START_TICKS + round * 10_000_000_000;
    let names = names(chunk);
    let Names { string, java, native, main, gc } = names;
    for sample in 0..40 + round {
        let (thread, stack) = if sample % 3 == 0 { (gc, native) } else { (main, java) };
        chunk.in_context(if sample % 2 == 0 { CONTEXT } else { Context::default() });
        chunk.execution_sample(at + sample * 10_000_000, thread, stack);
    }
    chunk.in_context(CONTEXT).object_allocation_in_new_tlab(at + 1, main, java, string, 24, 524_312 + round);
    chunk.object_allocation_outside_tlab(at + 2, main, native, string, 1 << 40);
    chunk.live_object(at + 3, main, java, string, 24, at - 4_900_000_000);
    waits(chunk, at, names);
    measurements(chunk, at);
    chunk.in_context(CONTEXT).wall_clock_sample(at + 8, main, java, ThreadState::Runnable, 7, 300_000_000);
    chunk.wall_clock_sample(at + 9, gc, native, ThreadState::Sleeping, 4, 200_000_000);
}

fn waits(chunk: &mut ChunkBuilder, at: u64, names: Names) {
    let Names { string, java, native, main, gc } = names;
    let wait = Contention { duration_ns: 5_000_001, class: Some(string), address: 0xffff_ffff_ffff };
    chunk.in_context(CONTEXT).java_monitor_enter(at - 5_000_000, main, java, wait, Some(gc));
    chunk.java_monitor_enter(at + 4, gc, native, Contention { class: None, ..wait }, None);
    chunk.thread_park(at + 5, main, java, wait, 1_000_000_000, 0);
}

fn measurements(chunk: &mut ChunkBuilder, at: u64) {
    chunk.cpu_load(at + 6, 0.5, 0.25, 0.875);
    let heap = GcHeapSummary {
        gc_id: 3,
        when: GcWhen::After,
        start: 0x7000_0000,
        committed_end: 0x7800_0000,
        committed_size: 0x0800_0000,
        reserved_end: 0x8000_0000,
        reserved_size: 0x1000_0000,
        heap_used: 12_345_678,
    };
    chunk.gc_heap_summary(at + 7, &heap);
}

/// One file of two chunks that holds every event type.
pub fn two_chunks(with_context: bool) -> Vec<u8> {
    let mut first = builder(IdSource::default(), with_context);
    fill(&mut first, 0);
    let ids = first.next_ids();
    let mut file = first.finish(times(0));
    let mut second = builder(ids, with_context);
    fill(&mut second, 1);
    file.extend(second.finish(times(1)));
    file
}

/// The samples of a recording written anew by our writer: what the agent would have written for the same program.
pub fn rewrite(bytes: &[u8]) -> Vec<u8> {
    rewrite_with_estimate(bytes).0
}

/// The same, and the size that the builder estimated.
pub fn rewrite_with_estimate(bytes: &[u8]) -> (Vec<u8>, usize) {
    let recording = jfr::read(bytes, &Limits::default()).unwrap();
    let chunk = &recording.chunks[0];
    let mut rewriter = Rewriter { chunk, out: ChunkBuilder::new(IdSource::default()) };
    for event in chunk.events() {
        rewriter.event(&event);
    }
    let start_ticks = rewriter.ticks(chunk.header.start_ticks);
    let estimate = rewriter.out.estimated_bytes();
    let times =
        ChunkTimes { start_epoch_ns: chunk.header.start_epoch_ns, start_ticks, duration_ns: chunk.header.duration_ns };
    (rewriter.out.finish(times), estimate)
}

struct Rewriter<'a> {
    chunk: &'a Chunk,
    out: ChunkBuilder,
}

impl Rewriter<'_> {
    /// Times of async-profiler's chunks are counted from the start of the machine.
    fn ticks(&self, ticks: i64) -> u64 {
        self.chunk.span_ns(ticks) as u64
    }

    fn stack(&mut self, id: i64) -> StackTraceId {
        let trace = self.chunk.stack_trace(id).unwrap();
        let frames: Vec<_> = trace
            .frames
            .iter()
            .map(|frame| {
                let class = self.out.class(&without_lambda_address(frame.class_name()));
                let (name, descriptor) = (frame.method_name(), frame.descriptor());
                let method = self.out.method(class, name, descriptor, frame.method.modifiers, frame.method.hidden);
                Frame { method, line: frame.line as u32, bci: frame.bci as u32, kind: frame.kind.unwrap() }
            })
            .collect();
        self.out.stack_trace(trace.truncated, &frames)
    }

    fn thread(&mut self, id: i64) -> ThreadId {
        let thread = self.chunk.thread(id).unwrap();
        self.out.thread(ThreadInfo {
            os_name: thread.os_name.as_deref().unwrap_or(""),
            os_thread_id: thread.os_thread_id,
            java_name: thread.java_name.as_deref(),
            java_thread_id: thread.java_thread_id,
        })
    }

    fn class(&mut self, id: i64) -> ClassId {
        self.out.class(self.chunk.class_name(id).unwrap())
    }

    fn contention(&mut self, duration: i64, class: i64, address: i64) -> Contention {
        let class = self.chunk.class_name(class).is_some().then(|| self.class(class));
        Contention { duration_ns: self.ticks(duration), class, address: address as u64 }
    }

    fn event(&mut self, event: &Event<'_>) {
        match event {
            Event::ActiveSetting(e) => {
                let name = self.chunk.event_name(e.id).unwrap_or("");
                let event = EventType::by_name(name).unwrap_or(EventType::ActiveRecording);
                self.out.active_setting(event, &e.name, &e.value);
            }
            Event::InitialSystemProperty(e) => self.out.initial_system_property(&e.key, &e.value),
            Event::ExecutionSample(e) => {
                let (ticks, thread, stack) = self.place(e.ticks, e.thread, e.stack);
                self.out.execution_sample(ticks, thread, stack);
            }
            Event::WallClockSample(e) => {
                let (ticks, thread, stack) = self.place(e.ticks, e.thread, e.stack);
                let SampleState::Known(state) = e.state else { panic!("{:?}", e.state) };
                let span = self.ticks(e.time_span);
                self.out.wall_clock_sample(ticks, thread, stack, state, e.samples as u32, span);
            }
            Event::ObjectAllocationInNewTlab(e) => {
                let (ticks, thread, stack) = self.place(e.ticks, e.thread, e.stack);
                let (class, size, tlab) = (self.class(e.class), e.allocation_size as u64, e.tlab_size as u64);
                self.out.object_allocation_in_new_tlab(ticks, thread, stack, class, size, tlab);
            }
            Event::JavaMonitorEnter(e) => {
                let (ticks, thread, stack) = self.place(e.ticks, e.thread, e.stack);
                let wait = self.contention(e.duration, e.class, e.address);
                self.out.java_monitor_enter(ticks, thread, stack, wait, None);
            }
            Event::ThreadPark(e) => {
                let (ticks, thread, stack) = self.place(e.ticks, e.thread, e.stack);
                let wait = self.contention(e.duration, e.class, e.address);
                let (timeout, until) = (e.timeout_ns as u64, e.until_epoch_ms as u64);
                self.out.thread_park(ticks, thread, stack, wait, timeout, until);
            }
            _ => {}
        }
    }

    fn place(&mut self, ticks: i64, thread: i64, stack: i64) -> (u64, ThreadId, StackTraceId) {
        (self.ticks(ticks), self.thread(thread), self.stack(stack))
    }
}

/// Pyroscope shows all classes of one lambda as one, so the agent writes them so.
fn without_lambda_address(name: &str) -> String {
    name.find("$$Lambda").map_or_else(|| name.to_owned(), |at| format!("{}$$Lambda_", &name[..at]))
}

/// Totals by `metric:type` as Pyroscope's parser computes them at 100 Hz, from our reader.
pub fn totals(recording: &Recording) -> BTreeMap<String, i64> {
    let mut totals = BTreeMap::new();
    each_value(recording, |kind, _, _, value| *totals.entry(kind.to_owned()).or_insert(0) += value);
    totals
}

/// The same by `metric:type`, a tab and the stack, root first.
pub fn stacks(recording: &Recording) -> BTreeMap<String, i64> {
    let mut totals = BTreeMap::new();
    each_value(recording, |kind, chunk, stack, value| {
        let frames = chunk.stack_trace(stack).unwrap().frames.iter().rev();
        let names: Vec<_> = frames.map(|frame| format!("{}.{}", frame.class_name(), frame.method_name())).collect();
        *totals.entry(format!("{kind}\t{}", names.join(";"))).or_insert(0) += value;
    });
    totals
}

/// Samples as async-profiler's converter counts them: CPU by state, wall-clock samples by their `samples`.
pub fn samples_by_kind(recording: &Recording) -> Vec<(&'static str, u64)> {
    let totals = totals(recording);
    let of = |names: &[&str]| names.iter().filter_map(|name| totals.get(*name)).sum::<i64>() as u64;
    let is_wall = recording.chunks.iter().any(|chunk| chunk.events().any(|event| is_wall_setting(&event)));
    let cpu = if is_wall { 0 } else { of(&["process_cpu:cpu"]) / PERIOD_NS as u64 };
    let kinds = [
        ("cpu", cpu),
        ("wall", of(&["wall:wall"]) / PERIOD_NS as u64),
        ("alloc", of(&["memory:alloc_in_new_tlab_objects", "memory:alloc_outside_tlab_objects"])),
        ("lock", of(&["mutex:contentions", "block:contentions"])),
        ("live", of(&["memory:live"])),
    ];
    kinds.into_iter().filter(|(_, samples)| *samples > 0).collect()
}

/// One sample at the 100 Hz that the totals are for.
const PERIOD_NS: i64 = 10_000_000;

fn is_wall_setting(event: &Event<'_>) -> bool {
    matches!(event, Event::ActiveSetting(setting) if setting.name == "event" && setting.value == "wall")
}

/// Calls `add` with sample type, chunk, stack and value of every sample, in file order as the server streams them.
fn each_value(recording: &Recording, mut add: impl FnMut(&str, &Chunk, i64, i64)) {
    let mut is_wall = false;
    for chunk in &recording.chunks {
        for event in chunk.events() {
            match &event {
                Event::ActiveSetting(setting) if setting.name == "event" => is_wall = setting.value == "wall",
                Event::ExecutionSample(e) => {
                    if e.state.counts_as_cpu() {
                        add("process_cpu:cpu", chunk, e.stack, PERIOD_NS);
                    }
                    if is_wall {
                        add("wall:wall", chunk, e.stack, PERIOD_NS);
                    }
                }
                Event::WallClockSample(e) => {
                    add("wall:wall", chunk, e.stack, e.samples * PERIOD_NS);
                    if is_wall && e.state == SampleState::Known(ThreadState::Runnable) {
                        add("process_cpu:cpu", chunk, e.stack, e.samples * PERIOD_NS);
                    }
                }
                Event::ObjectAllocationInNewTlab(e) => {
                    add("memory:alloc_in_new_tlab_objects", chunk, e.stack, 1);
                    add("memory:alloc_in_new_tlab_bytes", chunk, e.stack, e.tlab_size);
                }
                Event::ObjectAllocationOutsideTlab(e) => {
                    add("memory:alloc_outside_tlab_objects", chunk, e.stack, 1);
                    add("memory:alloc_outside_tlab_bytes", chunk, e.stack, e.allocation_size);
                }
                Event::LiveObject(e) => add("memory:live", chunk, e.stack, 1),
                Event::JavaMonitorEnter(e) => {
                    add("mutex:contentions", chunk, e.stack, 1);
                    add("mutex:delay", chunk, e.stack, e.duration);
                }
                Event::ThreadPark(e) => {
                    add("block:contentions", chunk, e.stack, 1);
                    add("block:delay", chunk, e.stack, e.duration);
                }
                _ => {}
            }
        }
    }
}
