//! The chunk: one interval's fold as JFR bytes. No clock, no socket.

use std::collections::HashMap;

use jfr::{
    ChunkBuilder, ChunkTimes, EventType, Frame as JfrFrame, FrameType, IdSource, MethodId, StackTraceId, ThreadInfo,
};

use crate::fold::Fold;
use crate::fold::frames::{Frame, FrameId, FrameKind, Frames};

/// What a chunk says besides its samples.
pub struct ChunkFacts<'a> {
    /// When the interval began and how long it was.
    pub times: ChunkTimes,
    /// Name of the engine, for the setting `event`. Never `wall`: the server would invent CPU time from it.
    pub engine: &'a str,
    /// Interval of the engine in nanoseconds.
    pub interval_ns: u64,
    /// Name and version of the JVM.
    pub jvm: (&'a str, &'a str),
    /// Our own counters.
    pub counters: &'a [(String, i64)],
}

/// Encodes the fold. Settings come first, because a reader that streams needs them before the samples.
pub fn encode(fold: &Fold, frames: &Frames, facts: &ChunkFacts<'_>) -> Vec<u8> {
    let mut chunk = ChunkBuilder::new(IdSource::default());
    chunk.active_setting(EventType::ExecutionSample, "event", facts.engine);
    chunk.active_setting(EventType::ExecutionSample, "interval", &facts.interval_ns.to_string());
    chunk.active_setting(EventType::ExecutionSample, "agent", concat!("pyrite ", env!("CARGO_PKG_VERSION")));
    let (name, version) = facts.jvm;
    chunk.active_setting(EventType::ExecutionSample, "jvm", &format!("{name} {version}"));
    let threads: Vec<_> = fold
        .threads
        .iter()
        .map(|thread| {
            chunk.thread(ThreadInfo {
                os_name: &thread.native,
                os_thread_id: i64::from(thread.tid),
                java_name: thread.java.as_deref(),
                java_thread_id: 0,
            })
        })
        .collect();
    let traces = stack_traces(&mut chunk, fold, frames);
    for row in &fold.rows {
        let (Some(thread), Some(trace)) = (threads.get(row.thread as usize), traces.get(row.call_trace.index())) else {
            continue;
        };
        // The server counts events, so a weight is written as that many.
        for _ in 0..row.weight {
            chunk.execution_sample(row.time_ns, *thread, *trace);
        }
    }
    for (name, value) in facts.counters {
        chunk.counter(name, *value);
    }
    chunk.finish(facts.times)
}

fn stack_traces(chunk: &mut ChunkBuilder, fold: &Fold, frames: &Frames) -> Vec<StackTraceId> {
    let mut known: HashMap<FrameId, JfrFrame> = HashMap::new();
    let mut buffer = Vec::new();
    fold.call_traces
        .stacks()
        .map(|stack| {
            buffer.clear();
            for id in stack {
                let frame = match known.get(id) {
                    Some(frame) => Some(*frame),
                    None => frames.get(*id).map(|frame| jfr_frame(chunk, frames, frame)),
                };
                if let Some(frame) = frame {
                    known.insert(*id, frame);
                    buffer.push(frame);
                }
            }
            let truncated = stack.len() >= crate::fold::stack::MAX_FRAMES;
            chunk.stack_trace(truncated, &buffer)
        })
        .collect()
}

fn jfr_frame(chunk: &mut ChunkBuilder, frames: &Frames, frame: &Frame) -> JfrFrame {
    let method: MethodId = {
        let class = chunk.class(frames.text(frame.class));
        let (name, descriptor) = (frames.text(frame.method), frames.text(frame.descriptor));
        chunk.method(class, name, descriptor, frame.modifiers, false)
    };
    let kind = match frame.kind {
        FrameKind::Java => FrameType::JitCompiled,
        FrameKind::JavaNative | FrameKind::Pseudo => FrameType::Native,
        FrameKind::Native | FrameKind::Unnamed => FrameType::Cpp,
    };
    JfrFrame { method, line: frame.line, bci: 0, kind }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;
    use crate::fold::ThreadKey;
    use crate::threads::ThreadName;

    #[test]
    fn a_chunk_holds_every_sample_its_stack_and_its_thread() {
        let mut frames = Frames::default();
        let stack = [frames.named("libc.so.6", "read", FrameKind::Native), frames.pseudo("stack truncated")];
        let mut fold = Fold::default();
        let thread = || Arc::new(ThreadName { tid: 7, java: Some("main".into()), native: "java".into() });
        fold.add(1_000, ThreadKey::Tid(7), thread, &stack, 3);
        let facts = ChunkFacts {
            times: ChunkTimes { start_epoch_ns: 1_700_000_000_000_000_000, start_ticks: 0, duration_ns: 10_000 },
            engine: "ctimer",
            interval_ns: 10_000_000,
            jvm: ("vm", "1"),
            counters: &[("samples".into(), 3)],
        };
        let bytes = encode(&fold, &frames, &facts);
        let recording = jfr::read(&bytes, &jfr::Limits::default()).expect("our own reader accepts it");
        let text = jfr::dump(&recording);
        assert_eq!(jfr::summary(&recording).get("jdk.ExecutionSample"), Some(&3));
        assert!(text.contains("read") && text.contains("stack truncated") && text.contains("main"), "{text}");
        assert_eq!(jfr::summary(&recording).get("pyrite.Counters"), Some(&1));
    }
}
