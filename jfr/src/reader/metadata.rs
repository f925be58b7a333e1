//! The metadata event: which types a chunk has and what their fields are.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ReadError;
use super::budget::Allowance;
use super::cursor::{Cursor, decode};

/// A type that the chunk declares.
#[derive(Debug)]
pub(super) struct Type {
    pub(super) name: Arc<str>,
    pub(super) fields: Vec<Field>,
}

/// One field of a type.
#[derive(Debug)]
pub(super) struct Field {
    pub(super) name: Arc<str>,
    pub(super) type_id: i64,
    pub(super) pooled: bool,
    pub(super) array: bool,
}

/// The types by id.
pub(super) type Types = BTreeMap<i64, Type>;

/// Deepest nesting of elements; `root`, `metadata`, `class`, `field`, `annotation` are five.
const MAX_DEPTH: usize = 16;

/// Longest name of a type or field in bytes. Class files allow more, but no recorder writes names above 100.
const MAX_NAME_BYTES: usize = 256;

/// Reads the metadata event at the cursor.
pub(super) fn read(bytes: &[u8], cursor: Cursor<'_>, elements: &mut Allowance) -> Result<Types, ReadError> {
    let mut cursor = event(bytes, cursor)?;
    for what in ["metadata start", "metadata duration", "metadata id"] {
        cursor.varint(what)?;
    }
    let strings = strings(bytes, &mut cursor, elements)?;
    let mut reader = Reader { cursor, strings, elements, types: Types::new() };
    reader.element(0, None)?;
    Ok(reader.types)
}

/// Enters the metadata event: checks size and type.
fn event<'a>(bytes: &'a [u8], mut cursor: Cursor<'a>) -> Result<Cursor<'a>, ReadError> {
    let (at, offset) = (cursor.at(), cursor.offset());
    let size = cursor.varint("metadata size")?;
    let end = usize::try_from(size).ok().and_then(|size| at.checked_add(size)).filter(|end| *end <= bytes.len());
    let Some(end) = end else {
        return Err(ReadError::Truncated { offset, what: "metadata event" });
    };
    if cursor.varint("metadata type")? != 0 {
        return Err(ReadError::malformed(offset, "no metadata event where the header says"));
    }
    Ok(Cursor::new(bytes, offset - at, cursor.at(), end))
}

fn strings(bytes: &[u8], cursor: &mut Cursor<'_>, elements: &mut Allowance) -> Result<Vec<Arc<str>>, ReadError> {
    let offset = cursor.offset();
    let count = cursor.count("metadata string table")?;
    elements.take(count, offset)?;
    (0..count).map(|_| Ok(Arc::from(decode(bytes, cursor.text()?).unwrap_or_default()))).collect()
}

/// The type that an element stands in.
#[derive(Clone, Copy)]
struct Class {
    id: i64,
}

/// Attributes of an element that matter here.
#[derive(Default)]
struct Attributes {
    name: Arc<str>,
    id: Option<i64>,
    class: Option<i64>,
    pooled: bool,
    array: bool,
}

struct Reader<'a, 'b> {
    cursor: Cursor<'a>,
    strings: Vec<Arc<str>>,
    elements: &'b mut Allowance,
    types: Types,
}

impl Reader<'_, '_> {
    /// Reads an element and its children; `class` is the type whose child it is.
    fn element(&mut self, depth: usize, class: Option<Class>) -> Result<(), ReadError> {
        let offset = self.cursor.offset();
        if depth > MAX_DEPTH {
            return Err(ReadError::malformed(offset, format!("metadata elements nest deeper than {MAX_DEPTH}")));
        }
        self.elements.take(1, offset)?;
        let element = self.string()?;
        let attributes = self.attributes()?;
        let inner = self.declare(&element, attributes, class);
        for _ in 0..self.cursor.count("metadata element")? {
            self.element(depth + 1, inner)?;
        }
        Ok(())
    }

    /// Notes what an element declares, and returns the type that its children belong to.
    fn declare(&mut self, element: &str, attributes: Attributes, class: Option<Class>) -> Option<Class> {
        match (element, attributes.id, attributes.class, class) {
            ("class", Some(id), _, _) => {
                self.types.insert(id, Type { name: attributes.name, fields: Vec::new() });
                Some(Class { id })
            }
            ("field", _, Some(type_id), Some(class)) => {
                let Attributes { name, pooled, array, .. } = attributes;
                if let Some(owner) = self.types.get_mut(&class.id) {
                    owner.fields.push(Field { name, type_id, pooled, array });
                }
                None
            }
            _ => None,
        }
    }

    fn attributes(&mut self) -> Result<Attributes, ReadError> {
        let mut attributes = Attributes::default();
        for _ in 0..self.cursor.count("metadata attributes")? {
            let offset = self.cursor.offset();
            let (key, value) = (self.string()?, self.string()?);
            match &*key {
                "name" if value.len() > MAX_NAME_BYTES => {
                    return Err(ReadError::malformed(offset, format!("a name above {MAX_NAME_BYTES} bytes")));
                }
                "name" => attributes.name = value,
                "id" => attributes.id = Some(number(&value, offset)?),
                "class" => attributes.class = Some(number(&value, offset)?),
                // The JDK takes the presence for true; a writer that says "false" means it.
                "constantPool" => attributes.pooled = &*value != "false",
                "dimension" => attributes.array = number(&value, offset)? > 0,
                _ => {}
            }
        }
        Ok(attributes)
    }

    fn string(&mut self) -> Result<Arc<str>, ReadError> {
        let offset = self.cursor.offset();
        let index = self.cursor.varint("metadata string index")?;
        let text = usize::try_from(index).ok().and_then(|index| self.strings.get(index)).cloned();
        let count = self.strings.len();
        text.ok_or_else(|| ReadError::malformed(offset, format!("metadata string {index} of {count}")))
    }
}

/// The number that an attribute spells.
fn number(text: &str, offset: usize) -> Result<i64, ReadError> {
    text.parse().map_err(|_| ReadError::malformed(offset, "a metadata attribute that should be a number is none"))
}
