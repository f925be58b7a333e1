//! Paths, and what surrounds every handler.

use super::{App, connect, ingest, label_values, render};
use crate::error::{ApiError, Code};
use crate::page;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use std::sync::Arc;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

/// All paths of the collector.
pub(crate) fn router(app: Arc<App>) -> Router {
    Router::new()
        .route("/ready", get(ready))
        .route("/ingest", post(ingest::ingest))
        .route("/pyroscope/ingest", post(ingest::ingest))
        .route("/pyroscope/label-values", get(label_values::label_values))
        .route("/pyroscope/render", get(render::render))
        .route("/pyroscope/render-diff", get(render::render_diff))
        .route("/querier.v1.QuerierService/{method}", post(connect::unary))
        .merge(page::router())
        .fallback(not_found)
        .layer(from_fn_with_state(app.clone(), time_limit))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::new())
        .with_state(app)
}

/// Pyroscope's (and Go's) answer to a path that is not there.
pub(super) async fn not_found() -> Response {
    let headers = [(header::CONTENT_TYPE, "text/plain; charset=utf-8")];
    (StatusCode::NOT_FOUND, headers, "404 page not found\n").into_response()
}

async fn ready() -> Response {
    ([(header::CONTENT_TYPE, "text/plain")], "ready").into_response()
}

async fn time_limit(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let limit = app.config.request_timeout;
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => {
            let message = format!("the request took longer than {} s", limit.as_secs());
            ApiError::new(Code::DeadlineExceeded, message).into_response()
        }
    }
}
