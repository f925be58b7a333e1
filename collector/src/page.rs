//! The flame graph page at `/`: its files, embedded in the binary, and the headers that they are served with.
//!
//! The page needs nothing but this server, so it works without a network. What it shows it asks for through the same
//! query API as everybody else; no query is answered here.

use std::sync::LazyLock;

use axum::Router;
use axum::body::Body;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use axum::routing::get;

/// One file of the page.
struct Asset {
    /// Where it is found below `/assets/`.
    path: &'static str,
    content_type: &'static str,
    body: &'static [u8],
}

impl Asset {
    /// The entity tag: FNV-1a (64 bit) of the content, which is enough to tell two builds of one file apart.
    fn etag(&self) -> String {
        let hash = self.body.iter().fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
            (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
        });
        format!("\"{hash:016x}\"")
    }
}

/// A row of [`ASSETS`]: the path in `collector/page` is the path below `/assets/`.
macro_rules! asset {
    ($path:literal, $content_type:expr) => {
        Asset { path: $path, content_type: $content_type, body: include_bytes!(concat!("../page/", $path)) }
    };
}

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const STYLE: &str = "text/css; charset=utf-8";
const TEXT: &str = "text/plain; charset=utf-8";

static INDEX: Asset = asset!("index.html", "text/html; charset=utf-8");

/// Every file that `index.html` or a module refers to. A test holds this table against the directory.
static ASSETS: &[Asset] = &[
    asset!("style.css", STYLE),
    asset!("graph.css", STYLE),
    asset!("favicon.svg", "image/svg+xml"),
    asset!("api.js", JAVASCRIPT),
    asset!("app.js", JAVASCRIPT),
    asset!("controls.js", JAVASCRIPT),
    asset!("dom.js", JAVASCRIPT),
    asset!("flame.js", JAVASCRIPT),
    asset!("flamebearer.js", JAVASCRIPT),
    asset!("frame-text.js", JAVASCRIPT),
    asset!("kind-strip.js", JAVASCRIPT),
    asset!("kinds.js", JAVASCRIPT),
    asset!("messages.js", JAVASCRIPT),
    asset!("profile-types.js", JAVASCRIPT),
    asset!("search.js", JAVASCRIPT),
    asset!("state.js", JAVASCRIPT),
    asset!("time-range.js", JAVASCRIPT),
    asset!("timeline.js", JAVASCRIPT),
    asset!("tooltip.js", JAVASCRIPT),
    asset!("top.js", JAVASCRIPT),
    asset!("top-table.js", JAVASCRIPT),
    asset!("units.js", JAVASCRIPT),
    asset!("vendor/flamegraph.min.js", JAVASCRIPT),
    asset!("vendor/LICENSES.txt", TEXT),
];

/// What the browser must hold the page to. Names of frames and labels come from profiles, and thus from whoever can
/// upload: besides the page's own care, no script but its files may run, no other host may be asked, and (where the
/// browser knows Trusted Types) no text may become markup. Frames from the same host may show the page, others not.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'; require-trusted-types-for 'script'";

/// Headers that every answer carries. `no-cache` means: keep it, but ask each time whether it is still the same. So a
/// new build never runs with modules of an old one, and an unchanged file costs a 304.
static HEADERS: LazyLock<[(HeaderName, HeaderValue); 5]> = LazyLock::new(|| {
    [
        (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(CONTENT_SECURITY_POLICY)),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
        (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
        (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    ]
});

/// Routes for the page: `/` and everything below `/assets/`. It shares no state with the rest, so that it merges into a
/// router of any state.
pub fn router<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new()
        .route("/", get(async |headers: HeaderMap| answer(&INDEX, &headers)))
        .route("/assets/{*path}", get(asset))
}

async fn asset(Path(path): Path<String>, headers: HeaderMap) -> Response<Body> {
    match ASSETS.iter().find(|asset| asset.path == path) {
        Some(asset) => answer(asset, &headers),
        None => not_found(),
    }
}

/// The file, or 304 where the client already has it.
fn answer(asset: &'static Asset, request: &HeaderMap) -> Response<Body> {
    let etag = asset.etag();
    let known = request.get_all(header::IF_NONE_MATCH).iter().any(|value| names(value, &etag));
    let mut response = Response::new(if known { Body::empty() } else { Body::from(asset.body) });
    if known {
        *response.status_mut() = StatusCode::NOT_MODIFIED;
    }
    let headers = response.headers_mut();
    headers.extend(HEADERS.iter().cloned());
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(asset.content_type));
    // A tag is sixteen hexadecimal digits in quotes, which every header accepts.
    if let Ok(value) = HeaderValue::from_str(&etag) {
        headers.insert(header::ETAG, value);
    }
    response
}

/// Whether an `If-None-Match` value names the tag (RFC 9110, 13.1.2: a list, weak comparison, `*` for any). A proxy
/// that compresses turns our strong tag into a weak one.
fn names(value: &HeaderValue, etag: &str) -> bool {
    let Ok(text) = value.to_str() else {
        return false;
    };
    text.split(',').map(str::trim).any(|tag| tag == "*" || tag.trim_start_matches("W/") == etag)
}

fn not_found() -> Response<Body> {
    let mut response = Response::new(Body::from("no such file\n"));
    *response.status_mut() = StatusCode::NOT_FOUND;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(TEXT));
    response
}

#[cfg(test)]
mod tests;
