//! A recording as text, one event a line with its names resolved: for golden files, diffs and people.

use std::fmt::Write;

use crate::reader::{Chunk, Event, Recording, StackTrace};

/// The recording as text. The form is for reading and comparing; it is no interface to parse.
#[must_use]
pub fn dump(recording: &Recording) -> String {
    let mut text = String::new();
    for (number, chunk) in recording.chunks.iter().enumerate() {
        // Writing to a String cannot fail.
        let header = chunk.header;
        let _ = writeln!(
            text,
            "chunk {number} start={} duration={} ticks={} per-second={}",
            header.start_epoch_ns, header.duration_ns, header.start_ticks, header.ticks_per_second
        );
        chunk.events().for_each(|event| line(&mut text, chunk, &event));
    }
    text
}

/// Where an event happened.
struct Place {
    thread: i64,
    stack: i64,
    class: Option<i64>,
}

fn line(text: &mut String, chunk: &Chunk, event: &Event<'_>) {
    let _ = write!(text, "{event:?}");
    if let Some(place) = place(event) {
        let _ = write!(text, "\n    thread {}", thread_name(chunk, place.thread));
        if let Some(class) = place.class {
            let _ = write!(text, ", class {}", chunk.class_name(class).unwrap_or("none"));
        }
        let _ = write!(text, "\n    {}", chunk.stack_trace(place.stack).map_or_else(|| "no stack".to_owned(), frames));
    }
    text.push('\n');
}

fn place(event: &Event<'_>) -> Option<Place> {
    let (thread, stack, class) = match event {
        Event::ExecutionSample(e) => (e.thread, e.stack, None),
        Event::WallClockSample(e) => (e.thread, e.stack, None),
        Event::ObjectAllocationInNewTlab(e) => (e.thread, e.stack, Some(e.class)),
        Event::ObjectAllocationOutsideTlab(e) => (e.thread, e.stack, Some(e.class)),
        Event::ObjectAllocationSample(e) => (e.thread, e.stack, Some(e.class)),
        Event::LiveObject(e) => (e.thread, e.stack, Some(e.class)),
        Event::JavaMonitorEnter(e) => (e.thread, e.stack, Some(e.class)),
        Event::ThreadPark(e) => (e.thread, e.stack, Some(e.class)),
        Event::Malloc(e) => (e.thread, e.stack, None),
        Event::Free(e) => (e.thread, e.stack, None),
        _ => return None,
    };
    Some(Place { thread, stack, class })
}

fn thread_name(chunk: &Chunk, id: i64) -> String {
    let Some(thread) = chunk.thread(id) else {
        return "none".to_owned();
    };
    let name = thread.java_name.as_ref().or(thread.os_name.as_ref());
    format!("{}[{}]", name.map_or("", |name| name), thread.os_thread_id)
}

/// Root first, as collapsed stacks are written.
fn frames(trace: &StackTrace) -> String {
    let frames = trace.frames.iter().rev();
    let frames = frames.map(|frame| {
        let kind = frame.kind.map_or_else(|| "unknown".to_owned(), |kind| format!("{kind:?}"));
        format!(
            "{}.{}{}:{}@{} {kind}",
            frame.class_name(),
            frame.method_name(),
            frame.descriptor(),
            frame.line,
            frame.bci
        )
    });
    let mark = if trace.truncated { "(truncated) " } else { "" };
    format!("{mark}{}", frames.collect::<Vec<_>>().join("; "))
}
