//! What delivery needs to know, and one chunk to deliver.

use std::collections::BTreeMap;
use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use crate::log::{self, Sink};
use crate::options::{Options, ServerAddress};
use crate::redact::Secret;

/// One recording on its way to the server.
#[derive(Clone, Debug)]
pub struct ChunkUpload {
    /// The recording, not compressed.
    pub jfr: Vec<u8>,
    /// The labels snapshot (protobuf) that the recording's contexts point into, if it has any.
    pub labels: Option<Vec<u8>>,
    /// Start of the recording, nanoseconds since 1970. The server stores all its samples at this time.
    pub from_epoch_ns: u64,
    /// End of the recording, nanoseconds since 1970.
    pub until_epoch_ns: u64,
    /// Samples a second that the server scales CPU and wall clock counts by; at least 1.
    pub sample_rate_hz: u32,
}

/// Everything that delivery is told once.
#[derive(Clone)]
pub struct DeliverPlan {
    /// The server; `/ingest` is added to its path.
    pub server: ServerAddress,
    /// Name of the service.
    pub application_name: String,
    /// Labels of every profile, each one legal on the server.
    pub labels: BTreeMap<String, String>,
    /// How we identify ourselves.
    pub authorization: Authorization,
    /// Sent as `X-Scope-OrgID`.
    pub tenant_id: Option<String>,
    /// More headers.
    pub http_headers: BTreeMap<String, Secret>,
    /// Most bytes that wait, the chunk in flight included.
    pub queue_bytes: u64,
    /// Most chunks that wait, `None` for no such limit.
    pub queue_capacity: Option<usize>,
    /// Times that a chunk is sent, `None` for no limit.
    pub max_tries: Option<u32>,
    /// Deflate level of the recording, 0 to send it as it is.
    pub compression_level_jfr: u32,
    /// Deflate level of the labels, 0 to send them as they are.
    pub compression_level_labels: u32,
    /// Time for one request, from connecting to the end of the answer.
    pub request_timeout: Duration,
    /// Where log lines go.
    pub log: Sink,
    /// A random number below its argument, for the back-off.
    pub jitter: Jitter,
}

/// A source of random numbers below its argument; 0 for an argument of 0.
pub type Jitter = Arc<dyn Fn(u64) -> u64 + Send + Sync>;

/// How we identify ourselves to the server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Authorization {
    /// Not at all.
    None,
    /// User and password.
    Basic {
        /// The user.
        user: String,
        /// The password.
        password: Secret,
    },
    /// A bearer token.
    Bearer(Secret),
}

impl DeliverPlan {
    /// The plan that follows from the options alone. The caller adds the labels that describe the runtime.
    pub fn from_options(options: &Options) -> Self {
        Self {
            server: options.server_address.clone(),
            application_name: options.application_name.clone(),
            labels: options.labels.clone(),
            authorization: authorization(options),
            tenant_id: options.tenant_id.clone(),
            http_headers: options.http_headers.clone(),
            queue_bytes: options.queue_bytes,
            queue_capacity: options.queue_capacity,
            max_tries: options.ingest_max_tries,
            compression_level_jfr: options.compression_level_jfr,
            compression_level_labels: options.compression_level_labels,
            request_timeout: Duration::from_nanos(options.export_timeout_ns),
            log: log::stderr_sink(),
            jitter: random_jitter(),
        }
    }

    /// Everything that must not appear in a log line.
    pub(super) fn secrets(&self) -> Vec<Secret> {
        let mut secrets: Vec<Secret> = self.http_headers.values().cloned().collect();
        match &self.authorization {
            Authorization::None => {}
            Authorization::Basic { password, .. } => secrets.push(password.clone()),
            Authorization::Bearer(token) => secrets.push(token.clone()),
        }
        secrets.extend(self.server.credentials().map(|(_, password)| password));
        secrets
    }
}

impl fmt::Debug for DeliverPlan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DeliverPlan")
            .field("server", &self.server)
            .field("application_name", &self.application_name)
            .field("labels", &self.labels)
            .field("authorization", &self.authorization)
            .field("tenant_id", &self.tenant_id)
            .field("http_headers", &self.http_headers)
            .field("queue_bytes", &self.queue_bytes)
            .field("queue_capacity", &self.queue_capacity)
            .field("max_tries", &self.max_tries)
            .field("compression_level_jfr", &self.compression_level_jfr)
            .field("compression_level_labels", &self.compression_level_labels)
            .field("request_timeout", &self.request_timeout)
            .finish_non_exhaustive()
    }
}

/// pyroscope-java's order: user and password from options, then from the URL, then the token.
fn authorization(options: &Options) -> Authorization {
    let from_options = options.basic_auth_user.clone().zip(options.basic_auth_password.clone());
    if let Some((user, password)) = from_options.or_else(|| options.server_address.credentials()) {
        return Authorization::Basic { user, password };
    }
    match &options.auth_token {
        Some(token) => Authorization::Bearer(token.clone()),
        None => Authorization::None,
    }
}

/// Random enough to spread a fleet: each `RandomState` has keys of its own.
fn random_jitter() -> Jitter {
    Arc::new(|below| if below == 0 { 0 } else { RandomState::new().hash_one(below) % below })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn basic_authentication_goes_before_the_url_and_the_url_before_the_token() {
        let mut options = Options { auth_token: Some(Secret::new("token")), ..Options::default() };
        assert_eq!(authorization(&options), Authorization::Bearer(Secret::new("token")));
        options.server_address = ServerAddress::parse("http://u:p@h").unwrap();
        let basic =
            |user: &str, password: &str| Authorization::Basic { user: user.into(), password: Secret::new(password) };
        assert_eq!(authorization(&options), basic("u", "p"));
        options.basic_auth_user = Some("x".into());
        assert_eq!(authorization(&options), basic("u", "p"));
        options.basic_auth_password = Some(Secret::new("y"));
        assert_eq!(authorization(&options), basic("x", "y"));
        assert!(!format!("{:?}", DeliverPlan::from_options(&options)).contains("y\""));
    }

    #[test]
    fn jitter_stays_below_its_bound_and_varies() {
        let jitter = random_jitter();
        assert_eq!(jitter(0), 0);
        let drawn: std::collections::BTreeSet<u64> = (0..100).map(|_| jitter(1_000)).collect();
        assert!(drawn.len() > 50 && drawn.iter().all(|&value| value < 1_000));
    }
}
