//! Who we are to the server, and how we know it.

use super::super::spec::Group::Authentication;
use super::super::spec::Status::{NotYet, Works};
use super::super::spec::{Kind, OptionSpec};
use super::super::values::Invalid;
use super::{Set, path, word};
use crate::redact::Secret;

pub(super) const ROWS: &[OptionSpec] = &[
    OptionSpec {
        key: "pyroscope.auth.token",
        group: Authentication,
        kind: Kind::Secret,
        default: "",
        allowed: "visible ASCII characters",
        status: Works,
        set: |o, t| secret(&mut o.auth_token, t),
        doc: "A bearer token. Basic authentication, where it is given, goes before it.",
    },
    OptionSpec {
        key: "pyroscope.auth.token.file",
        group: Authentication,
        kind: Kind::Path,
        default: "",
        allowed: "the path of a readable file",
        status: NotYet,
        set: |o, t| path(&mut o.auth_token_file, t),
        doc: "A file with the bearer token, read again when it changes.",
    },
    OptionSpec {
        key: "pyroscope.basic.auth.user",
        group: Authentication,
        kind: Kind::Text,
        default: "",
        allowed: "text without a colon",
        status: Works,
        set: |o, t| {
            if t.contains(':') {
                return Err(Invalid);
            }
            o.basic_auth_user = Some(t.to_owned());
            Ok(None)
        },
        doc: "User for basic authentication, with `pyroscope.basic.auth.password`. A user and password in the server's URL serve as well.",
    },
    OptionSpec {
        key: "pyroscope.basic.auth.password",
        group: Authentication,
        kind: Kind::Secret,
        default: "",
        allowed: "any text",
        status: Works,
        set: |o, t| {
            o.basic_auth_password = Some(Secret::new(t));
            Ok(None)
        },
        doc: "Password for basic authentication.",
    },
    OptionSpec {
        key: "pyroscope.tenant.id",
        group: Authentication,
        kind: Kind::Text,
        default: "",
        allowed: "visible ASCII characters",
        status: Works,
        set: |o, t| {
            o.tenant_id = Some(super::super::headers::legal_value(t)?.to_owned());
            Ok(None)
        },
        doc: "The tenant, sent as `X-Scope-OrgID`.",
    },
    OptionSpec {
        key: "pyroscope.http.headers",
        group: Authentication,
        kind: Kind::Headers,
        default: "",
        allowed: "a JSON object of strings, such as {\"X-Team\":\"payments\"}, without Content-* and Transfer-Encoding",
        status: Works,
        set: |o, t| {
            o.http_headers = super::super::headers::parse(t)?;
            Ok(None)
        },
        doc: "More headers for each upload. In the agent string a comma between two of them is written `\\,`.",
    },
    OptionSpec {
        key: "pyroscope.tls.ca.file",
        group: Authentication,
        kind: Kind::Path,
        default: "",
        allowed: "the path of a PEM file",
        status: NotYet,
        set: |o, t| path(&mut o.tls_ca_file, t),
        doc: "Certificate authorities to trust beside the system's.",
    },
    OptionSpec {
        key: "pyroscope.tls.cert.file",
        group: Authentication,
        kind: Kind::Path,
        default: "",
        allowed: "the path of a PEM file",
        status: NotYet,
        set: |o, t| path(&mut o.tls_cert_file, t),
        doc: "The agent's own certificate.",
    },
    OptionSpec {
        key: "pyroscope.tls.key.file",
        group: Authentication,
        kind: Kind::Path,
        default: "",
        allowed: "the path of a PEM file",
        status: NotYet,
        set: |o, t| path(&mut o.tls_key_file, t),
        doc: "The private key for it.",
    },
    OptionSpec {
        key: "pyroscope.tls.insecure",
        group: Authentication,
        kind: Kind::Flag,
        default: "false",
        allowed: "true or false",
        status: NotYet,
        set: |o, t| word(&mut o.tls_insecure, t),
        doc: "`true` accepts any certificate.",
    },
];

fn secret(slot: &mut Option<Secret>, text: &str) -> Set {
    *slot = Some(Secret::new(super::super::headers::legal_value(text)?));
    Ok(None)
}
