//! The bytes of a chunk: 68-byte header, metadata, events, one checkpoint.

use super::events::AT_CHUNK_START;
use super::numbering::{Numbering, stack_slot};
use super::{ChunkBuilder, ChunkTimes, Row, metadata};
use crate::EventType;
use crate::schema::{FRAME_TYPES, FieldType, GC_WHEN, Slot, THREAD_STATES, Unit};
use crate::varint;

/// Header size in bytes.
const HEADER_BYTES: usize = 68;

/// Header, the fixed pools and the frames of metadata and checkpoint, for the size estimate.
pub(super) const FIXED_BYTES: usize = 512;

/// Start times are rounded down to 2^14 ns. No reader shows less than 16 us, and the low bytes become a constant 0x80: the
/// chunk compresses a fifth better.
const START_TIME_MASK: u64 = !((1 << 14) - 1);

/// Type ids of the two events that are not described by the metadata.
const METADATA_EVENT: u64 = 0;
const CHECKPOINT_EVENT: u64 = 1;

/// Encodes the whole chunk.
pub(super) fn chunk(builder: &ChunkBuilder, times: ChunkTimes) -> Vec<u8> {
    let encoder = Encoder {
        builder,
        start_ticks: times.start_ticks,
        origin: builder.tick_origin.unwrap_or(times.start_ticks),
        numbering: Numbering::new(builder),
    };
    let mut out = Vec::with_capacity(builder.estimated_bytes());
    out.resize(HEADER_BYTES, 0);
    encoder.metadata(&mut out);
    encoder.events(&mut out);
    let checkpoint_at = out.len();
    encoder.checkpoint(&mut out);
    let size = out.len();
    let header = encoder.header(times, size, checkpoint_at);
    out[..HEADER_BYTES].copy_from_slice(&header);
    out
}

