//! A chunk that was read: its events in file order, and the names they refer to.

use std::collections::{BTreeMap, HashMap};

use super::binding::{Binding, Values};
use super::budget::{Allowance, Budget};
use super::checkpoint::{self, Source};
use super::cursor::Cursor;
use super::event::{Bound, Event, Other};
use super::header::HEADER_BYTES;
use super::metadata::{self, Types};
use super::pools::{self, Pools, StackTrace, Thread};
use super::{Header, ReadError};
use crate::EventType;
use crate::schema::{CONTEXT_FIELDS, FieldType, Slot, Unit};

/// One chunk. Constants are those of this chunk alone.
#[derive(Debug)]
pub struct Chunk {
    /// Times and size of the chunk.
    pub header: Header,
    bytes: Vec<u8>,
    base: usize,
    types: Types,
    bindings: HashMap<i64, (EventType, Binding)>,
    pools: Pools,
    counts: BTreeMap<i64, u64>,
}

impl Chunk {
    /// Reads the chunk `bytes` that starts at `base` of the recording, and checks every event.
    pub(super) fn read(bytes: &[u8], base: usize, header: Header, budget: &mut Budget) -> Result<Self, ReadError> {
        let cursor = Cursor::new(bytes, base, header.metadata_at, bytes.len());
        let types = metadata::read(bytes, cursor, &mut budget.metadata_elements)?;
        let source = Source { bytes, base };
        let raw = checkpoint::read(source, header.checkpoint_at, &types, budget)?;
        let pools = pools::resolve(source, &types, &raw, budget)?;
        let bindings = bindings(&types, base)?;
        let mut chunk = Self { header, bytes: bytes.to_vec(), base, types, bindings, pools, counts: BTreeMap::new() };
        let mut counts = BTreeMap::new();
        let mut at = HEADER_BYTES;
        while at < chunk.bytes.len() {
            let raw = chunk.event_at(at)?;
            if let Some(type_id) = raw.type_id {
                *counts.entry(type_id).or_insert(0) += 1;
            }
            at = raw.end;
        }
        chunk.counts = counts;
        Ok(chunk)
    }

    /// The events in file order; metadata and checkpoints are not events.
    #[must_use]
    pub fn events(&self) -> Events<'_> {
        Events { chunk: self, at: HEADER_BYTES }
    }

    /// The stack trace of an event, if the chunk holds it.
    #[must_use]
    pub fn stack_trace(&self, id: i64) -> Option<&StackTrace> {
        self.pools.traces.get(&id)
    }

    /// The thread of an event, if the chunk holds it.
    #[must_use]
    pub fn thread(&self, id: i64) -> Option<&Thread> {
        self.pools.threads.get(&id)
    }

    /// Name of a class with slashes, if the chunk holds it.
    #[must_use]
    pub fn class_name(&self, id: i64) -> Option<&str> {
        self.pools.class_names.get(&id).map(|name| &**name)
    }

    /// Name of an event type that this chunk declares, such as the type that an `ActiveSetting` is for.
    #[must_use]
    pub fn event_name(&self, type_id: i64) -> Option<&str> {
        self.types.get(&type_id).map(|declared| &*declared.name)
    }

    /// A time of this chunk in nanoseconds since 1970.
    #[must_use]
    pub fn epoch_ns(&self, ticks: i64) -> i128 {
        i128::from(self.header.start_epoch_ns) + self.span_ns(ticks.wrapping_sub(self.header.start_ticks))
    }

    /// A number of ticks in nanoseconds.
    #[must_use]
    pub fn span_ns(&self, ticks: i64) -> i128 {
        i128::from(ticks) * 1_000_000_000 / i128::from(self.header.ticks_per_second.max(1))
    }

    /// Number of events per name; a type that is not declared is named by `#` and its id.
    pub(crate) fn event_counts(&self) -> impl Iterator<Item = (String, u64)> {
        self.counts.iter().map(|(type_id, count)| (self.name_or_number(*type_id), *count))
    }

    pub(super) fn pools(&self) -> &Pools {
        &self.pools
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn name_or_number(&self, type_id: i64) -> String {
        self.event_name(type_id).map_or_else(|| format!("#{type_id}"), str::to_owned)
    }

    /// Reads the event at `at`. Events of bound types must fit their size; others are passed over by it.
    fn event_at(&self, at: usize) -> Result<RawEvent, ReadError> {
        let mut cursor = Cursor::new(&self.bytes, self.base, at, self.bytes.len());
        let offset = cursor.offset();
        let size = cursor.varint("event size")?;
        if size == 0 {
            return Err(ReadError::malformed(offset, "an event of size 0"));
        }
        let end = usize::try_from(size).ok().and_then(|size| at.checked_add(size));
        let end = end.filter(|end| *end <= self.bytes.len()).ok_or(ReadError::Truncated { offset, what: "event" })?;
        let mut cursor = Cursor::new(&self.bytes, self.base, cursor.at(), end);
        let type_id = cursor.long("event type")?;
        if type_id == METADATA_EVENT || type_id == CHECKPOINT_EVENT {
            return Ok(RawEvent { end, type_id: None, bound: None });
        }
        let bound = match self.bindings.get(&type_id) {
            Some((event, binding)) => Some((*event, binding.read(&mut cursor)?)),
            None => None,
        };
        Ok(RawEvent { end, type_id: Some(type_id), bound })
    }
}

/// Type ids of the two events that are not described by the metadata.
const METADATA_EVENT: i64 = 0;
const CHECKPOINT_EVENT: i64 = 1;

/// An event as it was read.
struct RawEvent {
    end: usize,
    type_id: Option<i64>,
    bound: Option<(EventType, Values)>,
}

/// Bindings of every declared event type that the schema knows.
fn bindings(types: &Types, base: usize) -> Result<HashMap<i64, (EventType, Binding)>, ReadError> {
    let known = types.iter().filter_map(|(id, declared)| Some((*id, EventType::by_name(&declared.name)?)));
    let mut steps = Allowance::steps();
    known
        .map(|(id, event)| Ok((id, (event, Binding::new(types, id, &event_slots(event), base, &mut steps)?))))
        .collect()
}

/// Values bound of an event: its fields, then the context, which other writers put on further types.
fn event_slots(event: EventType) -> Vec<Slot> {
    let own = event.slots().iter().map(|slot| (slot.path.clone(), slot.kind));
    let context = CONTEXT_FIELDS.iter().filter(|field| field.kind == FieldType::Long);
    let context = context.map(|field| (field.name.to_owned(), field.kind));
    own.chain(context).map(|(path, kind)| Slot { path, kind, unit: Unit::None }).collect()
}

/// The events of a chunk in file order.
#[derive(Debug)]
pub struct Events<'a> {
    chunk: &'a Chunk,
    at: usize,
}

impl<'a> Iterator for Events<'a> {
    type Item = Event<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        while self.at < self.chunk.bytes.len() {
            // Every event was read once when the chunk was; a second reading gives the same.
            let raw = self.chunk.event_at(self.at).ok()?;
            self.at = raw.end;
            let Some(type_id) = raw.type_id else { continue };
            let Some((event, values)) = raw.bound else {
                return Some(Event::Other(Other { type_id, name: self.chunk.event_name(type_id) }));
            };
            return Some(Event::bind(event, &Bound::new(self.chunk, event, values)));
        }
        None
    }
}
