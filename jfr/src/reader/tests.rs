//! Recordings written by hand: other writers' habits, and hostile ones.

use super::*;
use crate::{summary, varint};

/// A field: name, type, whether it is pooled, whether it is an array.
type FieldSpec = (&'static str, u64, bool, bool);

const TEXT: u64 = 20;
const LONG: u64 = 11;
const INT: u64 = 10;

/// Assembles a chunk from its parts.
#[derive(Clone)]
struct Assembly {
    classes: Vec<(u64, String, Vec<FieldSpec>)>,
    pools: Vec<u8>,
    pool_count: u64,
    delta: i64,
    events: Vec<u8>,
}

impl Assembly {
    fn new() -> Self {
        let primitives =
            [(INT, "int"), (LONG, "long"), (4, "boolean"), (6, "float"), (7, "double"), (TEXT, "java.lang.String")];
        let classes = primitives.into_iter().map(|(id, name)| (id, name.to_owned(), Vec::new())).collect();
        Self { classes, pools: Vec::new(), pool_count: 0, delta: 0, events: Vec::new() }
    }

    fn class(mut self, id: u64, name: &str, fields: &[FieldSpec]) -> Self {
        self.classes.push((id, name.to_owned(), fields.to_vec()));
        self
    }

    fn pool(mut self, type_id: u64, count: u64, entries: &[u8]) -> Self {
        varint::put(&mut self.pools, type_id);
        varint::put(&mut self.pools, count);
        self.pools.extend_from_slice(entries);
        self.pool_count += 1;
        self
    }

    fn event(mut self, type_id: u64, fields: &[u8]) -> Self {
        self.events.extend(sized(type_id, fields));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let metadata = sized(0, &[&[0, 0, 9][..], &self.metadata()].concat());
        let mut checkpoint = vec![0, 0];
        varint::put(&mut checkpoint, self.delta as u64);
        checkpoint.push(1);
        varint::put(&mut checkpoint, self.pool_count);
        checkpoint.extend_from_slice(&self.pools);
        let checkpoint = sized(1, &checkpoint);
        let checkpoint_at = 68 + metadata.len();
        let size = checkpoint_at + checkpoint.len() + self.events.len();
        let mut bytes = b"FLR\0\0\x02\0\0".to_vec();
        for field in [size as u64, checkpoint_at as u64, 68, 1_000, 10, 0, 1_000_000_000] {
            bytes.extend(field.to_be_bytes());
        }
        bytes.extend([0, 0, 0, 1]);
        [bytes, metadata, checkpoint, self.events.clone()].concat()
    }

    fn metadata(&self) -> Vec<u8> {
        let mut strings = Vec::new();
        let mut classes = Vec::new();
        for (id, name, fields) in &self.classes {
            let mut children = Vec::new();
            for (field, type_id, pooled, array) in fields {
                let mut attributes = vec![("name", (*field).to_owned()), ("class", type_id.to_string())];
                attributes.extend(pooled.then(|| ("constantPool", "true".to_owned())));
                attributes.extend(array.then(|| ("dimension", "1".to_owned())));
                children.push(element(&mut strings, "field", &attributes, &[]));
            }
            let attributes = [("name", name.clone()), ("id", id.to_string())];
            classes.push(element(&mut strings, "class", &attributes, &children));
        }
        let metadata = element(&mut strings, "metadata", &[], &classes);
        let root = element(&mut strings, "root", &[], &[metadata]);
        let mut out = Vec::new();
        varint::put(&mut out, strings.len() as u64);
        strings.iter().for_each(|string| out.extend(utf8(string)));
        out.extend(root);
        out
    }

    fn read(&self) -> Result<Recording, ReadError> {
        read(&self.bytes(), &Limits::default())
    }

    fn reason(&self) -> String {
        self.read().expect_err("a hostile recording").to_string()
    }
}

fn element(strings: &mut Vec<String>, name: &str, attributes: &[(&str, String)], children: &[Vec<u8>]) -> Vec<u8> {
    let mut index = |text: &str| {
        let at = strings.iter().position(|known| known == text);
        at.unwrap_or_else(|| {
            strings.push(text.to_owned());
            strings.len() - 1
        }) as u64
    };
    let mut out = Vec::new();
    varint::put(&mut out, index(name));
    varint::put(&mut out, attributes.len() as u64);
    for (key, value) in attributes {
        varint::put(&mut out, index(key));
        varint::put(&mut out, index(value));
    }
    varint::put(&mut out, children.len() as u64);
    out.extend(children.concat());
    out
}

/// An event with a size padded to five bytes, as async-profiler writes large ones.
fn sized(type_id: u64, fields: &[u8]) -> Vec<u8> {
    let mut content = Vec::new();
    varint::put(&mut content, type_id);
    content.extend_from_slice(fields);
    let size = content.len() + 5;
    let mut out: Vec<u8> = (0..4).map(|at| (size >> (7 * at)) as u8 | 0x80).collect();
    out.push((size >> 28) as u8);
    out.extend(content);
    out
}

fn utf8(text: &str) -> Vec<u8> {
    let mut out = vec![3];
    varint::put(&mut out, text.len() as u64);
    out.extend(text.as_bytes());
    out
}

/// A chunk with one setting event whose name and value are encoded as given.
fn setting(name: &[u8], value: &[u8]) -> Assembly {
    let fields = [
        ("startTime", LONG, false, false),
        ("id", LONG, false, false),
        ("name", TEXT, false, false),
        ("value", TEXT, false, false),
    ];
    Assembly::new().class(108, "jdk.ActiveSetting", &fields).event(108, &[&[5, 108][..], name, value].concat())
}

fn only_event(recording: &Recording) -> Event<'_> {
    let mut events = recording.chunks[0].events();
    let event = events.next().expect("one event");
    assert!(events.next().is_none());
    event
}

