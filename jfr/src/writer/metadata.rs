//! The metadata event: the schema, as every chunk carries it.

use std::collections::HashMap;
use std::sync::OnceLock;

use crate::schema::{
    ANNOTATIONS, AnnotationRow, CONTEXT_FIELDS, EVENTS, EventRow, Field, FieldType, TYPES, TypeKind, TypeRow,
};
use crate::varint;

/// An element of the metadata tree. Attribute values are text, numbers included.
struct Element {
    name: &'static str,
    attributes: Vec<(String, String)>,
    children: Vec<Element>,
}

impl Element {
    fn new(name: &'static str) -> Self {
        Self { name, attributes: Vec::new(), children: Vec::new() }
    }

    fn attribute(mut self, key: &str, value: impl ToString) -> Self {
        self.attributes.push((key.to_owned(), value.to_string()));
        self
    }

    fn children(mut self, children: impl IntoIterator<Item = Element>) -> Self {
        self.children.extend(children);
        self
    }
}

/// String table and element tree, encoded once per layout.
pub(super) fn body(with_context: bool) -> &'static [u8] {
    static BODIES: [OnceLock<Vec<u8>>; 2] = [OnceLock::new(), OnceLock::new()];
    BODIES[usize::from(with_context)].get_or_init(|| encode(&root(with_context)))
}

/// Id of the metadata: readers reuse what they know when they meet an id again, so it follows from the content. It lies
/// between 2^30 and 2^31, away from the JDK's small ids; async-profiler's 2^31 − 1 is left out.
pub(super) fn id(with_context: bool) -> u64 {
    // FNV-1a: 64-bit offset basis and prime from draft-eastlake-fnv.
    let hash = body(with_context)
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3));
    (1 << 30) | (hash % ((1 << 30) - 1))
}

fn root(with_context: bool) -> Element {
    let types = TYPES.iter().map(type_class);
    let annotations = ANNOTATIONS.iter().map(annotation_class);
    let events = EVENTS.iter().filter(|row| row.written).map(|row| event_class(row, with_context));
    let metadata = Element::new("metadata").children(types.chain(annotations).chain(events));
    // JDK 17 and 25 fail without a region, even an empty one.
    Element::new("root").children([metadata, Element::new("region")])
}

fn class(name: &str, id: u16) -> Element {
    Element::new("class").attribute("name", name).attribute("id", id)
}

fn type_class(row: &TypeRow) -> Element {
    let class = class(row.name, row.id);
    let class = if row.kind == TypeKind::Simple { class.attribute("simpleType", "true") } else { class };
    class.children(row.fields.iter().map(field))
}

fn annotation_class(row: &AnnotationRow) -> Element {
    let class = class(row.name, row.id).attribute("superType", "java.lang.annotation.Annotation");
    let value = row.value.map(|kind| reference("value", kind));
    let content_type = row.content_type.then(|| annotation("jdk.jfr.ContentType"));
    class.children(value).children(content_type)
}

fn event_class(row: &EventRow, with_context: bool) -> Element {
    let context = if with_context && row.context { CONTEXT_FIELDS } else { &[] };
    let categories = row.category.iter().enumerate();
    let category = categories
        .fold(annotation("jdk.jfr.Category"), |element, (at, part)| element.attribute(&format!("value-{at}"), part));
    class(row.name, row.id)
        .attribute("superType", "jdk.jfr.Event")
        .children(row.fields.iter().chain(context).map(field))
        .children([annotation("jdk.jfr.Label").attribute("value", row.label), category])
}

fn field(row: &Field) -> Element {
    let element = reference(row.name, row.kind);
    let Some((name, value)) = row.unit.annotation() else {
        return element;
    };
    let unit = annotation(name);
    element.children([match value {
        Some(value) => unit.attribute("value", value),
        None => unit,
    }])
}

/// A field element. Readers take the mere presence of `constantPool` for true and fail on a dimension of 0.
fn reference(name: &str, kind: FieldType) -> Element {
    let mut element = Element::new("field").attribute("name", name).attribute("class", kind.row().id);
    if kind.is_pooled() {
        element = element.attribute("constantPool", "true");
    }
    if kind.is_array() {
        element = element.attribute("dimension", "1");
    }
    element
}

fn annotation(name: &str) -> Element {
    let id = ANNOTATIONS.iter().find(|row| row.name == name).map_or(0, |row| row.id);
    Element::new("annotation").attribute("class", id)
}

/// The table of strings that elements refer to by index.
#[derive(Default)]
struct Strings {
    indexes: HashMap<String, u64>,
    encoded: Vec<u8>,
}

impl Strings {
    fn index(&mut self, text: &str) -> u64 {
        if let Some(index) = self.indexes.get(text) {
            return *index;
        }
        let index = self.indexes.len() as u64;
        self.indexes.insert(text.to_owned(), index);
        super::encode::put_text(&mut self.encoded, Some(text));
        index
    }
}

fn encode(root: &Element) -> Vec<u8> {
    let mut strings = Strings::default();
    let mut tree = Vec::new();
    encode_element(&mut tree, &mut strings, root);
    let mut body = Vec::new();
    varint::put(&mut body, strings.indexes.len() as u64);
    body.extend_from_slice(&strings.encoded);
    body.extend_from_slice(&tree);
    body
}

/// The tree is three levels deep below the root, so recursion is bounded.
fn encode_element(out: &mut Vec<u8>, strings: &mut Strings, element: &Element) {
    varint::put(out, strings.index(element.name));
    varint::put(out, element.attributes.len() as u64);
    for (key, value) in &element.attributes {
        varint::put(out, strings.index(key));
        varint::put(out, strings.index(value));
    }
    varint::put(out, element.children.len() as u64);
    for child in &element.children {
        encode_element(out, strings, child);
    }
}
