//! Interning of names, methods, traces and threads, with a running estimate of their encoded size.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash};
use std::sync::Arc;

use super::Frame;
use crate::{ClassId, IdSource, MethodId, StackTraceId, ThreadId, text, varint};

/// Distinct values in the order of first sight.
#[derive(Debug)]
pub(super) struct Interner<T> {
    handles: HashMap<T, u32>,
    values: Vec<T>,
}

impl<T: Clone + Eq + Hash> Interner<T> {
    fn new() -> Self {
        Self { handles: HashMap::new(), values: Vec::new() }
    }

    /// Handle of `value`, and whether it is new.
    fn intern<Q>(&mut self, value: &Q) -> (u32, bool)
    where
        Q: ?Sized + Eq + Hash,
        T: Borrow<Q> + for<'a> From<&'a Q>,
    {
        if let Some(handle) = self.handles.get(value) {
            return (*handle, false);
        }
        let handle = self.values.len() as u32;
        let owned = T::from(value);
        self.values.push(owned.clone());
        self.handles.insert(owned, handle);
        (handle, true)
    }

    pub(super) fn values(&self) -> &[T] {
        &self.values
    }
}

/// A class is its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ClassKey {
    pub(super) name: u32,
}

/// A method; `name` and `descriptor` are texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct MethodKey {
    pub(super) class: u32,
    pub(super) name: u32,
    pub(super) descriptor: u32,
    pub(super) modifiers: i32,
    pub(super) hidden: bool,
}

/// A thread; the names are texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct ThreadKey {
    pub(super) os_name: u32,
    pub(super) os_thread_id: i64,
    pub(super) java_name: Option<u32>,
    pub(super) java_thread_id: i64,
}

/// Keys are cheap to copy, so interning borrows them.
macro_rules! from_reference {
    ($($key:ty),*) => { $(impl From<&$key> for $key { fn from(key: &$key) -> Self { *key } })* };
}
from_reference!(ClassKey, MethodKey, ThreadKey);

/// A stack trace: a range of `Pools::frames`, and the next trace whose hash is the same.
#[derive(Clone, Copy, Debug)]
pub(super) struct TraceRange {
    start: u32,
    length: u32,
    pub(super) truncated: bool,
    same_hash: Option<u32>,
}

/// All pools of one chunk.
#[derive(Debug)]
pub(super) struct Pools {
    texts: Interner<Arc<str>>,
    classes: Interner<ClassKey>,
    methods: Interner<MethodKey>,
    threads: Interner<ThreadKey>,
    traces: Vec<TraceRange>,
    frames: Vec<Frame>,
    traces_by_hash: HashMap<u64, u32>,
    id_bytes: usize,
    bytes: usize,
}

/// A chunk that has this many constants of one kind is far above every size limit, so ids up to there bound the estimate.
const ESTIMATED_CONSTANTS: u64 = 1 << 20;

impl Pools {
    pub(super) fn new(ids: IdSource) -> Self {
        Self {
            texts: Interner::new(),
            classes: Interner::new(),
            methods: Interner::new(),
            threads: Interner::new(),
            traces: Vec::new(),
            frames: Vec::new(),
            traces_by_hash: HashMap::new(),
            id_bytes: varint::len(u64::from(ids.first()) + ESTIMATED_CONSTANTS),
            bytes: 0,
        }
    }

    /// Handle of a text, cut to the longest length that servers take.
    pub(super) fn text(&mut self, text: &str) -> u32 {
        let text = text::prefix(text, text::MAX_BYTES);
        let (handle, new) = self.texts.intern(text);
        if new {
            self.bytes += self.id_bytes + 1 + varint::len(text.len() as u64) + text.len();
        }
        handle
    }

    pub(super) fn class(&mut self, name: u32) -> u32 {
        let (handle, new) = self.classes.intern(&ClassKey { name });
        if new {
            self.bytes += 2 * self.id_bytes + 3;
        }
        handle
    }

    pub(super) fn method(&mut self, key: MethodKey) -> u32 {
        let (handle, new) = self.methods.intern(&key);
        if new {
            self.bytes += 4 * self.id_bytes + varint::len(u64::from(key.modifiers as u32)) + 1;
        }
        handle
    }

    pub(super) fn thread(&mut self, key: ThreadKey) -> u32 {
        let (handle, new) = self.threads.intern(&key);
        if new {
            let names = self.text_of(key.os_name).len() + key.java_name.map_or(0, |name| self.text_of(name).len());
            self.bytes += self.id_bytes + names + 8 + 2 * varint::MAX_BYTES;
        }
        handle
    }

    pub(super) fn stack_trace(&mut self, truncated: bool, frames: &[Frame]) -> u32 {
        let hash = self.traces_by_hash.hasher().hash_one((truncated, frames));
        let first = self.traces_by_hash.get(&hash).copied();
        let mut candidate = first;
        while let Some(handle) = candidate {
            let trace = self.traces[handle as usize];
            if trace.truncated == truncated && self.frames_of(trace) == frames {
                return handle;
            }
            candidate = trace.same_hash;
        }
        let handle = self.traces.len() as u32;
        let (start, length) = (self.frames.len() as u32, frames.len() as u32);
        self.traces.push(TraceRange { start, length, truncated, same_hash: first });
        self.traces_by_hash.insert(hash, handle);
        self.frames.extend_from_slice(frames);
        let numbers = frames.iter().map(|frame| varint::len(frame.line.into()) + varint::len(frame.bci.into()) + 1);
        self.bytes += self.id_bytes * (1 + frames.len()) + 1 + varint::len(length.into()) + numbers.sum::<usize>();
        handle
    }

    pub(super) fn has_class(&self, class: ClassId) -> bool {
        (class.0 as usize) < self.classes.values.len()
    }

    pub(super) fn has_method(&self, method: MethodId) -> bool {
        (method.0 as usize) < self.methods.values.len()
    }

    pub(super) fn has_stack_trace(&self, stack: StackTraceId) -> bool {
        (stack.0 as usize) < self.traces.len()
    }

    pub(super) fn has_thread(&self, thread: ThreadId) -> bool {
        (thread.0 as usize) < self.threads.values.len()
    }

    pub(super) fn texts(&self) -> &[Arc<str>] {
        self.texts.values()
    }

    pub(super) fn text_of(&self, handle: u32) -> &str {
        self.texts.values.get(handle as usize).map_or("", |text| text)
    }

    pub(super) fn classes(&self) -> &[ClassKey] {
        self.classes.values()
    }

    pub(super) fn methods(&self) -> &[MethodKey] {
        self.methods.values()
    }

    pub(super) fn threads(&self) -> &[ThreadKey] {
        self.threads.values()
    }

    pub(super) fn traces(&self) -> &[TraceRange] {
        &self.traces
    }

    pub(super) fn frames_of(&self, trace: TraceRange) -> &[Frame] {
        let start = trace.start as usize;
        self.frames.get(start..start + trace.length as usize).unwrap_or_default()
    }

    /// Size of the largest pool; all pools number from the same start.
    pub(super) fn largest(&self) -> usize {
        let sizes = [self.texts.values.len(), self.classes.values.len(), self.methods.values.len()];
        sizes.into_iter().chain([self.threads.values.len(), self.traces.len()]).max().unwrap_or(0)
    }

    /// Longest encoding of an id, for the size estimate.
    pub(super) fn id_bytes(&self) -> usize {
        self.id_bytes
    }

    pub(super) fn estimated_bytes(&self) -> usize {
        self.bytes
    }
}