/// Appends a string: encoding 0 for null, else 3 (UTF-8), the only one that every reader takes everywhere.
pub(super) fn put_text(out: &mut Vec<u8>, text: Option<&str>) {
    let Some(text) = text else {
        out.push(0);
        return;
    };
    out.push(3);
    varint::put(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

/// Appends an event: its size, which counts its own bytes, then its type and fields.
fn put_event(out: &mut Vec<u8>, event_type: u64, fields: &[u8]) {
    let content = varint::len(event_type) + fields.len();
    let size =
        (1..=varint::MAX_BYTES).map(|own| content + own).find(|size| varint::len(*size as u64) + content == *size);
    varint::put(out, size.unwrap_or(content + varint::MAX_BYTES) as u64);
    varint::put(out, event_type);
    out.extend_from_slice(fields);
}

struct Encoder<'a> {
    builder: &'a ChunkBuilder,
    start_ticks: u64,
    origin: u64,
    numbering: Numbering,
}

impl Encoder<'_> {
    fn header(&self, times: ChunkTimes, size: usize, checkpoint_at: usize) -> [u8; HEADER_BYTES] {
        let mut header = [0; HEADER_BYTES];
        header[..8].copy_from_slice(b"FLR\0\0\x02\0\0");
        let fields = [
            size as u64,
            checkpoint_at as u64,
            HEADER_BYTES as u64,
            times.start_epoch_ns,
            times.duration_ns,
            self.relative(times.start_ticks),
            1_000_000_000,
            // Byte 64 is the state, 0 when finished; bit 0 of byte 67 says that integers are compressed.
            1,
        ];
        for (at, field) in fields[..7].iter().enumerate() {
            header[8 + 8 * at..16 + 8 * at].copy_from_slice(&field.to_be_bytes());
        }
        header[64..].copy_from_slice(&(fields[7] as u32).to_be_bytes());
        header
    }

    fn metadata(&self, out: &mut Vec<u8>) {
        let with_context = self.builder.with_context;
        let mut fields = Vec::new();
        varint::put(&mut fields, self.relative(self.start_ticks));
        varint::put(&mut fields, 0);
        varint::put(&mut fields, metadata::id(with_context));
        fields.extend_from_slice(metadata::body(with_context));
        put_event(out, METADATA_EVENT, &fields);
    }

    /// Events by type, stack and time: neighbours then share most bytes. Types without a stack keep the caller's order.
    fn events(&self, out: &mut Vec<u8>) {
        let mut order: Vec<_> = self.builder.rows.iter().map(|row| (self.sort_key(*row), *row)).collect();
        order.sort_by_key(|(key, _)| *key);
        self.end_with_a_single_wall_sample(&mut order);
        let mut fields = Vec::new();
        for (_, row) in order {
            fields.clear();
            self.event_fields(&mut fields, row);
            put_event(out, row.event.row().id.into(), &fields);
        }
    }

    fn sort_key(&self, row: Row) -> (EventType, u64, u64) {
        let values = self.builder.values_of(row);
        let stack = stack_slot(row.event).and_then(|at| values.get(at));
        let stack = stack.map_or(0, |value| self.numbering.traces.id_of_value(*value));
        let ticks = values.first().map_or(0, |ticks| self.absolute(*ticks));
        (row.event, stack, ticks)
    }

    /// Wall-clock samples are the last type; one with `samples` = 1 must be the very last event.
    fn end_with_a_single_wall_sample<K>(&self, order: &mut Vec<(K, Row)>) {
        if let Some(at) = order.iter().rposition(|(_, row)| self.builder.is_single_wall_sample(*row)) {
            let single = order.remove(at);
            order.push(single);
        }
    }

    fn event_fields(&self, out: &mut Vec<u8>, row: Row) {
        let values = self.builder.values_of(row);
        let slots = row.event.slots();
        for (slot, value) in slots.iter().zip(values) {
            self.value(out, slot, *value);
        }
        if self.builder.with_context && row.event.row().context {
            let mut context = vec![0];
            values[slots.len()..].iter().for_each(|value| varint::put(&mut context, *value));
            // Three longs of at most nine bytes, the type and the length itself stay below 128: one byte.
            varint::put(out, context.len() as u64 + 1);
            out.extend_from_slice(&context);
        }
    }

    fn value(&self, out: &mut Vec<u8>, slot: &Slot, value: u64) {
        let numbering = &self.numbering;
        let number = match slot.kind {
            FieldType::Float => return out.extend_from_slice(&(value as u32).to_be_bytes()),
            FieldType::Boolean => return out.push(u8::from(value != 0)),
            FieldType::Text => return put_text(out, self.text(value)),
            FieldType::Long if slot.unit == Unit::Ticks => self.relative(self.absolute(value)) & START_TIME_MASK,
            FieldType::Int => u64::from(value as u32),
            FieldType::Thread => numbering.threads.id_of_value(value),
            FieldType::StackTrace => numbering.traces.id_of_value(value),
            FieldType::Class => numbering.classes.id_of_value(value),
            _ => value,
        };
        varint::put(out, number);
    }

    fn text(&self, value: u64) -> Option<&str> {
        let handle = u32::try_from(value.checked_sub(1)?).ok()?;
        Some(self.builder.pools.text_of(handle))
    }

    /// One checkpoint with every pool that has entries; JDK 17 and 25 fail on an empty pool.
    fn checkpoint(&self, out: &mut Vec<u8>) {
        let pools = [
            (FieldType::FrameType, names(FRAME_TYPES.iter().map(|row| row.1))),
            (FieldType::ThreadState, names(THREAD_STATES.iter().map(|row| row.1))),
            (FieldType::GcWhen, if self.has_gc_events() { names(GC_WHEN.iter().copied()) } else { (0, Vec::new()) }),
            (FieldType::Symbol, self.symbols()),
            (FieldType::Class, self.classes()),
            (FieldType::Method, self.methods()),
            (FieldType::Thread, self.threads()),
            (FieldType::StackTrace, self.traces()),
        ];
        let used = pools.iter().filter(|(_, (count, _))| *count > 0);
        let mut fields = Vec::new();
        varint::put(&mut fields, self.relative(self.start_ticks));
        // Duration, distance to the checkpoint before, and the flag of a finished segment.
        fields.extend_from_slice(&[0, 0, 1]);
        varint::put(&mut fields, used.clone().count() as u64);
        for (kind, (count, entries)) in used {
            varint::put(&mut fields, kind.row().id.into());
            varint::put(&mut fields, *count as u64);
            fields.extend_from_slice(entries);
        }
        put_event(out, CHECKPOINT_EVENT, &fields);
    }

    fn has_gc_events(&self) -> bool {
        self.builder.rows.iter().any(|row| row.event == EventType::GcHeapSummary)
    }

    fn symbols(&self) -> (usize, Vec<u8>) {
        let mut out = Vec::new();
        for handle in self.numbering.symbols.handles() {
            varint::put(&mut out, self.numbering.symbols.id(*handle));
            put_text(&mut out, Some(self.builder.pools.text_of(*handle)));
        }
        (self.numbering.symbols.handles().len(), out)
    }

    fn classes(&self) -> (usize, Vec<u8>) {
        let mut out = Vec::new();
        for handle in self.numbering.classes.handles() {
            let name = self.builder.pools.classes()[*handle as usize].name;
            // Loader, name, package, modifiers.
            let fields = [self.numbering.classes.id(*handle), 0, self.numbering.symbols.id(name), 0, 0];
            fields.iter().for_each(|field| varint::put(&mut out, *field));
        }
        (self.numbering.classes.handles().len(), out)
    }

    fn methods(&self) -> (usize, Vec<u8>) {
        let mut out = Vec::new();
        let numbering = &self.numbering;
        for handle in numbering.methods.handles() {
            let method = self.builder.pools.methods()[*handle as usize];
            let names = [numbering.symbols.id(method.name), numbering.symbols.id(method.descriptor)];
            let modifiers = u64::from(method.modifiers as u32);
            let fields =
                [numbering.methods.id(*handle), numbering.classes.id(method.class), names[0], names[1], modifiers];
            fields.iter().for_each(|field| varint::put(&mut out, *field));
            out.push(u8::from(method.hidden));
        }
        (numbering.methods.handles().len(), out)
    }

    fn threads(&self) -> (usize, Vec<u8>) {
        let mut out = Vec::new();
        let pools = &self.builder.pools;
        for handle in self.numbering.threads.handles() {
            let thread = pools.threads()[*handle as usize];
            varint::put(&mut out, self.numbering.threads.id(*handle));
            put_text(&mut out, Some(pools.text_of(thread.os_name)));
            varint::put(&mut out, thread.os_thread_id as u64);
            put_text(&mut out, thread.java_name.map(|name| pools.text_of(name)));
            varint::put(&mut out, thread.java_thread_id as u64);
        }
        (self.numbering.threads.handles().len(), out)
    }

    fn traces(&self) -> (usize, Vec<u8>) {
        let mut out = Vec::new();
        let pools = &self.builder.pools;
        for handle in self.numbering.traces.handles() {
            let trace = pools.traces()[*handle as usize];
            let frames = pools.frames_of(trace);
            varint::put(&mut out, self.numbering.traces.id(*handle));
            out.push(u8::from(trace.truncated));
            varint::put(&mut out, frames.len() as u64);
            for frame in frames {
                let line = frame.line.min(i32::MAX as u32);
                let bci = frame.bci.min(i32::MAX as u32);
                let fields = [self.numbering.methods.id(frame.method.0), line.into(), bci.into(), frame.kind as u64];
                fields.iter().for_each(|field| varint::put(&mut out, *field));
            }
        }
        (self.numbering.traces.handles().len(), out)
    }

    fn absolute(&self, ticks: u64) -> u64 {
        if ticks == AT_CHUNK_START { self.start_ticks } else { ticks }
    }

    /// Ticks since the origin. A wait that began before the chunk wraps below zero, which every reader takes.
    fn relative(&self, ticks: u64) -> u64 {
        ticks.wrapping_sub(self.origin)
    }
}

/// Entries of a pool of names, keyed by their position.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> (usize, Vec<u8>) {
    let mut out = Vec::new();
    let mut count = 0;
    for name in names {
        varint::put(&mut out, count as u64);
        put_text(&mut out, Some(name));
        count += 1;
    }
    (count, out)
}
