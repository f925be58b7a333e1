//! Constant pools: names, threads and stack traces, resolved once per chunk.

use std::collections::HashMap;
use std::sync::Arc;

use super::ReadError;
use super::binding::{Binding, Value, number};
use super::budget::{Allowance, Budget};
use super::checkpoint::{Raw, Source, value};
use super::cursor::{Cursor, Text, decode};
use super::event::SampleState;
use super::metadata::Types;
use crate::schema::{FRAME_TYPES, FieldType, FrameType, THREAD_STATES, flatten};

/// A method of the recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Method {
    /// Declaring class with slashes, or the library of a native function; empty when the recording does not say.
    pub class_name: Arc<str>,
    /// Method or symbol name.
    pub name: Arc<str>,
    /// Descriptor such as `(I)V`.
    pub descriptor: Arc<str>,
    /// Access flags.
    pub modifiers: i32,
    /// Whether the JVM hides the frame.
    pub hidden: bool,
}

/// One frame of a stack trace.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackFrame {
    /// The method; both names are empty when the recording does not hold it.
    pub method: Arc<Method>,
    /// Line in the source, 0 when unknown.
    pub line: i32,
    /// Position in the byte code, 0 when unknown.
    pub bci: i32,
    /// How it was running, if it is one of the known ways.
    pub kind: Option<FrameType>,
}

impl StackFrame {
    /// Declaring class with slashes, or library.
    #[must_use]
    pub fn class_name(&self) -> &str {
        &self.method.class_name
    }

    /// Method or symbol name.
    #[must_use]
    pub fn method_name(&self) -> &str {
        &self.method.name
    }

    /// Descriptor such as `(I)V`.
    #[must_use]
    pub fn descriptor(&self) -> &str {
        &self.method.descriptor
    }
}

/// A stack trace, leaf first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StackTrace {
    /// Whether frames are missing at the root.
    pub truncated: bool,
    /// The frames, leaf first.
    pub frames: Vec<StackFrame>,
}

/// A thread of the recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Thread {
    /// Name that the operating system shows.
    pub os_name: Option<Arc<str>>,
    /// Thread id of the operating system.
    pub os_thread_id: i64,
    /// Name of the Java thread, if it is one.
    pub java_name: Option<Arc<str>>,
    /// Id of the Java thread, 0 for others.
    pub java_thread_id: i64,
}

/// The pools of one chunk.
#[derive(Debug, Default)]
pub(super) struct Pools {
    pub(super) strings: HashMap<i64, Arc<str>>,
    pub(super) class_names: HashMap<i64, Arc<str>>,
    pub(super) threads: HashMap<i64, Thread>,
    pub(super) traces: HashMap<i64, StackTrace>,
    pub(super) states: HashMap<i64, SampleState>,
    pub(super) gc_when: HashMap<i64, Arc<str>>,
}

/// Resolves the constants of a chunk.
pub(super) fn resolve(chunk: Source<'_>, types: &Types, raw: &Raw, budget: &mut Budget) -> Result<Pools, ReadError> {
    let texts = raw.strings.iter();
    let strings: HashMap<_, _> =
        texts.filter_map(|(key, text)| Some((*key, Arc::from(decode(chunk.bytes, *text)?)))).collect();
    let names = Names { bytes: chunk.bytes, strings: &strings };
    let symbols = names.pool(raw.of(FieldType::Symbol));
    let states = names.pool(raw.of(FieldType::ThreadState));
    let class_names: HashMap<_, _> = raw
        .of(FieldType::Class)
        .filter_map(|(key, values)| Some((key, symbols.get(&number(value(values, 1)))?.clone())))
        .collect();
    let frames = Frames {
        methods: methods(raw, &class_names, &symbols),
        kinds: names.pool(raw.of(FieldType::FrameType)).iter().filter_map(frame_type).collect(),
    };
    Ok(Pools {
        threads: raw.of(FieldType::Thread).map(|(key, values)| (key, names.thread(values))).collect(),
        traces: traces(chunk, types, raw, &frames, budget)?,
        states: states.iter().map(|(key, name)| (*key, sample_state(name))).collect(),
        gc_when: names.pool(raw.of(FieldType::GcWhen)),
        class_names,
        strings,
    })
}