#[test]
fn every_string_encoding_is_read() {
    let latin1 = [5, 2, b'a', 0xE9];
    let utf16 = [&[4, 3][..], b"x", &[0xBD, 0xB0, 0x03], &[0x80, 0xBC, 0x03]].concat();
    let pooled = [2, 9];
    let cases: [(&[u8], &str); 6] =
        [(&[0], ""), (&[1], ""), (&pooled, "from pool"), (&[3, 2, 0xC3, 0xA9], "é"), (&utf16, "x😀"), (&latin1, "aé")];
    for (bytes, expected) in cases {
        let pool = [&[9][..], &utf8("from pool")].concat();
        let recording = setting(&[1], bytes).pool(TEXT, 1, &pool).read().unwrap();
        let Event::ActiveSetting(setting) = only_event(&recording) else { panic!("a setting") };
        assert_eq!(setting.value, expected, "{bytes:?}");
    }
}

#[test]
fn invalid_utf8_is_replaced_and_an_unknown_encoding_refused() {
    let recording = setting(&[3, 1, 0xFF], &[0]).read().unwrap();
    let Event::ActiveSetting(read) = only_event(&recording) else { panic!("a setting") };
    assert_eq!(read.name, "\u{FFFD}");
    assert!(setting(&[6], &[0]).reason().contains("string encoding 6"));
}

#[test]
fn fields_are_bound_by_name_whatever_their_order_and_width() {
    let fields = [
        ("unknown", 7, false, false),
        ("samples", LONG, false, false),
        ("stackTrace", LONG, false, false),
        ("extra", INT, false, true),
        ("startTime", LONG, false, false),
        ("spanId", LONG, false, false),
    ];
    let assembly = Assembly::new().class(119, "profiler.WallClockSample", &fields);
    let recording = assembly.event(119, &[0, 0, 0, 0, 0, 0, 0, 0, 7, 33, 2, 1, 1, 50, 99]).read().unwrap();
    let Event::WallClockSample(sample) = only_event(&recording) else { panic!("a wall-clock sample") };
    assert_eq!((sample.samples, sample.ticks, sample.context.span_id), (7, 50, 99));
    assert_eq!(sample.stack, 0, "a long of that name is no reference to a stack trace");
    assert_eq!(sample.state, SampleState::Unresolved);
}

