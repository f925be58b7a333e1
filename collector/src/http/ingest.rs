//! `POST /ingest`: an upload comes in.

use super::App;
use super::app::Work;
use crate::convert::{self, ConvertError};
use crate::error::ApiError;
use crate::ingest::{IngestParams, Parts, Window, read_multipart};
use crate::store::NewUpload;
use axum::body::Body;
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use std::sync::Arc;

/// 200 says that the upload is on disk. Any other answer says that nothing of it was kept, and why.
pub(super) async fn ingest(
    State(app): State<Arc<App>>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Result<StatusCode, ApiError> {
    let now_ns = app.now_ns();
    let params = IngestParams::parse(query.as_deref().unwrap_or(""), now_ns)?;
    let held = app.read_body(body, app.config.max_body_bytes).await?;
    if held.bytes.is_empty() {
        return Ok(StatusCode::OK);
    }
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let parts = if content_type.starts_with("multipart/form-data") {
        read_multipart(held.bytes.clone(), content_type).await?
    } else {
        Parts { recording: held.bytes.clone(), ..Parts::default() }
    };
    window(&app, now_ns).check(params.from_ns, &params.app.labels)?;
    let limits = convert::Limits::from(&app.config);
    app.run(Work::Ingest, move |store| {
        let upload = new_upload(params, parts);
        let source = convert::Source {
            recording: &upload.recording,
            label_snapshot: &upload.label_snapshot,
            labels: &upload.labels,
            sample_rate_hz: upload.sample_rate_hz,
        };
        let profile = convert::convert(&source, &limits).map_err(refusal)?;
        // A recording without samples is accepted, and there is nothing to keep.
        if !profile.series.is_empty() {
            store.put(&upload, profile)?;
        }
        Ok(())
    })
    .await?;
    drop(held);
    Ok(StatusCode::OK)
}

/// The window as of now.
fn window(app: &App, now_ns: i64) -> Window {
    let ns = |duration: std::time::Duration| i64::try_from(duration.as_nanos()).unwrap_or(i64::MAX);
    Window {
        start_ns: now_ns.saturating_sub(ns(app.config.ingest_past)),
        end_ns: now_ns.saturating_add(ns(app.config.ingest_future)),
    }
}

fn new_upload(params: IngestParams, parts: Parts) -> NewUpload {
    NewUpload {
        app: params.app.service,
        labels: params.app.labels,
        from_ns: params.from_ns,
        until_ns: params.until_ns,
        sample_rate_hz: params.sample_rate_hz,
        recording: parts.recording,
        label_snapshot: parts.label_snapshot,
    }
}

/// Size is told apart from content, because a sender can split what is too large.
fn refusal(error: ConvertError) -> ApiError {
    match error {
        ConvertError::TooLarge { .. } => ApiError::too_large(error.to_string()),
        other => ApiError::unprocessable(other.to_string()),
    }
}
