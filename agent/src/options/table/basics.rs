//! Who sends where.

use super::super::server_address::ServerAddress;
use super::super::spec::Group::Basics;
use super::super::spec::Status::Works;
use super::super::spec::{Kind, OptionSpec};
use super::super::values::Invalid;
use super::word;

pub(super) const ROWS: &[OptionSpec] = &[
    OptionSpec {
        key: "pyroscope.application.name",
        group: Basics,
        kind: Kind::Text,
        default: "",
        allowed: "letters, digits, _ . - and /, then perhaps {label=value,…}",
        status: Works,
        set: |o, t| {
            let (name, _) = super::super::labels::split_application_name(t);
            o.application_name = super::super::labels::legal_application_name(name);
            match name {
                "" => Err(Invalid),
                name if name == o.application_name => Ok(None),
                _ => Ok(Some(format!("using {}", o.application_name))),
            }
        },
        doc: "The name under which the service's profiles are found, `service_name` on the server. Labels in braces are static labels, \
              weaker than those of `pyroscope.labels`. Without a name the agent makes one up, `javaspy.` and 32 random digits, new at \
              each start, as pyroscope-java does.",
    },
    OptionSpec {
        key: "pyroscope.server.address",
        group: Basics,
        kind: Kind::Address,
        default: "http://localhost:4040",
        allowed: "an http:// or https:// URL",
        status: Works,
        set: |o, t| {
            o.server_address = ServerAddress::parse(t)?;
            Ok(None)
        },
        doc: "The server. Profiles are posted to `/ingest` below it. A user and password in the URL are used for basic authentication \
              and never shown.",
    },
    OptionSpec {
        key: "pyroscope.adhoc.server.address",
        group: Basics,
        kind: Kind::Address,
        default: "",
        allowed: "an http:// or https:// URL",
        status: Works,
        set: |o, t| {
            o.server_address = ServerAddress::parse(t)?;
            Ok(None)
        },
        doc: "Where it is set, used instead of `pyroscope.server.address`.",
    },
    OptionSpec {
        key: "pyroscope.labels",
        group: Basics,
        kind: Kind::Labels,
        default: "",
        allowed: "name=value,name=value",
        status: Works,
        // Labels are merged over all sources, which one value at a time cannot do; see `labels_of` in options.rs.
        set: |_, _| Ok(None),
        doc: "Static labels on every profile. Names are letters, digits, `_` and `.`; values have no comma and no braces. Labels from \
              all sources are merged.",
    },
    OptionSpec {
        key: "pyroscope.agent.enabled",
        group: Basics,
        kind: Kind::Flag,
        default: "true",
        allowed: "true or false",
        status: Works,
        set: |o, t| word(&mut o.agent_enabled, t),
        doc: "`false` leaves the agent loaded and idle.",
    },
    OptionSpec {
        key: "pyroscope.configuration.file",
        group: Basics,
        kind: Kind::Path,
        default: "pyroscope.properties",
        allowed: "the path of a readable properties file",
        status: Works,
        set: |_, _| Ok(None),
        doc: "The properties file, read once at start. The default is looked for in the working directory and may be missing.",
    },
    OptionSpec {
        key: "pyroscope.log.level",
        group: Basics,
        kind: Kind::Word,
        default: "info",
        allowed: "debug, info, warn, error or off",
        status: Works,
        set: |o, t| word(&mut o.log_level, t),
        doc: "How much is written to standard error. Every line contains the word `pyroscope`.",
    },
];
