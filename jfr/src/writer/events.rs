//! One method per event type. `ticks` are nanoseconds on the clock of [`ChunkTimes`](super::ChunkTimes).

use super::{
    ActiveRecording, ChunkBuilder, Contention, Context, CpuInformation, GcHeapSummary, JvmInformation, Row, ThreadInfo,
};
use crate::{ClassId, EventType, StackTraceId, ThreadId, ThreadState, varint};

/// Stands for the start of the chunk, which is known only when it is finished.
pub(super) const AT_CHUNK_START: u64 = u64::MAX;

/// Position of `samples` in a wall-clock sample; `timeSpan` follows.
const WALL_SAMPLES: usize = 4;

impl ChunkBuilder {
    /// One interval of CPU time.
    pub fn execution_sample(&mut self, ticks: u64, thread: ThreadId, stack: StackTraceId) {
        let (thread, stack) = (self.thread_value(thread), self.stack_value(stack));
        self.push(EventType::ExecutionSample, &[ticks, thread, stack, ThreadState::Default as u64]);
    }

    /// `samples` intervals of wall-clock time in one place; `time_span_ns` is the time from the first to the last of them.
    /// No interval is no event.
    pub fn wall_clock_sample(
        &mut self,
        ticks: u64,
        thread: ThreadId,
        stack: StackTraceId,
        state: ThreadState,
        samples: u32,
        time_span_ns: u64,
    ) {
        if samples == 0 {
            self.pending_context = Context::default();
            return;
        }
        let (thread, stack) = (self.thread_value(thread), self.stack_value(stack));
        // The field is a signed int; one event of 2^31 intervals would be a year and a half at 20 ms.
        let samples = u64::from(samples.min(i32::MAX as u32));
        self.push(EventType::WallClockSample, &[ticks, thread, stack, state as u64, samples, time_span_ns]);
    }

    /// One sampled allocation. Servers sum `tlab_size_bytes`, so it is the weight of the sample.
    pub fn object_allocation_in_new_tlab(
        &mut self,
        ticks: u64,
        thread: ThreadId,
        stack: StackTraceId,
        class: ClassId,
        allocation_size_bytes: u64,
        tlab_size_bytes: u64,
    ) {
        let [thread, stack, class] = self.allocation_values(thread, stack, class);
        let values = [ticks, thread, stack, class, allocation_size_bytes, tlab_size_bytes];
        self.push(EventType::ObjectAllocationInNewTlab, &values);
    }

    /// One allocation too large for a thread's buffer.
    pub fn object_allocation_outside_tlab(
        &mut self,
        ticks: u64,
        thread: ThreadId,
        stack: StackTraceId,
        class: ClassId,
        allocation_size_bytes: u64,
    ) {
        let [thread, stack, class] = self.allocation_values(thread, stack, class);
        self.push(EventType::ObjectAllocationOutsideTlab, &[ticks, thread, stack, class, allocation_size_bytes]);
    }

    /// One sampled object that is still reachable; `allocation_ticks` is when it was allocated.
    pub fn live_object(
        &mut self,
        ticks: u64,
        thread: ThreadId,
        stack: StackTraceId,
        class: ClassId,
        allocation_size_bytes: u64,
        allocation_ticks: u64,
    ) {
        let [thread, stack, class] = self.allocation_values(thread, stack, class);
        let values = [ticks, thread, stack, class, allocation_size_bytes, allocation_ticks];
        self.push(EventType::LiveObject, &values);
    }

    /// One wait for a monitor that began at `ticks`.
    pub fn java_monitor_enter(
        &mut self,
        ticks: u64,
        thread: ThreadId,
        stack: StackTraceId,
        wait: Contention,
        previous_owner: Option<ThreadId>,
    ) {
        let (thread, stack, class) = (self.thread_value(thread), self.stack_value(stack), self.class_value(wait.class));
        let owner = previous_owner.map_or(0, |owner| self.thread_value(owner));
        let values = [ticks, wait.duration_ns, thread, stack, class, owner, wait.address];
        self.push(EventType::JavaMonitorEnter, &values);
    }

    /// One wait in `java.util.concurrent` that began at `ticks`; `timeout_ns` and `until_epoch_ms` are 0 when not asked for.
    pub fn thread_park(
        &mut self,
        ticks: u64,
        thread: ThreadId,
        stack: StackTraceId,
        wait: Contention,
        timeout_ns: u64,
        until_epoch_ms: u64,
    ) {
        let (thread, stack, class) = (self.thread_value(thread), self.stack_value(stack), self.class_value(wait.class));
        let values = [ticks, wait.duration_ns, thread, stack, class, timeout_ns, until_epoch_ms, wait.address];
        self.push(EventType::ThreadPark, &values);
    }

    /// How busy the processors were, each from 0 to 1.
    pub fn cpu_load(&mut self, ticks: u64, jvm_user: f32, jvm_system: f32, machine_total: f32) {
        let shares = [jvm_user, jvm_system, machine_total].map(|share| u64::from(share.to_bits()));
        self.push(EventType::CpuLoad, &[ticks, shares[0], shares[1], shares[2]]);
    }

    /// The heap around a garbage collection.
    pub fn gc_heap_summary(&mut self, ticks: u64, heap: &GcHeapSummary) {
        let values = [
            ticks,
            heap.gc_id as u64,
            heap.when as u64,
            heap.start,
            heap.committed_end,
            heap.committed_size,
            heap.reserved_end,
            heap.reserved_size,
            heap.heap_used,
        ];
        self.push(EventType::GcHeapSummary, &values);
    }

