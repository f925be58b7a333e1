//! How to read the fields of a type: flattened once per chunk into a list of steps, each of which takes at least a byte.

use std::collections::HashMap;

use super::ReadError;
use super::budget::Allowance;
use super::cursor::{Cursor, Text};
use super::metadata::{Field, Type, Types};
use crate::schema::{FieldType, Slot};

/// Deepest nesting of structures inside a type.
const MAX_DEPTH: usize = 8;

/// Most values that the reader binds of one event.
pub(super) const MAX_SLOTS: usize = 16;

/// One bound value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Value {
    Absent,
    Number(i64),
    Float(f32),
    Text(Text),
    /// An array: where its first element lies and how many there are.
    Array {
        at: usize,
        count: usize,
    },
}

/// Bound values of one event or constant, by position in the schema.
pub(super) type Values = [Value; MAX_SLOTS];

/// How a value is stored.
#[derive(Clone, Debug)]
enum Step {
    Varint,
    Byte,
    Float,
    Double,
    Text,
    /// A text kept in the pool of `java.lang.String`.
    TextReference,
    Array(Vec<Step>),
}

/// The steps of a type, each with the position of its value in the schema if it is wanted.
#[derive(Clone, Debug)]
pub(super) struct Binding {
    steps: Vec<(Step, Option<u8>)>,
}

impl Binding {
    /// The binding of type `id`, wanted values named by `slots`. `offset` is where an error is reported.
    pub(super) fn new(
        types: &Types,
        id: i64,
        slots: &[Slot],
        offset: usize,
        steps_left: &mut Allowance,
    ) -> Result<Self, ReadError> {
        let by_path = slots.iter().enumerate();
        let by_path = by_path.map(|(at, slot)| (slot.path.as_str(), (at as u8, slot.kind)));
        let mut compiler = Compiler { types, by_path: by_path.collect(), offset, steps_left };
        let mut steps = Vec::new();
        compiler.structure(id, "", 0, &mut steps)?;
        Ok(Self { steps })
    }

    /// Reads one value of the type.
    pub(super) fn read(&self, cursor: &mut Cursor<'_>) -> Result<Values, ReadError> {
        let mut values = [Value::Absent; MAX_SLOTS];
        for (step, slot) in &self.steps {
            let value = step.read(cursor)?;
            if let Some(place) = slot.and_then(|slot| values.get_mut(usize::from(slot))) {
                *place = value;
            }
        }
        Ok(values)
    }
}

impl Step {
    fn read(&self, cursor: &mut Cursor<'_>) -> Result<Value, ReadError> {
        Ok(match self {
            Self::Varint => Value::Number(cursor.long("field")?),
            Self::Byte => Value::Number(i64::from(cursor.byte("field")?)),
            Self::Float => Value::Float(cursor.float("field")?),
            Self::Double => Value::Float(cursor.double("field")? as f32),
            Self::Text => Value::Text(cursor.text()?),
            Self::TextReference => Value::Text(Text::Pooled(cursor.long("string reference")?)),
            Self::Array(element) => {
                let count = cursor.count("array")?;
                let at = cursor.at();
                for _ in 0..count {
                    for step in element {
                        step.read(cursor)?;
                    }
                }
                Value::Array { at, count }
            }
        })
    }
}

/// Flattens types into steps.
struct Compiler<'a, 'b> {
    types: &'a Types,
    by_path: HashMap<&'a str, (u8, FieldType)>,
    offset: usize,
    steps_left: &'b mut Allowance,
}

/// Steps, each with the position of its value in the schema.
type Steps = Vec<(Step, Option<u8>)>;

impl<'a> Compiler<'a, '_> {
    /// Appends the steps of every field of type `id`. Types may name themselves and may be empty, so depth is bounded, and
    /// a structure counts as a step of its own.
    fn structure(&mut self, id: i64, prefix: &str, depth: usize, out: &mut Steps) -> Result<(), ReadError> {
        let declared = self.declared(id)?;
        self.steps_left.take(1, self.offset)?;
        if depth > MAX_DEPTH {
            return Err(self.malformed(format!("type {} nests deeper than {MAX_DEPTH}", declared.name)));
        }
        for field in &declared.fields {
            let path = format!("{prefix}{}", field.name);
            let target = self.declared(field.type_id)?;
            let primitive = primitive(field, target);
            let step = match primitive {
                Some(step) if !field.array => step,
                None if !field.array => {
                    self.structure(field.type_id, &format!("{path}."), depth + 1, out)?;
                    continue;
                }
                primitive => Step::Array(self.element(primitive, field, depth)?),
            };
            self.steps_left.take(1, self.offset)?;
            let wanted = self.by_path.get(path.as_str());
            let wanted = wanted.filter(|(_, kind)| fits(*kind, field, target, &step));
            out.push((step, wanted.map(|(slot, _)| *slot)));
        }
        Ok(())
    }

    /// The steps of one element of an array; an element takes at least a byte, so that its count can be checked.
    fn element(&mut self, primitive: Option<Step>, field: &Field, depth: usize) -> Result<Vec<Step>, ReadError> {
        if let Some(step) = primitive {
            return Ok(vec![step]);
        }
        let mut inner = Vec::new();
        self.structure(field.type_id, "[].", depth + 1, &mut inner)?;
        if inner.is_empty() {
            return Err(self.malformed(format!("array {} of a type without fields", field.name)));
        }
        Ok(inner.into_iter().map(|(step, _)| step).collect())
    }

    fn declared(&self, id: i64) -> Result<&'a Type, ReadError> {
        self.types.get(&id).ok_or_else(|| self.malformed(format!("type {id} is not declared")))
    }

    fn malformed(&self, reason: String) -> ReadError {
        ReadError::malformed(self.offset, reason)
    }
}

/// The step of a value that is not a structure in place.
fn primitive(field: &Field, target: &Type) -> Option<Step> {
    if field.pooled {
        let text = *target.name == *FieldType::Text.type_name();
        return Some(if text { Step::TextReference } else { Step::Varint });
    }
    match &*target.name {
        "boolean" | "byte" => Some(Step::Byte),
        "char" | "short" | "int" | "long" => Some(Step::Varint),
        "float" => Some(Step::Float),
        "double" => Some(Step::Double),
        "java.lang.String" => Some(Step::Text),
        _ => None,
    }
}

/// Whether a field of the recording is what the schema means by its name. Whole numbers fit each other whatever their width.
fn fits(kind: FieldType, field: &Field, target: &Type, step: &Step) -> bool {
    match kind {
        FieldType::Boolean | FieldType::Int | FieldType::Long => {
            matches!(step, Step::Varint | Step::Byte) && !field.pooled
        }
        FieldType::Float => matches!(step, Step::Float | Step::Double),
        FieldType::Text => matches!(step, Step::Text | Step::TextReference),
        _ => {
            let shape_fits = field.pooled == kind.is_pooled() && field.array == kind.is_array();
            shape_fits && *target.name == *kind.type_name()
        }
    }
}

/// Number of a bound value, 0 when it is absent.
pub(super) fn number(value: Value) -> i64 {
    match value {
        Value::Number(number) => number,
        _ => 0,
    }
}
