//! From four sources to one list of settings, strongest first, with their keys in one form.

use std::collections::BTreeMap;
use std::fmt;

use super::{agent_string, nearest, properties};

/// Everything a user can set options with, as plain values.
#[derive(Clone, Copy, Debug)]
pub struct Sources<'a> {
    /// The text after `-agentpath:…=`.
    pub agent_string: &'a str,
    /// The JVM's system properties; only `pyroscope.*` and `PYROSCOPE_*` are looked at.
    pub system_properties: &'a BTreeMap<String, String>,
    /// The environment; only `PYROSCOPE_*` is looked at.
    pub env: &'a BTreeMap<String, String>,
    /// The properties file's text ([`properties::decode`]), or why it could not be read. `None` where there is none.
    pub file: Option<Result<&'a str, &'a str>>,
    /// Any random number. It names the application when the user does not.
    pub random: u128,
}

/// Which source a setting comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceName {
    /// `-agentpath:…=key=value`.
    AgentString,
    /// `-Dpyroscope.key=value`.
    SystemProperty,
    /// `PYROSCOPE_KEY=value`.
    Environment,
    /// The properties file.
    File,
}

impl fmt::Display for SourceName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            SourceName::AgentString => "agent string",
            SourceName::SystemProperty => "system property",
            SourceName::Environment => "environment",
            SourceName::File => "properties file",
        })
    }
}

/// One key and value, as one source gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Setting {
    /// The key in its one form: `pyroscope.x.y`.
    pub key: String,
    /// The key as the user wrote it.
    pub written: String,
    /// The value, untouched.
    pub value: String,
    /// Where it stands.
    pub source: SourceName,
}

/// Where the properties file is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigurationFile {
    /// Its path, absolute or from the working directory.
    pub path: String,
    /// True when the user named it. Then a file that cannot be read is an error to report; otherwise it is merely absent.
    pub explicit: bool,
}

/// The file to read before [`super::parse`]: what `pyroscope.configuration.file` says, else `pyroscope.properties` in the working directory.
pub fn configuration_file(sources: &Sources<'_>) -> ConfigurationFile {
    match named_file(sources).map(|setting| setting.value.trim().to_owned()).filter(|path| !path.is_empty()) {
        Some(path) => ConfigurationFile { path, explicit: true },
        None => ConfigurationFile { path: "pyroscope.properties".to_owned(), explicit: false },
    }
}

/// The setting that names the file, if there is one.
fn named_file(sources: &Sources<'_>) -> Option<Setting> {
    let without_file = Sources { file: None, ..*sources };
    settings(&without_file, &mut Vec::new()).into_iter().find(|setting| setting.key == CONFIGURATION_FILE)
}

/// The key of the option that names the properties file.
pub(super) const CONFIGURATION_FILE: &str = "pyroscope.configuration.file";
/// What the keys of labels start with.
pub(super) const LABEL_PREFIX: &str = "pyroscope.labels.";
const PREFIX: &str = "pyroscope.";
const ENV_PREFIX: &str = "PYROSCOPE_";

