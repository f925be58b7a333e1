//! `App`: what every handler shares, and the bounds on what runs at once.

use crate::Config;
use crate::error::{ApiError, Code};
use crate::store::Store;
use axum::body::Body;
use axum::http::StatusCode;
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;
use std::sync::Arc;
use tokio::sync::{Semaphore, SemaphorePermit};

/// The store and the limits.
pub(crate) struct App {
    pub store: Arc<Store>,
    pub config: Config,
    /// Memory for bodies being received, in units of [`BUDGET_UNIT`].
    body_budget: Semaphore,
    /// How many recordings are parsed at once.
    ingest_slots: Semaphore,
    /// How many queries run at once.
    query_slots: Semaphore,
}

/// What one permit of the body budget stands for.
const BUDGET_UNIT: usize = 64 << 10;
/// How many bodies of the largest size may be on their way at once.
const LARGEST_BODIES: usize = 4;
/// Parsing takes up to some times the decompressed size, so few at a time.
const INGEST_SLOTS: usize = 2;
const QUERY_SLOTS: usize = 4;

/// What a handler works on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    Ingest,
    Query,
}

/// A body, and the share of the budget that it holds until it is dropped.
pub(crate) struct HeldBody<'a> {
    pub bytes: Bytes,
    _share: Option<SemaphorePermit<'a>>,
}

impl App {
    pub fn new(store: Arc<Store>, config: Config) -> Self {
        App {
            body_budget: Semaphore::new((config.max_body_bytes * LARGEST_BODIES).div_ceil(BUDGET_UNIT)),
            ingest_slots: Semaphore::new(INGEST_SLOTS),
            query_slots: Semaphore::new(QUERY_SLOTS),
            store,
            config,
        }
    }

    pub fn now_ns(&self) -> i64 {
        self.config.clock.now_ns()
    }

    /// Runs work that computes or reads files away from the threads that serve connections.
    pub async fn run<T: Send + 'static>(
        &self,
        work: Work,
        task: impl FnOnce(&Store) -> Result<T, ApiError> + Send + 'static,
    ) -> Result<T, ApiError> {
        let slots = if work == Work::Ingest { &self.ingest_slots } else { &self.query_slots };
        let _slot = slots.acquire().await.map_err(|_| ApiError::internal("the collector is shutting down"))?;
        let store = self.store.clone();
        match tokio::task::spawn_blocking(move || task(&store)).await {
            Ok(outcome) => outcome,
            Err(error) => {
                log::error!("a request failed inside the collector: {error}");
                Err(ApiError::internal("the request failed inside the collector; its log says where"))
            }
        }
    }

    /// Receives a whole body. Fails with 413 beyond `limit`, 408 if it takes too long or breaks off, and 503 if all
    /// bodies together would take more than their share of memory.
    pub async fn read_body(&self, body: Body, limit: usize) -> Result<HeldBody<'_>, ApiError> {
        let received = tokio::time::timeout(self.config.request_timeout, self.receive(body, limit)).await;
        received.unwrap_or_else(|_| Err(unreadable("the body did not arrive in time")))
    }

    /// Grows the share with the body, so that many small bodies fit where few large ones do.
    async fn receive(&self, body: Body, limit: usize) -> Result<HeldBody<'_>, ApiError> {
        let mut stream = body.into_data_stream();
        let mut bytes = BytesMut::new();
        let mut share: Option<SemaphorePermit<'_>> = None;
        while let Some(piece) = stream.next().await {
            let piece = piece.map_err(|error| unreadable(&format!("the body cannot be read: {error}")))?;
            if bytes.len() + piece.len() > limit {
                return Err(ApiError::too_large(format!("the body is larger than {limit} bytes; send smaller ones")));
            }
            let held = share.as_ref().map_or(0, SemaphorePermit::num_permits);
            let needed = (bytes.len() + piece.len()).div_ceil(BUDGET_UNIT);
            if needed > held {
                let more = self.body_budget.try_acquire_many((needed - held) as u32).map_err(|_| busy())?;
                match &mut share {
                    Some(share) => share.merge(more),
                    None => share = Some(more),
                }
            }
            bytes.extend_from_slice(&piece);
        }
        Ok(HeldBody { bytes: bytes.freeze(), _share: share })
    }
}

fn unreadable(message: &str) -> ApiError {
    ApiError::with_status(StatusCode::REQUEST_TIMEOUT, Code::DeadlineExceeded, message)
}

fn busy() -> ApiError {
    let message = "too many uploads are being received at once; try again in a moment";
    ApiError::with_status(StatusCode::SERVICE_UNAVAILABLE, Code::ResourceExhausted, message)
}
