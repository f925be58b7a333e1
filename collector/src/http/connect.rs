//! The Connect protocol's unary calls over HTTP.

use super::App;
use super::app::Work;
use super::router::not_found;
use crate::connect::{Call, Codec, METHODS, Method};
use crate::convert;
use crate::error::{ApiError, Code};
use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::sync::Arc;

/// A query is some hundred bytes; the largest ones list many labels.
const LARGEST_QUERY_BYTES: usize = 1 << 20;

/// Answers `POST /querier.v1.QuerierService/<method>`.
pub(super) async fn unary(
    State(app): State<Arc<App>>,
    Path(method): Path<String>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(method) = METHODS.iter().find(|known| known.name == method) else {
        return not_found().await;
    };
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or("");
    let Some(codec) = Codec::from_content_type(text(header::CONTENT_TYPE)) else {
        // The protocol asks for this status without a body, and for the list of what would do.
        let accepted = [(header::HeaderName::from_static("accept-post"), "application/json, application/proto")];
        return (StatusCode::UNSUPPORTED_MEDIA_TYPE, accepted).into_response();
    };
    match answer(&app, method, codec, text(header::CONTENT_ENCODING), body).await {
        Ok(bytes) => ([(header::CONTENT_TYPE, codec.content_type())], bytes).into_response(),
        Err(error) => error.into_response(),
    }
}

async fn answer(
    app: &App,
    method: &'static Method,
    codec: Codec,
    encoding: &str,
    body: Body,
) -> Result<Vec<u8>, ApiError> {
    let held = app.read_body(body, LARGEST_QUERY_BYTES).await?;
    let body = held.bytes.clone();
    let body = match encoding {
        "" | "identity" => body,
        "gzip" => convert::gunzip(&body, LARGEST_QUERY_BYTES)
            .map_err(|error| ApiError::invalid(format!("the request cannot be decompressed: {error}")))?
            .into_owned()
            .into(),
        other => {
            let message = format!("unknown compression {other:?}: supported encodings are gzip");
            return Err(ApiError::new(Code::Unimplemented, message));
        }
    };
    app.run(Work::Query, move |store| method.call(&Call { store, codec, body: &body })).await
}