#[test]
fn events_of_unknown_and_undeclared_types_are_counted() {
    let assembly = Assembly::new().class(300, "other.Event", &[("startTime", LONG, false, false)]);
    let recording = assembly.event(300, &[1]).event(300, &[2]).event(999, &[1, 2, 3]).read().unwrap();
    let counts: Vec<_> = summary(&recording).into_iter().collect();
    assert_eq!(counts, [("#999".to_owned(), 1), ("other.Event".to_owned(), 2)]);
    let names: Vec<_> = recording.chunks[0]
        .events()
        .map(|event| matches!(event, Event::Other(other) if other.name.is_some()))
        .collect();
    assert_eq!(names, [true, true, false]);
}

#[test]
fn a_setting_resolves_its_event_and_times_their_clock() {
    let recording = setting(&[1], &[1]).read().unwrap();
    let chunk = &recording.chunks[0];
    assert_eq!(chunk.event_name(108), Some("jdk.ActiveSetting"));
    assert_eq!(chunk.epoch_ns(5), 1_005);
    assert_eq!(chunk.epoch_ns(-5), 995);
}

#[test]
fn what_is_no_recording_says_so() {
    for bytes in [&b""[..], b"x", b"PK\x03\x04 an archive"] {
        assert!(matches!(read(bytes, &Limits::default()), Err(ReadError::NotJfr { offset: 0 })), "{bytes:?}");
    }
    let mut old = Assembly::new().bytes();
    old[5] = 1;
    assert!(matches!(read(&old, &Limits::default()), Err(ReadError::UnsupportedVersion { major: 1, .. })));
    let mut unfinished = Assembly::new().bytes();
    unfinished[64] = 255;
    assert!(matches!(read(&unfinished, &Limits::default()), Err(ReadError::Unfinished { offset: 0 })));
}

#[test]
fn bytes_after_the_last_chunk_are_an_error() {
    let mut bytes = Assembly::new().bytes();
    let size = bytes.len();
    bytes.push(0);
    assert_eq!(read(&bytes, &Limits::default()).expect_err("trailing byte").offset(), size);
}

#[test]
fn every_truncation_is_an_error() {
    let bytes = setting(&utf8("name"), &utf8("value")).bytes();
    for length in 0..bytes.len() {
        assert!(read(&bytes[..length], &Limits::default()).is_err(), "{length} bytes");
    }
}

#[test]
fn an_event_of_size_zero_or_past_the_end_is_refused() {
    let mut zero = Assembly::new();
    zero.events = vec![0];
    assert!(zero.reason().contains("size 0"));
    let mut long = Assembly::new();
    long.events = vec![100, 7];
    assert!(matches!(long.read(), Err(ReadError::Truncated { what: "event", .. })));
}

#[test]
fn a_bound_event_shorter_than_its_fields_is_refused() {
    let fields = [("startTime", LONG, false, false), ("name", TEXT, false, false), ("value", LONG, false, false)];
    let assembly = Assembly::new().class(140, "pyrite.Counters", &fields).event(140, &[1, 1]);
    assert!(matches!(assembly.read(), Err(ReadError::Truncated { .. })));
}

#[test]
fn types_that_contain_themselves_are_refused() {
    let recursive = [("startTime", LONG, false, false), ("self", 101, false, false)];
    let assembly = Assembly::new().class(101, "jdk.ExecutionSample", &recursive);
    assert!(assembly.reason().contains("nests deeper"));
    let array = [("startTime", LONG, false, false), ("self", 101, false, true)];
    assert!(Assembly::new().class(101, "jdk.ExecutionSample", &array).reason().contains("nests deeper"));
}

#[test]
fn types_that_multiply_are_refused_quickly() {
    let mut assembly = Assembly::new().class(101, "jdk.ExecutionSample", &[("a", 500, false, false); 30]);
    for level in 500..506 {
        assembly = assembly.class(level, "level", &[("a", level + 1, false, false); 30]);
    }
    let bounded = assembly.class(506, "empty", &[]);
    assert!(bounded.reason().contains("too large"), "{}", bounded.reason());
}