/// All settings, those of the strongest source first; within a source the last one of a key comes first. Remarks go to `lines`.
pub(super) fn settings(sources: &Sources<'_>, lines: &mut Vec<String>) -> Vec<Setting> {
    let mut found = Vec::new();
    for (index, item) in agent_string::items(sources.agent_string).into_iter().enumerate() {
        match item.value {
            Some(value) => {
                let key = dotted(&item.key).unwrap_or_else(|| format!("{PREFIX}{}", item.key));
                found.insert(0, Setting { key, written: item.key, value, source: SourceName::AgentString });
            }
            // The item is not shown: it may be what an unescaped comma cut off a secret.
            None => lines.push(format!(
                "agent string: item {} has no value; allowed is key=value,key=value with a comma inside a value as \\,; ignored",
                index + 1
            )),
        }
    }
    let from_map = |map: &BTreeMap<String, String>, source| {
        let pairs = map.iter().rev().map(|(key, value)| (key.clone(), value.clone()));
        prefixed(pairs.collect(), source)
    };
    found.extend(from_map(sources.system_properties, SourceName::SystemProperty));
    found.extend(
        from_map(sources.env, SourceName::Environment).filter(|setting| setting.written.starts_with(ENV_PREFIX)),
    );
    match sources.file {
        Some(Ok(text)) => {
            let mut pairs = properties::pairs(text);
            pairs.reverse();
            found.extend(prefixed(pairs, SourceName::File));
        }
        Some(Err(reason)) => lines.push(format!(
            "{}={}: {reason}; allowed is the path of a readable properties file; going on without it",
            named_file(sources).map_or(CONFIGURATION_FILE.to_owned(), |setting| setting.written),
            configuration_file(sources).path
        )),
        None => {}
    }
    found
}

fn prefixed(pairs: Vec<(String, String)>, source: SourceName) -> impl Iterator<Item = Setting> {
    pairs.into_iter().filter_map(move |(written, value)| {
        let key = dotted(&written)?;
        Some(Setting { key, written, value, source })
    })
}

/// `pyroscope.x.y` for both spellings of a key, `None` for a key that is not ours. The part of a label's key that names the label keeps
/// its underscores.
fn dotted(written: &str) -> Option<String> {
    if written.starts_with(PREFIX) {
        return Some(written.to_owned());
    }
    let rest = written.strip_prefix(ENV_PREFIX)?.to_ascii_lowercase();
    if let Some(label) = rest.strip_prefix("labels_") {
        return Some(format!("{LABEL_PREFIX}{label}"));
    }
    Some(format!("{PREFIX}{}", rest.replace('_', ".")))
}

/// One line for each setting that no option answers to, with the nearest key in the user's own spelling.
pub(super) fn unknown(settings: &[Setting], keys: &[&str]) -> Vec<String> {
    let unknown = settings.iter().filter(|setting| {
        let known = keys.contains(&setting.key.as_str()) || setting.key.starts_with(LABEL_PREFIX);
        let foreign = setting.source == SourceName::Environment && is_kubernetes_service(&setting.written);
        !(known || foreign)
    });
    unknown.map(|setting| unknown_line(setting, keys)).collect()
}

fn unknown_line(setting: &Setting, keys: &[&str]) -> String {
    let Setting { key, written, source, .. } = setting;
    let shown = crate::redact::one_line(written, 100);
    match nearest::nearest(key, keys) {
        Some(near) => format!("{shown} ({source}) is not an option; did you mean {}?", spelled_like(near, written)),
        // Not shown either, for the same reason.
        None if *source == SourceName::AgentString => {
            "agent string: a key is not an option; is there a comma in a value that should be \\,? See docs/options.md for all options".to_owned()
        }
        None => format!("{shown} ({source}) is not an option; see docs/options.md for all of them"),
    }
}

fn spelled_like(key: &str, written: &str) -> String {
    if written.starts_with(ENV_PREFIX) {
        super::spec::env_name(key)
    } else if written.starts_with(PREFIX) {
        key.to_owned()
    } else {
        key.trim_start_matches(PREFIX).to_owned()
    }
}

/// Variables that Kubernetes sets in every container beside a service called `pyroscope` or `pyroscope-…` (Kubernetes documentation,
/// "Service", environment variables): `PYROSCOPE_SERVICE_HOST`, `PYROSCOPE_PORT_4040_TCP_ADDR` and so on. Nobody meant them for us.
fn is_kubernetes_service(name: &str) -> bool {
    let protocols = ["_TCP", "_UDP", "_SCTP"];
    name.ends_with("_SERVICE_HOST")
        || name.contains("_SERVICE_PORT")
        || name.ends_with("_PORT")
        || (name.contains("_PORT_") && protocols.iter().any(|protocol| name.contains(protocol)))
}
