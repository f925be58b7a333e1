//! The two kinds of failure: one that stops the server, one that answers a request.

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use std::net::SocketAddr;
use std::path::PathBuf;

/// Why the collector cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    /// The address is taken or not ours.
    #[error("cannot listen on {address}: {cause}; choose another address with --listen")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system said.
        cause: std::io::Error,
    },
    /// The directory cannot be created, read or written.
    #[error("cannot use the data directory {path}: {cause}; choose another one with --data")]
    DataDirectory {
        /// The directory, or the file in it.
        path: PathBuf,
        /// What the system said.
        cause: std::io::Error,
    },
    /// Another process holds the directory.
    #[error(
        "the data directory {path} is in use by another collector; stop that one or choose another directory with --data"
    )]
    DataDirectoryInUse {
        /// The directory.
        path: PathBuf,
    },
    /// The thread pool cannot be started.
    #[error("cannot start the server's threads: {0}")]
    Runtime(std::io::Error),
}

/// The codes of the Connect protocol that we answer with, and the HTTP status of each.
///
/// Source: the error codes table of the Connect protocol reference. `/ingest` answers `unknown` with 422, as
/// Pyroscope 2.2.1 does, and `resource_exhausted` with 413 or 507.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Code {
    InvalidArgument,
    ResourceExhausted,
    Unimplemented,
    DeadlineExceeded,
    Internal,
    Unknown,
}

impl Code {
    fn row(self) -> (&'static str, StatusCode) {
        match self {
            Code::InvalidArgument => ("invalid_argument", StatusCode::BAD_REQUEST),
            Code::ResourceExhausted => ("resource_exhausted", StatusCode::TOO_MANY_REQUESTS),
            Code::Unimplemented => ("unimplemented", StatusCode::NOT_IMPLEMENTED),
            Code::DeadlineExceeded => ("deadline_exceeded", StatusCode::GATEWAY_TIMEOUT),
            Code::Internal => ("internal", StatusCode::INTERNAL_SERVER_ERROR),
            Code::Unknown => ("unknown", StatusCode::INTERNAL_SERVER_ERROR),
        }
    }
}

/// What a refused request is answered with: a status and `{"code","message"}`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub(crate) struct ApiError {
    pub status: StatusCode,
    pub code: Code,
    pub message: String,
}

impl ApiError {
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        ApiError { status: code.row().1, code, message: message.into() }
    }

    pub fn with_status(status: StatusCode, code: Code, message: impl Into<String>) -> Self {
        ApiError { status, code, message: message.into() }
    }

    pub fn invalid(message: impl Into<String>) -> Self {
        Self::new(Code::InvalidArgument, message)
    }

    /// The body of an upload cannot be made a profile: 422, which tells the sender not to try again.
    pub fn unprocessable(message: impl Into<String>) -> Self {
        Self::with_status(StatusCode::UNPROCESSABLE_ENTITY, Code::Unknown, message)
    }

    /// A limit on size is exceeded.
    pub fn too_large(message: impl Into<String>) -> Self {
        Self::with_status(StatusCode::PAYLOAD_TOO_LARGE, Code::ResourceExhausted, message)
    }

    pub fn internal(message: impl Into<String>) -> Self {
        Self::new(Code::Internal, message)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let body = serde_json::json!({ "code": self.code.row().0, "message": self.message });
        let headers = [(header::CONTENT_TYPE, "application/json")];
        (self.status, headers, body.to_string()).into_response()
    }
}