    /// A counter of the profiler's own, for this chunk.
    pub fn counter(&mut self, name: &str, value: i64) {
        let name = self.text_value(Some(name));
        self.push(EventType::Counters, &[AT_CHUNK_START, name, value as u64]);
    }

    /// A setting in force for `event`. Write at least `event` and `interval` (and `wall` with wall-clock samples): jfrconv
    /// fails on samples without an interval. A type that our chunks do not declare is written as the recording's own setting.
    pub fn active_setting(&mut self, event: EventType, name: &str, value: &str) {
        let event = if event.row().written { event } else { EventType::ActiveRecording };
        let (name, value) = (self.text_value(Some(name)), self.text_value(Some(value)));
        self.push(EventType::ActiveSetting, &[AT_CHUNK_START, u64::from(event.row().id), name, value]);
    }

    /// The recording that the chunk belongs to.
    pub fn active_recording(&mut self, recording: &ActiveRecording<'_>) {
        let name = self.text_value(Some(recording.name));
        let destination = self.text_value(recording.destination);
        let values = [
            AT_CHUNK_START,
            recording.id,
            name,
            destination,
            recording.max_age_ms,
            recording.max_size_bytes,
            recording.start_epoch_ms,
            recording.duration_ms,
        ];
        self.push(EventType::ActiveRecording, &values);
    }

    /// The operating system.
    pub fn os_information(&mut self, version: &str) {
        let version = self.text_value(Some(version));
        self.push(EventType::OsInformation, &[AT_CHUNK_START, version]);
    }

    /// The processors.
    pub fn cpu_information(&mut self, cpu: &CpuInformation<'_>) {
        let (name, description) = (self.text_value(Some(cpu.cpu)), self.text_value(Some(cpu.description)));
        let counts = [cpu.sockets, cpu.cores, cpu.hw_threads].map(u64::from);
        self.push(EventType::CpuInformation, &[AT_CHUNK_START, name, description, counts[0], counts[1], counts[2]]);
    }

    /// The JVM and how it was started.
    pub fn jvm_information(&mut self, jvm: &JvmInformation<'_>) {
        let texts = [Some(jvm.name), Some(jvm.version), jvm.arguments, jvm.flags, jvm.java_arguments];
        let [name, version, arguments, flags, java_arguments] = texts.map(|text| self.text_value(text));
        let times = [jvm.start_epoch_ms, jvm.pid];
        let values = [AT_CHUNK_START, name, version, arguments, flags, java_arguments, times[0], times[1]];
        self.push(EventType::JvmInformation, &values);
    }

    /// A system property as the JVM started. The caller leaves out what may be secret.
    pub fn initial_system_property(&mut self, key: &str, value: &str) {
        let (key, value) = (self.text_value(Some(key)), self.text_value(Some(value)));
        self.push(EventType::InitialSystemProperty, &[AT_CHUNK_START, key, value]);
    }

    /// Makes the last wall-clock sample one of a single interval, totals unchanged.
    ///
    /// Pyroscope's parser keeps the `samples` of the last one for every later event of the file, in the next chunk too.
    pub(super) fn end_wall_clock_samples_with_one(&mut self) {
        if self.rows.iter().any(|row| self.is_single_wall_sample(*row)) {
            return;
        }
        let Some(row) = self.rows.iter().rfind(|row| row.event == EventType::WallClockSample).copied() else {
            return;
        };
        let values = self.values_of(row).to_vec();
        let &[ticks, thread, stack, state, samples, span, context_id, span_id, span_name] = values.as_slice() else {
            return;
        };
        let first = row.first_value as usize;
        self.values[first + WALL_SAMPLES] = samples - 1;
        self.values[first + WALL_SAMPLES + 1] = span - span / samples;
        self.pending_context = Context { context_id, span_id, span_name };
        self.push(EventType::WallClockSample, &[ticks, thread, stack, state, 1, span / samples]);
    }

    /// Whether `row` is a wall-clock sample of one interval.
    pub(super) fn is_single_wall_sample(&self, row: Row) -> bool {
        row.event == EventType::WallClockSample && self.values_of(row).get(WALL_SAMPLES) == Some(&1)
    }

    /// Thread, stack and class of an allocation as values.
    fn allocation_values(&mut self, thread: ThreadId, stack: StackTraceId, class: ClassId) -> [u64; 3] {
        [self.thread_value(thread), self.stack_value(stack), self.class_value(Some(class))]
    }

    /// The value of a thread; one of another builder becomes an unknown thread.
    fn thread_value(&mut self, thread: ThreadId) -> u64 {
        if self.pools.has_thread(thread) {
            return u64::from(thread.0) + 1;
        }
        let unknown = ThreadInfo { os_name: "unknown", os_thread_id: 0, java_name: None, java_thread_id: 0 };
        u64::from(self.thread(unknown).0) + 1
    }

    /// The value of a stack trace; it is never null, because readers drop samples without a stack.
    fn stack_value(&mut self, stack: StackTraceId) -> u64 {
        u64::from(self.known_stack(stack).0) + 1
    }

    /// The value of a class; none and one of another builder are null.
    fn class_value(&self, class: Option<ClassId>) -> u64 {
        class.filter(|class| self.pools.has_class(*class)).map_or(0, |class| u64::from(class.0) + 1)
    }

    /// The value of a text. Event texts are repeated in every event, so their bytes count each time.
    fn text_value(&mut self, text: Option<&str>) -> u64 {
        let Some(text) = text else { return 0 };
        let handle = self.pools.text(text);
        let length = self.pools.text_of(handle).len();
        self.event_bytes += 1 + varint::len(length as u64) + length;
        u64::from(handle) + 1
    }
}
