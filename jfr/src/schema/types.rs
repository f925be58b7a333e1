//! The types that event fields refer to, and the annotations of the metadata.

use super::{AnnotationRow, Field, FieldType, TypeKind, TypeRow, Unit};

/// A field without a unit.
const fn plain(name: &'static str, kind: FieldType, doc: &'static str) -> Field {
    Field { name, kind, unit: Unit::None, doc }
}

/// A field that holds an address.
const fn address(name: &'static str, doc: &'static str) -> Field {
    Field { name, kind: FieldType::Long, unit: Unit::Address, doc }
}

/// A field that holds a number of bytes.
const fn bytes(name: &'static str, doc: &'static str) -> Field {
    Field { name, kind: FieldType::Long, unit: Unit::Bytes, doc }
}

/// A type without fields.
const fn primitive(id: u16, name: &'static str) -> TypeRow {
    TypeRow { id, name, kind: TypeKind::Primitive, fields: &[] }
}

/// Every type of our chunks. `short` is used by no field but must be declared: Pyroscope's parser fails without it.
pub const TYPES: &[TypeRow] = &[
    primitive(4, "boolean"),
    primitive(6, "float"),
    primitive(9, "short"),
    primitive(10, "int"),
    primitive(11, "long"),
    primitive(20, "java.lang.String"),
    TypeRow {
        id: 21,
        name: "java.lang.Class",
        kind: TypeKind::Pooled,
        fields: &[
            plain("classLoader", FieldType::ClassLoader, "always null in our chunks"),
            plain("name", FieldType::Symbol, "`java/util/HashMap`, `[B`, `libc.so.6`, `[pyrite]`"),
            plain("package", FieldType::Package, "always null in our chunks"),
            plain("modifiers", FieldType::Int, "always 0 in our chunks"),
        ],
    },
    TypeRow {
        id: 22,
        name: "java.lang.Thread",
        kind: TypeKind::Pooled,
        fields: &[
            plain("osName", FieldType::Text, "name that the operating system shows"),
            plain("osThreadId", FieldType::Long, "thread id of the operating system"),
            plain("javaName", FieldType::Text, "name of the Java thread, null for others"),
            plain("javaThreadId", FieldType::Long, "id of the Java thread, 0 for others"),
        ],
    },
    TypeRow {
        id: 23,
        name: "jdk.types.ClassLoader",
        kind: TypeKind::Pooled,
        fields: &[
            plain("type", FieldType::Class, "class of the loader"),
            plain("name", FieldType::Symbol, "name of the loader"),
        ],
    },
    TypeRow {
        id: 24,
        name: "jdk.types.FrameType",
        kind: TypeKind::Simple,
        fields: &[plain("description", FieldType::Text, "how the frame was running")],
    },
    TypeRow {
        id: 25,
        name: "jdk.types.ThreadState",
        kind: TypeKind::Simple,
        fields: &[plain("name", FieldType::Text, "what the thread was doing")],
    },
    TypeRow {
        id: 26,
        name: "jdk.types.StackTrace",
        kind: TypeKind::Pooled,
        fields: &[
            plain("truncated", FieldType::Boolean, "whether frames are missing at the root"),
            plain("frames", FieldType::Frames, "the leaf first"),
        ],
    },
    TypeRow {
        id: 27,
        name: "jdk.types.StackFrame",
        kind: TypeKind::Inline,
        fields: &[
            plain("method", FieldType::Method, "method or native function"),
            plain("lineNumber", FieldType::Int, "line in the source, 0 when unknown"),
            plain("bytecodeIndex", FieldType::Int, "position in the byte code, 0 when unknown"),
            plain("type", FieldType::FrameType, "how the frame was running"),
        ],
    },
    TypeRow {
        id: 28,
        name: "jdk.types.Method",
        kind: TypeKind::Pooled,
        fields: &[
            plain("type", FieldType::Class, "declaring class; library of a native function"),
            plain("name", FieldType::Symbol, "method or symbol name"),
            plain("descriptor", FieldType::Symbol, "`(I)V`; `()L;` for native functions, `(Lk;)L;` for the kernel's"),
            plain("modifiers", FieldType::Int, "access flags of the class file, 256 for native functions"),
            plain("hidden", FieldType::Boolean, "whether the JVM hides the frame in stack traces"),
        ],
    },
    TypeRow {
        id: 29,
        name: "jdk.types.VirtualSpace",
        kind: TypeKind::Inline,
        fields: &[
            address("start", "first address"),
            address("committedEnd", "end of the committed part"),
            bytes("committedSize", "size of the committed part"),
            address("reservedEnd", "end of the reserved part"),
            bytes("reservedSize", "size of the reserved part"),
        ],
    },
    TypeRow {
        id: 30,
        name: "jdk.types.Package",
        kind: TypeKind::Pooled,
        fields: &[plain("name", FieldType::Symbol, "package name with slashes")],
    },
    TypeRow {
        id: 31,
        name: "jdk.types.Symbol",
        kind: TypeKind::Simple,
        fields: &[plain("string", FieldType::Text, "the text")],
    },
    TypeRow {
        id: 32,
        name: "jdk.types.GCWhen",
        kind: TypeKind::Simple,
        fields: &[plain("when", FieldType::Text, "`Before GC` or `After GC`")],
    },
];

/// An annotation type that says what a number means.
const fn content(id: u16, name: &'static str, value: Option<FieldType>) -> AnnotationRow {
    AnnotationRow { id, name, value, content_type: true }
}

/// Every annotation type of our chunks.
pub const ANNOTATIONS: &[AnnotationRow] = &[
    AnnotationRow { id: 201, name: "jdk.jfr.Label", value: Some(FieldType::Text), content_type: false },
    AnnotationRow { id: 202, name: "jdk.jfr.Category", value: Some(FieldType::Texts), content_type: false },
    content(203, "jdk.jfr.Timestamp", Some(FieldType::Text)),
    content(204, "jdk.jfr.Timespan", Some(FieldType::Text)),
    content(205, "jdk.jfr.DataAmount", Some(FieldType::Text)),
    content(206, "jdk.jfr.MemoryAddress", None),
    content(208, "jdk.jfr.Percentage", None),
    AnnotationRow { id: 209, name: "jdk.jfr.ContentType", value: None, content_type: false },
];
