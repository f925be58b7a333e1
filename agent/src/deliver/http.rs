//! The HTTP client: one request at a time on the delivery thread's own runtime. Built at the first upload, so that a process that uploads
//! nothing pays nothing.

use std::cell::OnceCell;
use std::error::Error;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::multipart;
use url::Url;

use super::form::Part;
use super::plan::{Authorization, DeliverPlan};
use super::verdict::{Reply, SendError};

/// Longest wait for a connection. The kernel alone would wait for two minutes.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// Servers and load balancers close idle connections, often after 60 s; ours goes first.
const IDLE_TIMEOUT: Duration = Duration::from_secs(55);
/// Bytes of an answer's body that are read, for the log and to keep the connection.
const MAX_REPLY_BYTES: usize = 16 << 10;

/// Sends one upload. A trait, so that delivery can be tested in simulated time.
pub trait Transport {
    /// Posts `parts` to `url`. Sets `connected` when the first byte of the body is asked for, which is when a connection stands.
    fn send(
        &self,
        url: Url,
        parts: Vec<Part>,
        connected: Arc<AtomicBool>,
    ) -> impl Future<Output = Result<Reply, SendError>>;
}

/// The real transport.
pub struct Http {
    headers: HeaderMap,
    request_timeout: Duration,
    encrypted: bool,
    client: OnceCell<reqwest::Client>,
}

impl Http {
    /// Prepares the headers; connects to nothing.
    pub fn new(plan: &DeliverPlan) -> Self {
        Self {
            headers: headers(plan),
            request_timeout: plan.request_timeout,
            encrypted: plan.server.is_https() || an_encrypted_proxy_is_set(|name| std::env::var(name).ok()),
            client: OnceCell::new(),
        }
    }

    fn client(&self) -> Result<reqwest::Client, reqwest::Error> {
        if let Some(client) = self.client.get() {
            return Ok(client.clone());
        }
        let built = reqwest::Client::builder()
            .user_agent(concat!("pyrite/", env!("CARGO_PKG_VERSION")))
            .http1_only()
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT_TIMEOUT)
            .timeout(self.request_timeout)
            .pool_max_idle_per_host(1)
            .pool_idle_timeout(IDLE_TIMEOUT)
            // Reading the system's certificates takes tens of milliseconds, which plain HTTP need not pay.
            .tls_built_in_root_certs(self.encrypted)
            .build()?;
        Ok(self.client.get_or_init(|| built).clone())
    }

    async fn request(&self, url: Url, parts: Vec<Part>, connected: Arc<AtomicBool>) -> Result<Reply, reqwest::Error> {
        let form = parts.into_iter().try_fold(multipart::Form::new(), |form, part| {
            Ok::<_, reqwest::Error>(form.part(part.name, file_part(part, connected.clone())?))
        })?;
        let response = self.client()?.post(url).headers(self.headers.clone()).multipart(form).send().await?;
        let text = |name| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let mut reply = Reply {
            status: response.status().as_u16(),
            retry_after: text(RETRY_AFTER),
            location: text(LOCATION),
            body: String::new(),
        };
        reply.body = beginning(response).await;
        Ok(reply)
    }
}

impl Transport for Http {
    async fn send(&self, url: Url, parts: Vec<Part>, connected: Arc<AtomicBool>) -> Result<Reply, SendError> {
        let sent = self.request(url, parts, connected.clone()).await;
        sent.map_err(|error| SendError {
            before_connected: !connected.load(Ordering::Relaxed),
            reason: reason(&error, &connected, self.request_timeout),
        })
    }
}

/// A part whose content reports that it is being sent.
fn file_part(part: Part, connected: Arc<AtomicBool>) -> Result<multipart::Part, reqwest::Error> {
    let length = part.body.len() as u64;
    let content = futures_util::stream::once(async move {
        connected.store(true, Ordering::Relaxed);
        Ok::<_, std::convert::Infallible>(part.body)
    });
    let file = multipart::Part::stream_with_length(reqwest::Body::wrap_stream(content), length).file_name(part.name);
    match part.content_type {
        Some(content_type) => file.mime_str(content_type),
        None => Ok(file),
    }
}

