//! The queries that commands make, over HTTP, to our collector or to a Pyroscope server.

use std::io::ErrorKind;
use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::flamebearer::RenderAnswer;

/// The longest that one query may take, connecting included.
const TIMEOUT: Duration = Duration::from_secs(60);

/// The largest answer that is read. A graph of a million nodes, the most that Pyroscope sends, takes about 60 MiB.
const MAX_ANSWER_BYTES: u64 = 256 << 20;

/// The most nodes that Pyroscope sends: whatever lies beyond is summed up as "other", which no table should hide.
const MAX_NODES: u32 = 1 << 20;

/// Why a query has no answer.
#[derive(Debug, thiserror::Error)]
pub enum ClientError {
    /// Nobody answers there.
    #[error("cannot reach {server}: {cause}; start `pyrite serve`, or name the server with --server")]
    Unreachable {
        /// The server's address.
        server: String,
        /// What went wrong.
        cause: String,
    },
    /// The address is not one that can be asked.
    #[error("--server {server}: {cause}; use an address such as http://127.0.0.1:4040")]
    BadAddress {
        /// The address as given.
        server: String,
        /// What is wrong with it.
        cause: String,
    },
    /// Something answers, but it does not know the query.
    #[error("{server} knows no {path}: it seems to be neither a pyrite nor a Pyroscope server; check --server")]
    NotAProfileServer {
        /// The server's address.
        server: String,
        /// The query.
        path: String,
    },
    /// The server refuses.
    #[error("{server} refused the query with status {status}: {message}")]
    Refused {
        /// The server's address.
        server: String,
        /// The HTTP status.
        status: u16,
        /// The server's own words.
        message: String,
    },
    /// The answer is cut off or not what was asked for.
    #[error("cannot read the answer of {server} to {path}: {cause}")]
    Unreadable {
        /// The server's address.
        server: String,
        /// The query.
        path: String,
        /// What went wrong.
        cause: String,
    },
}

/// A range of time in milliseconds since the Unix epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TimeRange {
    /// Where it begins.
    pub from_ms: i64,
    /// Where it ends.
    pub until_ms: i64,
}

/// A server to ask.
pub struct Client {
    server: String,
    agent: ureq::Agent,
}

#[derive(Deserialize)]
struct Names {
    #[serde(default)]
    names: Vec<String>,
}

#[derive(Deserialize)]
struct SeriesAnswer {
    #[serde(default, rename = "labelsSet")]
    labels_set: Vec<LabelSet>,
}

#[derive(Deserialize)]
struct LabelSet {
    #[serde(default)]
    labels: Vec<Label>,
}

#[derive(Deserialize)]
struct Label {
    name: String,
    value: String,
}

#[derive(Deserialize)]
struct Refusal {
    message: String,
}