type Texts = HashMap<i64, Arc<str>>;

fn methods(raw: &Raw, class_names: &Texts, symbols: &Texts) -> HashMap<i64, Arc<Method>> {
    let empty = Arc::<str>::default();
    let name = |pool: &Texts, value| pool.get(&number(value)).unwrap_or(&empty).clone();
    let methods = raw.of(FieldType::Method).map(|(key, values)| {
        let method = Method {
            class_name: name(class_names, value(values, 0)),
            name: name(symbols, value(values, 1)),
            descriptor: name(symbols, value(values, 2)),
            modifiers: number(value(values, 3)) as i32,
            hidden: number(value(values, 4)) != 0,
        };
        (key, Arc::new(method))
    });
    methods.collect()
}

/// Resolves texts of constants.
struct Names<'a> {
    bytes: &'a [u8],
    strings: &'a HashMap<i64, Arc<str>>,
}

impl Names<'_> {
    fn text(&self, value: Value) -> Option<Arc<str>> {
        match value {
            Value::Text(Text::Pooled(key)) => self.strings.get(&key).cloned(),
            Value::Text(text) => decode(self.bytes, text).map(Arc::from),
            _ => None,
        }
    }

    /// A pool whose constants are one text each.
    fn pool<'r>(&self, constants: impl Iterator<Item = (i64, &'r [Value])>) -> Texts {
        constants.filter_map(|(key, values)| Some((key, self.text(value(values, 0))?))).collect()
    }

    fn thread(&self, values: &[Value]) -> Thread {
        Thread {
            os_name: self.text(value(values, 0)),
            os_thread_id: number(value(values, 1)),
            java_name: self.text(value(values, 2)),
            java_thread_id: number(value(values, 3)),
        }
    }
}

/// What frames refer to.
struct Frames {
    methods: HashMap<i64, Arc<Method>>,
    kinds: HashMap<i64, FrameType>,
}

fn traces(
    chunk: Source<'_>,
    types: &Types,
    raw: &Raw,
    frames: &Frames,
    budget: &mut Budget,
) -> Result<HashMap<i64, StackTrace>, ReadError> {
    let row = FieldType::Frames.row();
    let declared = types.iter().find(|(_, declared)| *declared.name == *row.name);
    let Some((frame_id, _)) = declared else {
        return Ok(HashMap::new());
    };
    let binding = Binding::new(types, *frame_id, &flatten(row.fields), chunk.base, &mut Allowance::steps())?;
    let unknown = Arc::new(Method::default());
    let mut traces = HashMap::new();
    for (key, values) in raw.of(FieldType::StackTrace) {
        let Value::Array { at, count } = value(values, 1) else {
            continue;
        };
        budget.frames.take(count, chunk.base + at)?;
        let mut cursor = Cursor::new(chunk.bytes, chunk.base, at, chunk.bytes.len());
        let mut resolved = Vec::with_capacity(count);
        for _ in 0..count {
            let values = binding.read(&mut cursor)?;
            resolved.push(StackFrame {
                method: frames.methods.get(&number(values[0])).unwrap_or(&unknown).clone(),
                line: number(values[1]) as i32,
                bci: number(values[2]) as i32,
                kind: frames.kinds.get(&number(values[3])).copied(),
            });
        }
        traces.insert(key, StackTrace { truncated: number(value(values, 0)) != 0, frames: resolved });
    }
    Ok(traces)
}

fn frame_type((key, name): (&i64, &Arc<str>)) -> Option<(i64, FrameType)> {
    let (kind, _) = FRAME_TYPES.iter().find(|(_, description)| *description == &**name)?;
    Some((*key, *kind))
}

fn sample_state(name: &str) -> SampleState {
    let known = THREAD_STATES.iter().find(|(_, text)| *text == name).map(|(state, _)| *state);
    known.map_or(SampleState::Other, SampleState::Known)
}