/// At most [`MAX_REPLY_BYTES`] of the body. The status has been received, so a body that breaks off changes nothing.
async fn beginning(mut response: reqwest::Response) -> String {
    let mut body = Vec::new();
    while let Ok(Some(piece)) = response.chunk().await {
        let room = MAX_REPLY_BYTES - body.len();
        body.extend_from_slice(&piece[..piece.len().min(room)]);
        if body.len() == MAX_REPLY_BYTES {
            break;
        }
    }
    String::from_utf8_lossy(&body).into_owned()
}

/// The innermost cause, which is what a person can act on; the outer ones only name layers of the client.
fn reason(error: &reqwest::Error, connected: &AtomicBool, timeout: Duration) -> String {
    if error.is_timeout() {
        return match connected.load(Ordering::Relaxed) {
            true => format!("no answer within {}", humantime::format_duration(timeout)),
            false => format!("no connection within {}", humantime::format_duration(timeout.min(CONNECT_TIMEOUT))),
        };
    }
    let mut cause: &dyn Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if std::ptr::eq(cause, error as &dyn Error) {
        // Only the outermost error prints the address, with whatever stands in its query.
        return "the request could not be made".to_owned();
    }
    cause.to_string()
}

/// Headers in pyroscope-java's order of strength: the user's own, then the tenant, then the authorization. The options have checked every
/// value; one that is illegal all the same is left out.
fn headers(plan: &DeliverPlan) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let mut set = |name: Result<HeaderName, _>, value: &str| {
        if let (Ok::<HeaderName, reqwest::header::InvalidHeaderName>(name), Ok(mut value)) =
            (name, HeaderValue::from_str(value))
        {
            value.set_sensitive(true);
            headers.insert(name, value);
        }
    };
    for (name, value) in &plan.http_headers {
        set(HeaderName::from_bytes(name.as_bytes()), value.expose());
    }
    if let Some(tenant) = &plan.tenant_id {
        set(Ok(HeaderName::from_static("x-scope-orgid")), tenant);
    }
    match &plan.authorization {
        Authorization::None => {}
        Authorization::Basic { user, password } => {
            set(Ok(AUTHORIZATION), &format!("Basic {}", base64(format!("{user}:{}", password.expose()).as_bytes())));
        }
        Authorization::Bearer(token) => set(Ok(AUTHORIZATION), &format!("Bearer {}", token.expose())),
    }
    headers
}

fn base64(bytes: &[u8]) -> String {
    use ::base64::Engine;
    ::base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A proxy that is itself reached by TLS needs certificates even for plain HTTP behind it.
fn an_encrypted_proxy_is_set(variable: impl Fn(&str) -> Option<String>) -> bool {
    const NAMES: &[&str] = &["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];
    NAMES
        .iter()
        .filter_map(|name| variable(name))
        .any(|value| value.trim_start().to_ascii_lowercase().starts_with("https://"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::options::Options;
    use crate::redact::Secret;

    #[test]
    fn the_authorization_goes_before_a_header_of_the_users() {
        let mut plan = DeliverPlan::from_options(&Options::default());
        plan.http_headers.insert("authorization".into(), Secret::new("mine"));
        plan.http_headers.insert("X-Team".into(), Secret::new("payments"));
        plan.tenant_id = Some("bank".into());
        assert_eq!(headers(&plan)["authorization"], "mine");
        plan.authorization = Authorization::Basic { user: "Aladdin".into(), password: Secret::new("open sesame") };
        let sent = headers(&plan);
        assert_eq!(sent["authorization"], "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert_eq!(
            (&sent["x-team"], &sent["x-scope-orgid"]),
            (&HeaderValue::from_static("payments"), &HeaderValue::from_static("bank"))
        );
        assert!(!format!("{sent:?}").contains("payments"));
        plan.authorization = Authorization::Bearer(Secret::new("t0ken"));
        assert_eq!(headers(&plan)["authorization"], "Bearer t0ken");
    }

    #[test]
    fn certificates_are_read_only_where_tls_is_spoken() {
        let plan = |address: &str| DeliverPlan {
            server: crate::options::ServerAddress::parse(address).unwrap(),
            ..DeliverPlan::from_options(&Options::default())
        };
        assert!(Http::new(&plan("https://localhost")).encrypted);
        assert!(an_encrypted_proxy_is_set(|name| (name == "http_proxy").then(|| "HTTPS://proxy".to_owned())));
        assert!(!an_encrypted_proxy_is_set(|name| (name == "http_proxy").then(|| "http://proxy".to_owned())));
    }
}
