//! What is known about one option: a row of the table that parser, log and documentation share.

use crate::redact;

use super::Options;
use super::values::Invalid;

/// One option.
#[derive(Clone, Copy)]
pub struct OptionSpec {
    /// Its key, `pyroscope.x.y`. The other spellings follow from it: [`env_name`] in the environment, and without
    /// `pyroscope.` in the agent string.
    pub key: &'static str,
    /// Which part of the documentation it belongs to.
    pub group: Group,
    /// The form of its value.
    pub kind: Kind,
    /// Its default, in the form a user would write; empty for none.
    pub default: &'static str,
    /// What is allowed, as it ends the sentence "allowed is …".
    pub allowed: &'static str,
    /// Whether it does anything.
    pub status: Status,
    /// Puts a value that is not empty into `Options`; gives a remark where it had to be changed.
    pub set: fn(&mut Options, &str) -> Result<Option<String>, Invalid>,
    /// What it means, for the documentation: one or more sentences.
    pub doc: &'static str,
}

impl OptionSpec {
    /// `value` as it may be shown to people: one short line, without secrets.
    pub fn shown(&self, value: &str) -> String {
        match self.kind {
            Kind::Secret | Kind::Headers => redact::MASK.to_owned(),
            Kind::Address => redact::one_line(&redact::address(value), 100),
            _ => redact::one_line(value, 100),
        }
    }
}

/// The name of an option in the environment: `PYROSCOPE_X_Y`.
pub fn env_name(key: &str) -> String {
    key.to_ascii_uppercase().replace('.', "_")
}

/// Whether an option does anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// It does what its documentation says.
    Works,
    /// It is accepted, checked and ignored for now. Said in the log when it is set.
    NotYet,
    /// It is accepted so that a pyroscope-java configuration goes on working, and ignored for this reason. Said in the log when it is set.
    ByDesign(&'static str),
}

/// The form of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Any text.
    Text,
    /// Text that is never shown.
    Secret,
    /// `true` or `false`.
    Flag,
    /// A time, as `10ms`; a bare number is nanoseconds.
    Duration,
    /// A number of bytes, as `512k`.
    Size,
    /// A whole number.
    Count,
    /// One word of a list.
    Word,
    /// A URL; its user and password are never shown.
    Address,
    /// `name=value,name=value`.
    Labels,
    /// A JSON object of strings; its values are never shown.
    Headers,
    /// A path of a file or directory.
    Path,
}

impl Kind {
    /// The word for it in the documentation.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Text => "text",
            Kind::Secret => "secret",
            Kind::Flag => "true/false",
            Kind::Duration => "duration",
            Kind::Size => "size",
            Kind::Count => "number",
            Kind::Word => "word",
            Kind::Address => "URL",
            Kind::Labels => "labels",
            Kind::Headers => "JSON object",
            Kind::Path => "path",
        }
    }
}

/// A part of the documentation, in its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Group {
    /// Who sends where.
    Basics,
    /// What is sampled and how often.
    Profiles,
    /// When and how chunks are sent.
    Delivery,
    /// Who we are to the server.
    Authentication,
    /// For measurements of the agent itself.
    Testing,
    /// Options of pyroscope-java without a meaning here.
    Incumbent,
}

impl Group {
    /// All groups with their headings.
    pub const ALL: &[(Group, &'static str)] = &[
        (Group::Basics, "Basics"),
        (Group::Profiles, "Profiles"),
        (Group::Delivery, "Delivery"),
        (Group::Authentication, "Authentication and encryption"),
        (Group::Testing, "For tests and measurements of the agent"),
        (Group::Incumbent, "Accepted without effect"),
    ];
}