impl Client {
    /// A client for a server's address; without a scheme, `http` is meant.
    ///
    /// # Errors
    /// [`ClientError::BadAddress`] for an address that is not one of HTTP.
    pub fn new(server: &str) -> Result<Client, ClientError> {
        let with_scheme = if server.contains("://") { server.to_owned() } else { format!("http://{server}") };
        let bad = |cause: String| ClientError::BadAddress { server: server.to_owned(), cause };
        let uri: ureq::http::Uri =
            with_scheme.parse().map_err(|error: ureq::http::uri::InvalidUri| bad(error.to_string()))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(bad("only http and https can be asked".to_owned()));
        }
        let host = uri.host().filter(|host| !host.is_empty()).ok_or_else(|| bad("it has no host".to_owned()))?;
        let mut config = ureq::Agent::config_builder().timeout_global(Some(TIMEOUT)).http_status_as_error(false);
        if is_loopback(host) {
            // A proxy for the outside world cannot reach this machine's own loopback.
            config = config.proxy(None);
        }
        Ok(Client { server: with_scheme.trim_end_matches('/').to_owned(), agent: config.build().into() })
    }

    /// The address, with its scheme.
    pub fn server(&self) -> &str {
        &self.server
    }

    /// The services that sent profiles in a range, in alphabetical order.
    ///
    /// # Errors
    /// [`ClientError`]
    pub fn services(&self, range: TimeRange) -> Result<Vec<String>, ClientError> {
        let body = json!({ "name": "service_name", "start": range.from_ms, "end": range.until_ms });
        let mut names = self.query::<Names>("LabelValues", &body)?.names;
        names.sort();
        Ok(names)
    }

    /// The ids of the profile types that a service sent in a range, in alphabetical order.
    ///
    /// # Errors
    /// [`ClientError`]
    pub fn profile_types(&self, service: &str, range: TimeRange) -> Result<Vec<String>, ClientError> {
        let body = json!({
            "matchers": [selector(service)],
            "labelNames": ["__profile_type__"],
            "start": range.from_ms,
            "end": range.until_ms,
        });
        let sets = self.query::<SeriesAnswer>("Series", &body)?.labels_set;
        let labels = sets.into_iter().flat_map(|set| set.labels);
        let mut ids: Vec<String> =
            labels.filter(|label| label.name == "__profile_type__").map(|label| label.value).collect();
        ids.sort();
        ids.dedup();
        Ok(ids)
    }

    /// The merged profile of a service in a range.
    ///
    /// # Errors
    /// [`ClientError`]
    pub fn render(&self, profile_type_id: &str, service: &str, range: TimeRange) -> Result<RenderAnswer, ClientError> {
        let path = "/pyroscope/render";
        let request = self
            .agent
            .get(format!("{}{path}", self.server))
            .query("query", format!("{profile_type_id}{}", selector(service)))
            .query("from", range.from_ms.to_string())
            .query("until", range.until_ms.to_string())
            .query("format", "json")
            .query("max-nodes", MAX_NODES.to_string());
        self.read(path, request.call())
    }

    fn query<T: DeserializeOwned>(&self, method: &str, body: &serde_json::Value) -> Result<T, ClientError> {
        let path = format!("/querier.v1.QuerierService/{method}");
        let sent = self.agent.post(format!("{}{path}", self.server)).send_json(body);
        self.read(&path, sent)
    }

    /// Turns an answer into a value, and everything that can go wrong into a message that says what to do.
    fn read<T: DeserializeOwned>(
        &self,
        path: &str,
        sent: Result<ureq::http::Response<ureq::Body>, ureq::Error>,
    ) -> Result<T, ClientError> {
        let server = self.server.clone();
        let mut response =
            sent.map_err(|error| ClientError::Unreachable { server: server.clone(), cause: cause(&error) })?;
        let status = response.status();
        let body = response.body_mut().with_config().limit(MAX_ANSWER_BYTES).read_to_vec();
        let unreadable =
            |cause: String| ClientError::Unreadable { server: server.clone(), path: path.to_owned(), cause };
        let body = body.map_err(|error| unreadable(cause(&error)))?;
        if status.is_success() {
            return serde_json::from_slice(&body).map_err(|error| unreadable(error.to_string()));
        }
        match serde_json::from_slice::<Refusal>(&body) {
            Ok(Refusal { message }) => Err(ClientError::Refused { server, status: status.as_u16(), message }),
            Err(_) if status.as_u16() == 404 => Err(ClientError::NotAProfileServer { server, path: path.to_owned() }),
            Err(_) => Err(ClientError::Refused { server, status: status.as_u16(), message: first_line(&body) }),
        }
    }
}

/// The label selector of a service, quoted as the query language wants it.
fn selector(service: &str) -> String {
    let quoted = service.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
    format!("{{service_name=\"{quoted}\"}}")
}

fn is_loopback(host: &str) -> bool {
    let bare = host.trim_start_matches('[').trim_end_matches(']');
    bare.eq_ignore_ascii_case("localhost")
        || bare.parse::<std::net::IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The reason without the client library's wrapping.
fn cause(error: &ureq::Error) -> String {
    match error {
        ureq::Error::Io(io) if io.kind() == ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        ureq::Error::Io(io) => io.to_string(),
        ureq::Error::HostNotFound => "no such host".to_owned(),
        ureq::Error::Timeout(_) => format!("no answer within {} s", TIMEOUT.as_secs()),
        other => other.to_string(),
    }
}

/// The start of a body that is not JSON, short enough for one line of a terminal.
fn first_line(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let line: String =
        text.lines().find(|line| !line.trim().is_empty()).unwrap_or("no reason given").chars().take(200).collect();
    line.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::{Client, first_line, is_loopback, selector};

    #[test]
    fn addresses_are_completed_or_refused() {
        let rows = [
            ("127.0.0.1:4040", "http://127.0.0.1:4040"),
            ("http://localhost:4040/", "http://localhost:4040"),
            ("https://profiles.example/prefix/", "https://profiles.example/prefix"),
        ];
        for (given, address) in rows {
            assert_eq!(Client::new(given).expect(given).server(), address);
        }
        for given in ["ftp://localhost", "http://", "not an address"] {
            let message = Client::new(given).err().expect(given).to_string();
            assert!(message.contains("http://127.0.0.1:4040"), "{message}");
        }
    }

    #[test]
    fn loopback_is_known_by_name_and_number() {
        for host in ["localhost", "127.0.0.1", "127.1.2.3", "[::1]"] {
            assert!(is_loopback(host), "{host}");
        }
        for host in ["example.com", "10.0.0.1", "localhost.example.com"] {
            assert!(!is_loopback(host), "{host}");
        }
    }

    #[test]
    fn a_service_name_cannot_leave_its_quotes() {
        assert_eq!(selector("a\"b\\c"), r#"{service_name="a\"b\\c"}"#);
    }

    #[test]
    fn a_long_page_becomes_one_line() {
        assert_eq!(first_line(b"\n  <html>oops</html>\nmore"), "<html>oops</html>");
        assert_eq!(first_line(b""), "no reason given");
        assert_eq!(first_line(&[b'x'; 1000]).len(), 200);
    }
}
