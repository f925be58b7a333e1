//! A real HTTP server that records what the agent uploads, and misbehaves when told to.

use std::collections::{BTreeMap, VecDeque};
use std::io::Read;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use anyhow::{Context, bail};
use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Query, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use flate2::read::GzDecoder;
use tokio::sync::oneshot;

/// A body above this size is refused; the agent keeps far below it.
const MAX_BODY_BYTES: usize = 64 << 20;
/// A part that unpacks to more than this is an error of the agent.
const MAX_PART_BYTES: u64 = 256 << 20;

/// One upload as it arrived.
#[derive(Clone, Debug, Default)]
pub struct Upload {
    /// The parameters of the request: name, from, until, sampleRate, ...
    pub query: BTreeMap<String, String>,
    /// The headers, names in small letters.
    pub headers: BTreeMap<String, String>,
    /// The multipart parts, unpacked.
    pub parts: BTreeMap<String, Vec<u8>>,
    /// The size of the body as sent.
    pub body_bytes: u64,
    /// What the server answered.
    pub status: u16,
}

impl Upload {
    /// A parameter of the request.
    pub fn parameter(&self, key: &str) -> anyhow::Result<&str> {
        self.query.get(key).map(String::as_str).with_context(|| format!("the upload has no parameter {key}"))
    }

    /// The recording.
    pub fn jfr(&self) -> anyhow::Result<&[u8]> {
        self.parts.get("jfr").map(Vec::as_slice).context("the upload has no part jfr")
    }
}

/// What the server does with one upload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Behaviour {
    /// Takes it with 200.
    Accept,
    /// Refuses it with a status.
    Refuse(u16),
    /// Refuses it with 429 and asks for a pause in seconds.
    SlowDown(u64),
    /// Never answers.
    Hang,
}

#[derive(Default)]
struct Recorded {
    uploads: Mutex<Vec<Upload>>,
    broken: Mutex<Vec<String>>,
    script: Mutex<VecDeque<Behaviour>>,
    afterwards: Mutex<Option<Behaviour>>,
}

/// A running server; it ends when this value goes out of scope.
pub struct Server {
    /// Its address, without a slash at the end.
    pub url: String,
    recorded: Arc<Recorded>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Starts a server that accepts every upload.
    pub fn start() -> anyhow::Result<Server> {
        Server::scripted(&[], Behaviour::Accept)
    }

    /// Starts a server that treats the first uploads as scripted and all later ones in one way.
    pub fn scripted(script: &[Behaviour], afterwards: Behaviour) -> anyhow::Result<Server> {
        let listener = TcpListener::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))?;
        listener.set_nonblocking(true)?;
        let url = format!("http://{}", listener.local_addr()?);
        let recorded = Arc::new(Recorded {
            script: Mutex::new(script.iter().copied().collect()),
            afterwards: Mutex::new(Some(afterwards)),
            ..Recorded::default()
        });
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel();
        let state = recorded.clone();
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    result = serve(listener, state) => if let Err(error) = result {
                        eprintln!("the recording server failed: {error:#}");
                    },
                    _ = stopped => {}
                }
            });
            runtime.shutdown_timeout(Duration::from_secs(1));
        });
        Ok(Server { url, recorded, stop: Some(stop), thread: Some(thread) })
    }

    /// Changes what happens to the uploads that come after the script.
    pub fn behave(&self, behaviour: Behaviour) {
        *locked(&self.recorded.afterwards) = Some(behaviour);
    }

    /// The uploads that were accepted, in order of arrival; an error if any request was not a well-formed upload.
    pub fn uploads(&self) -> anyhow::Result<Vec<Upload>> {
        let accepted = |upload: &&Upload| upload.status == 200;
        Ok(self.attempts()?.iter().filter(accepted).cloned().collect())
    }

    /// All uploads, refused ones too.
    pub fn attempts(&self) -> anyhow::Result<Vec<Upload>> {
        if let Some(error) = locked(&self.recorded.broken).first() {
            bail!("a request was not a well-formed upload: {error}");
        }
        Ok(locked(&self.recorded.uploads).clone())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            stop.send(()).ok();
        }
        if let Some(thread) = self.thread.take() {
            thread.join().ok();
        }
    }
}

async fn serve(listener: TcpListener, recorded: Arc<Recorded>) -> anyhow::Result<()> {
    let listener = tokio::net::TcpListener::from_std(listener)?;
    let app = Router::new()
        .route("/ingest", axum::routing::post(ingest))
        .fallback(unknown)
        .layer(DefaultBodyLimit::max(MAX_BODY_BYTES))
        .with_state(recorded);
    axum::serve(listener, app).await?;
    Ok(())
}

async fn unknown(State(recorded): State<Arc<Recorded>>, request: Request) -> StatusCode {
    locked(&recorded.broken).push(format!("{} {}", request.method(), request.uri()));
    StatusCode::NOT_FOUND
}

async fn ingest(State(recorded): State<Arc<Recorded>>, request: Request) -> Response {
    let behaviour = recorded.next_behaviour();
    let mut upload = match read_upload(request).await {
        Ok(upload) => upload,
        Err(error) => {
            locked(&recorded.broken).push(format!("{error:#}"));
            return StatusCode::BAD_REQUEST.into_response();
        }
    };
    upload.status = match behaviour {
        Behaviour::Accept => 200,
        Behaviour::Refuse(status) => status,
        Behaviour::SlowDown(_) => 429,
        Behaviour::Hang => 0,
    };
    let status = StatusCode::from_u16(upload.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    locked(&recorded.uploads).push(upload);
    match behaviour {
        Behaviour::Hang => std::future::pending().await,
        Behaviour::SlowDown(seconds) => (status, [("retry-after", seconds.to_string())]).into_response(),
        Behaviour::Accept | Behaviour::Refuse(_) => status.into_response(),
    }
}

impl Recorded {
    fn next_behaviour(&self) -> Behaviour {
        let scripted = locked(&self.script).pop_front();
        scripted.or(*locked(&self.afterwards)).unwrap_or(Behaviour::Accept)
    }
}

/// Reads one upload to its end, gzip undone.
async fn read_upload(request: Request) -> anyhow::Result<Upload> {
    let Query(query) = Query::<BTreeMap<String, String>>::try_from_uri(request.uri())?;
    let text = |value: &axum::http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = request.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    let (head, body) = request.into_parts();
    let body = axum::body::to_bytes(body, MAX_BODY_BYTES).await?;
    let body_bytes = body.len() as u64;
    let request = Request::from_parts(head, Body::from(body));
    let mut multipart = Multipart::from_request(request, &()).await?;
    let mut parts = BTreeMap::new();
    while let Some(field) = multipart.next_field().await? {
        let name = field.name().context("a part has no name")?.to_owned();
        parts.insert(name, unpacked(&field.bytes().await?)?);
    }
    Ok(Upload { query, headers, parts, body_bytes, status: 0 })
}

/// Undoes gzip if the magic bytes of RFC 1952 are there.
fn unpacked(part: &[u8]) -> anyhow::Result<Vec<u8>> {
    if !part.starts_with(&[0x1f, 0x8b]) {
        return Ok(part.to_owned());
    }
    let mut bytes = Vec::new();
    GzDecoder::new(part).take(MAX_PART_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What a panicking handler left is still whole: every write is one push.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