#[test]
fn arrays_of_nothing_and_huge_counts_are_refused() {
    let fields = [("startTime", LONG, false, false), ("list", 500, false, true)];
    let assembly = Assembly::new().class(500, "empty", &[]).class(101, "jdk.ExecutionSample", &fields);
    assert!(assembly.reason().contains("without fields"));
    let pool = [0xFF; 9];
    let symbols = Assembly::new().class(31, "jdk.types.Symbol", &[("string", TEXT, false, false)]);
    let mut huge = symbols.pool(31, 1, &[]);
    huge.pools.truncate(1);
    huge.pools.extend(pool);
    assert!(matches!(huge.read(), Err(ReadError::Truncated { what: "pool size", .. })));
}

#[test]
fn checkpoints_in_a_circle_or_outside_are_refused() {
    let mut circle = Assembly::new().pool(TEXT, 1, &[1, 0]);
    let second_at = circle.bytes().len() as i64;
    circle.delta = 1000;
    assert!(circle.reason().contains("out of the chunk"));
    // A second checkpoint that points back to the first.
    let first_at = {
        let bytes = circle.bytes();
        i64::from(u16::from_be_bytes([bytes[22], bytes[23]]))
    };
    circle.delta = second_at + 1 - first_at;
    let mut back = vec![0, 0];
    varint::put(&mut back, -circle.delta as u64);
    back.extend([1, 0]);
    circle.events = sized(1, &back);
    let length = circle.bytes().len() as i64;
    circle.delta = length - circle.events.len() as i64 - first_at;
    let mut back = vec![0, 0];
    varint::put(&mut back, -circle.delta as u64);
    back.extend([1, 0]);
    circle.events = sized(1, &back);
    assert!(circle.reason().contains("circle"), "{}", circle.reason());
}

#[test]
fn undeclared_types_are_named() {
    assert!(Assembly::new().pool(77, 1, &[1, 0]).reason().contains("type 77"));
    let field = [("startTime", 88, false, false)];
    assert!(Assembly::new().class(101, "jdk.ExecutionSample", &field).reason().contains("type 88"));
}

#[test]
fn limits_are_kept() {
    let symbols = Assembly::new().class(31, "jdk.types.Symbol", &[("string", TEXT, false, false)]);
    let bytes = symbols.pool(31, 3, &[1, 1, 2, 1, 3, 1]).bytes();
    let refused = |limits: Limits| match read(&bytes, &limits) {
        Err(ReadError::LimitExceeded { what, .. }) => what,
        other => panic!("{other:?}"),
    };
    let default = Limits::default();
    assert_eq!(refused(Limits { max_bytes: 10, ..default }), "bytes");
    assert_eq!(refused(Limits { max_chunks: 0, ..default }), "chunks");
    assert_eq!(refused(Limits { max_constants: 2, ..default }), "constants");
    assert_eq!(refused(Limits { max_metadata_elements: 3, ..default }), "metadata elements");
    assert!(read(&bytes, &Limits { max_constants: 3, ..default }).is_ok());
}

#[test]
fn frames_are_limited() {
    let assembly = Assembly::new()
        .class(27, "jdk.types.StackFrame", &[("lineNumber", INT, false, false)])
        .class(26, "jdk.types.StackTrace", &[("truncated", 4, false, false), ("frames", 27, false, true)])
        .pool(26, 1, &[1, 1, 3, 10, 20, 30]);
    let recording = assembly.read().unwrap();
    let trace = recording.chunks[0].stack_trace(1).unwrap();
    assert!(trace.truncated);
    assert_eq!(trace.frames.iter().map(|frame| frame.line).collect::<Vec<_>>(), [10, 20, 30]);
    assert_eq!((trace.frames[0].method_name(), trace.frames[0].kind), ("", None));
    let limits = Limits { max_frames: 2, ..Limits::default() };
    assert!(matches!(read(&assembly.bytes(), &limits), Err(ReadError::LimitExceeded { what: "stack frames", .. })));
}

#[test]
fn names_in_metadata_are_bounded() {
    let assembly = Assembly::new().class(500, &"x".repeat(300), &[]);
    assert!(assembly.reason().contains("above 256 bytes"));
}
