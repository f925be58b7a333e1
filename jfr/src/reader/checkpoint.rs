//! The chain of checkpoints: constants as they lie in the chunk, before anything is resolved.

use std::collections::HashMap;

use super::ReadError;
use super::binding::{Binding, Value};
use super::budget::{Allowance, Budget};
use super::cursor::{Cursor, Text};
use super::header::HEADER_BYTES;
use super::metadata::Types;
use crate::schema::{FieldType, flatten};

/// The bytes of a chunk, and where it starts in the recording.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    pub(super) bytes: &'a [u8],
    pub(super) base: usize,
}

/// Types whose constants are kept; `java.lang.String` is read apart, because it has no fields.
const KEPT: [FieldType; 8] = [
    FieldType::Symbol,
    FieldType::Class,
    FieldType::Method,
    FieldType::Thread,
    FieldType::StackTrace,
    FieldType::FrameType,
    FieldType::ThreadState,
    FieldType::GcWhen,
];

/// The values of one constant in schema order; boxed, because most have one and the array that events use is large.
type Constant = Box<[Value]>;

/// Constants by type and key.
#[derive(Default)]
pub(super) struct Raw {
    pub(super) strings: HashMap<i64, Text>,
    constants: HashMap<&'static str, HashMap<i64, Constant>>,
}

impl Raw {
    /// The constants of one type.
    pub(super) fn of(&self, kind: FieldType) -> impl Iterator<Item = (i64, &[Value])> {
        let pool = self.constants.get(kind.type_name());
        pool.into_iter().flatten().map(|(key, values)| (*key, &**values))
    }
}

/// Value `at` of a constant.
pub(super) fn value(values: &[Value], at: usize) -> Value {
    values.get(at).copied().unwrap_or(Value::Absent)
}

/// Follows the chain of checkpoints from `first`.
///
/// Together they take no more bytes than the chunk has, so neither a circle nor checkpoints inside each other can make the
/// reader go over the same bytes for ever.
pub(super) fn read(chunk: Source<'_>, first: usize, types: &Types, budget: &mut Budget) -> Result<Raw, ReadError> {
    let mut reader =
        Reader { chunk, types, budget, steps: Allowance::steps(), bindings: HashMap::new(), raw: Raw::default() };
    let mut bytes_left = chunk.bytes.len();
    let mut at = first;
    loop {
        let (delta, size) = reader.checkpoint(at)?;
        let offset = chunk.base + at;
        bytes_left = bytes_left
            .checked_sub(size)
            .ok_or_else(|| ReadError::malformed(offset, "checkpoints overlap or run in a circle"))?;
        if delta == 0 {
            return Ok(reader.raw);
        }
        let next = i64::try_from(at).ok().and_then(|at| at.checked_add(delta));
        let next = next.and_then(|next| usize::try_from(next).ok());
        let inside = next.filter(|next| *next >= HEADER_BYTES && *next < chunk.bytes.len());
        at = inside.ok_or_else(|| {
            ReadError::malformed(offset, format!("checkpoint distance {delta} leads out of the chunk"))
        })?;
    }
}

/// How to read the constants of a type, and under which name they are kept.
struct PoolBinding {
    binding: Binding,
    kept: Option<(&'static str, usize)>,
}

struct Reader<'a, 'b> {
    chunk: Source<'a>,
    types: &'a Types,
    budget: &'b mut Budget,
    steps: Allowance,
    bindings: HashMap<i64, PoolBinding>,
    raw: Raw,
}

impl Reader<'_, '_> {
    /// Reads the checkpoint at `at` and returns the distance to the next, 0 for none, and its size.
    fn checkpoint(&mut self, at: usize) -> Result<(i64, usize), ReadError> {
        let Source { bytes, base } = self.chunk;
        let mut cursor = Cursor::new(bytes, base, at, bytes.len());
        let offset = cursor.offset();
        let size = usize::try_from(cursor.varint("checkpoint size")?).unwrap_or(usize::MAX);
        let end = at.checked_add(size).filter(|end| *end <= bytes.len());
        let end = end.ok_or(ReadError::Truncated { offset, what: "checkpoint" })?;
        let mut cursor = Cursor::new(bytes, base, cursor.at(), end);
        if cursor.varint("checkpoint type")? != 1 {
            return Err(ReadError::malformed(offset, "no checkpoint where the chain says"));
        }
        cursor.varint("checkpoint start")?;
        cursor.varint("checkpoint duration")?;
        let delta = cursor.long("checkpoint distance")?;
        cursor.byte("checkpoint flags")?;
        for _ in 0..cursor.count("checkpoint pools")? {
            self.pool(&mut cursor)?;
        }
        Ok((delta, size))
    }

    /// Reads one pool. Pools of types that are not kept are read too: that is the only way past them.
    fn pool(&mut self, cursor: &mut Cursor<'_>) -> Result<(), ReadError> {
        let offset = cursor.offset();
        let type_id = cursor.long("pool type")?;
        let count = cursor.count("pool size")?;
        self.budget.constants.take(count, offset)?;
        if self.types.get(&type_id).is_some_and(|declared| *declared.name == *FieldType::Text.type_name()) {
            for _ in 0..count {
                let key = cursor.long("constant key")?;
                self.raw.strings.insert(key, cursor.text()?);
            }
            return Ok(());
        }
        self.bind(type_id, offset)?;
        let Some(PoolBinding { binding, kept }) = self.bindings.get(&type_id) else {
            return Ok(());
        };
        let mut kept = kept.map(|(name, size)| (self.raw.constants.entry(name).or_default(), size));
        for _ in 0..count {
            let key = cursor.long("constant key")?;
            let values = binding.read(cursor)?;
            if let Some((pool, size)) = &mut kept {
                pool.insert(key, values.iter().take(*size).copied().collect());
            }
        }
        Ok(())
    }

    /// Binds a type once; a pool of it may come any number of times.
    fn bind(&mut self, type_id: i64, offset: usize) -> Result<(), ReadError> {
        if self.bindings.contains_key(&type_id) {
            return Ok(());
        }
        let undeclared = || ReadError::malformed(offset, format!("pool of type {type_id}, which is not declared"));
        let declared = self.types.get(&type_id).ok_or_else(undeclared)?;
        let row = KEPT.iter().map(|kind| kind.row()).find(|row| *row.name == *declared.name);
        let slots = row.map_or_else(Vec::new, |row| flatten(row.fields));
        let binding = Binding::new(self.types, type_id, &slots, offset, &mut self.steps)?;
        self.bindings.insert(type_id, PoolBinding { binding, kept: row.map(|row| (row.name, slots.len())) });
        Ok(())
    }
}
