//! What the user asked for: text from four sources to one plain struct. No effects, no look at the machine; the policy decides what becomes of it.
//!
//! ```text
//! agent string ▶ system properties ▶ environment ▶ properties file ▶ default      first one wins, key by key; labels merge
//! ```
//!
//! [`OPTIONS`] is the one table of options: parser, log lines and docs/options.md come from it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::log::Level;
use crate::redact::Secret;

mod agent_string;
mod blank;
mod choices;
mod headers;
mod labels;
mod markdown;
mod nearest;
mod properties;
mod server_address;
mod sources;
mod spec;
mod table;
mod values;

pub use choices::{EngineName, Format, LockJuc, TestHandler, ThreadNames};
pub use markdown::markdown;
pub use properties::decode as decode_properties;
pub use server_address::ServerAddress;
pub use sources::{ConfigurationFile, SourceName, Sources, configuration_file};
pub use spec::{Group, Kind, OptionSpec, Status};
pub use table::OPTIONS;

use sources::{LABEL_PREFIX, Setting};

/// Everything that can be set. Durations are in nanoseconds, sizes in bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Options {
    /// `false`: stay idle.
    pub agent_enabled: bool,
    /// The service's name; never empty.
    pub application_name: String,
    /// Where profiles go.
    pub server_address: ServerAddress,
    /// Static labels of all sources, each one legal on the server.
    pub labels: BTreeMap<String, String>,
    /// What the log shows.
    pub log_level: Level,
    /// The CPU engine, or the one profile to take alone. [`Parsed::is_set`] tells whether the user named it.
    pub event: EngineName,
    /// CPU time between samples, 100 us to 1 s.
    pub interval_ns: u64,
    /// Wall clock time between samples, `None` for no wall clock profile.
    pub wall_interval_ns: Option<u64>,
    /// Allocated bytes between samples, `None` for no allocation profile.
    pub alloc_interval_bytes: Option<u64>,
    /// Most allocation samples a second.
    pub alloc_max_rate_hz: u64,
    /// Whether surviving objects are shown too.
    pub alloc_live: bool,
    /// Shortest wait that is always recorded (0 for every wait), `None` for no lock profile.
    pub lock_threshold_ns: Option<u64>,
    /// Where waits for `java.util.concurrent` locks are filed.
    pub lock_juc: LockJuc,
    /// Whether and where Java thread names appear.
    pub thread_names: ThreadNames,
    /// Most frames of a stack trace, 1 to 2,048.
    pub stack_depth_max: u32,
    /// Time between uploads, at least 100 ms.
    pub upload_interval_ns: u64,
    /// Time for one upload.
    pub export_timeout_ns: u64,
    /// Time that the JVM's end may wait for the last upload; 0 does not wait.
    pub shutdown_timeout_ns: u64,
    /// Times that a chunk is sent, `None` for no limit.
    pub ingest_max_tries: Option<u32>,
    /// Most bytes that wait to be sent.
    pub queue_bytes: u64,
    /// Most chunks that wait to be sent, `None` for no such limit.
    pub queue_capacity: Option<usize>,
    /// Deflate level of the recording, 0 (not compressed) to 9.
    pub compression_level_jfr: u32,
    /// Deflate level of the labels, 0 (not compressed) to 9.
    pub compression_level_labels: u32,
    /// The form of an upload.
    pub format: Format,
    /// Directory for what is not delivered yet.
    pub spool_dir: Option<PathBuf>,
    /// File to watch for commands.
    pub control_file: Option<PathBuf>,
    /// Bearer token.
    pub auth_token: Option<Secret>,
    /// File with a bearer token.
    pub auth_token_file: Option<PathBuf>,
    /// User for basic authentication.
    pub basic_auth_user: Option<String>,
    /// Password for basic authentication.
    pub basic_auth_password: Option<Secret>,
    /// Tenant for `X-Scope-OrgID`.
    pub tenant_id: Option<String>,
    /// More headers, each one legal in a request.
    pub http_headers: BTreeMap<String, Secret>,
    /// Certificate authorities to trust beside the system's.
    pub tls_ca_file: Option<PathBuf>,
    /// Client certificate.
    pub tls_cert_file: Option<PathBuf>,
    /// Its private key.
    pub tls_key_file: Option<PathBuf>,
    /// `true` accepts any certificate.
    pub tls_insecure: bool,
    /// What the signal handler does.
    pub test_handler: TestHandler,
    /// Mean distance of extra sampling signals, for tests.
    pub test_signal_storm_ns: Option<u64>,
}

/// The outcome of [`parse`].
#[derive(Clone, Debug)]
pub struct Parsed {
    /// The options, complete: what was not set or not legal has its default.
    pub options: Options,
    /// What the user should know, one line each, for the log at warning level.
    pub warnings: Vec<String>,
    /// Which options were set, in the order of the table, fit to be shown.
    pub set: Vec<SetOption>,
}

/// An option that the user set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetOption {
    /// Its key.
    pub key: &'static str,
    /// Its value on one short line, without secrets.
    pub shown: String,
    /// Where it was set.
    pub source: SourceName,
}

impl Parsed {
    /// True when the user gave this key a value and it was legal.
    pub fn is_set(&self, key: &str) -> bool {
        self.set.iter().any(|set| set.key == key)
    }
}

/// Reads the sources. Never fails: each thing that cannot be used becomes a line in [`Parsed::warnings`] and a default.
pub fn parse(sources: &Sources<'_>) -> Parsed {
    let mut warnings = Vec::new();
    let settings = sources::settings(sources, &mut warnings);
    let keys: Vec<&str> = OPTIONS.iter().map(|spec| spec.key).collect();
    warnings.extend(sources::unknown(&settings, &keys));
    let mut parsed = Parsed { options: Options::default(), warnings, set: Vec::new() };
    for spec in OPTIONS {
        // An empty value is a way to say "the default" against a weaker source.
        let strongest = settings.iter().find(|setting| setting.key == spec.key);
        if let Some(setting) = strongest.filter(|setting| !setting.value.trim().is_empty()) {
            apply(spec, setting, &mut parsed);
        }
    }
    parsed.options.labels = labels_of(&settings, &mut parsed.warnings);
    cross_check(&mut parsed, sources.random);
    parsed
}

fn apply(spec: &'static OptionSpec, setting: &Setting, parsed: &mut Parsed) {
    let value = setting.value.trim();
    let shown = spec.shown(value);
    let head = format!("{}={shown} ({})", spec.key, setting.source);
    // A setter may have changed a field before it finds the value illegal, so it works on a copy.
    let mut changed = parsed.options.clone();
    match (spec.set)(&mut changed, value) {
        Ok(note) => {
            parsed.options = changed;
            parsed.set.push(SetOption { key: spec.key, shown, source: setting.source });
            parsed.warnings.extend(note.map(|note| format!("{head}: {note}")));
            parsed.warnings.extend(without_effect(spec, value).map(|why| format!("{head}: {why}")));
        }
        Err(values::Invalid) => {
            let default = if spec.default.is_empty() {
                "ignored".to_owned()
            } else {
                format!("using the default {}", spec.default)
            };
            parsed.warnings.push(format!("{head}: allowed is {}; {default}", spec.allowed));
        }
    }
}

fn without_effect(spec: &OptionSpec, value: &str) -> Option<String> {
    if value.eq_ignore_ascii_case(spec.default) {
        return None;
    }
    match spec.status {
        Status::Works => None,
        Status::NotYet => Some("accepted, but it has no effect yet".to_owned()),
        Status::ByDesign(reason) => Some(format!("it has no effect: {reason}")),
    }
}

/// Labels of all sources, the weakest first so that stronger ones replace them. The application name's own labels are the weakest of all.
fn labels_of(settings: &[Setting], warnings: &mut Vec<String>) -> BTreeMap<String, String> {
    /// The server takes 30 labels a series, of which it and the runtime's description need up to ten.
    const MANY: usize = 20;
    let mut labels = BTreeMap::new();
    let mut add = |setting: &Setting, name: &str, value: &str| {
        if let Err(allowed) = labels::add(&mut labels, name, value) {
            let (name, value) = (crate::redact::one_line(name, 100), crate::redact::one_line(value, 100));
            warnings.push(format!("{LABEL_PREFIX}{name}={value} ({}): {allowed}; ignored", setting.source));
        }
    };
    if let Some(setting) = settings.iter().find(|setting| setting.key == "pyroscope.application.name") {
        for (name, value) in labels::items(labels::split_application_name(&setting.value).1) {
            add(setting, name, value);
        }
    }
    for source in [SourceName::File, SourceName::Environment, SourceName::SystemProperty, SourceName::AgentString] {
        let here = || settings.iter().filter(move |setting| setting.source == source);
        if let Some(list) = here().find(|setting| setting.key == "pyroscope.labels") {
            labels::items(&list.value).for_each(|(name, value)| add(list, name, value));
        }
        let mut singles: Vec<_> =
            here().filter_map(|setting| Some((setting, setting.key.strip_prefix(LABEL_PREFIX)?))).collect();
        singles.reverse();
        singles.into_iter().for_each(|(setting, name)| add(setting, name, &setting.value));
    }
    if labels.len() > MANY {
        warnings.push(format!(
            "pyroscope.labels: {} labels are set; the server may refuse profiles with more than {MANY}",
            labels.len()
        ));
    }
    labels
}

/// What no single option can know.
fn cross_check(parsed: &mut Parsed, random: u128) {
    let options = &mut parsed.options;
    if options.application_name.is_empty() {
        options.application_name = format!("javaspy.{random:032x}");
        parsed.warnings.push(format!(
            "pyroscope.application.name is not set; this run's profiles go under {}, set it to find them easily",
            options.application_name
        ));
    }
    let basic = (options.basic_auth_user.is_some(), options.basic_auth_password.is_some());
    match basic {
        (true, false) => {
            parsed.warnings.push("pyroscope.basic.auth.user needs pyroscope.basic.auth.password; ignored".to_owned())
        }
        (false, true) => {
            parsed.warnings.push("pyroscope.basic.auth.password needs pyroscope.basic.auth.user; ignored".to_owned())
        }
        (true, true) if options.auth_token.is_some() => {
            parsed.warnings.push("pyroscope.auth.token is ignored, because basic authentication is set too".to_owned());
        }
        _ => {}
    }
    if options.alloc_live && options.alloc_interval_bytes.is_none() {
        options.alloc_live = false;
        parsed.warnings.push("pyroscope.alloc.live needs pyroscope.profiler.alloc; ignored".to_owned());
    }
}

#[cfg(test)]
mod tests;
