//! Why the store cannot keep or give back an upload.

use crate::error::{ApiError, Code};
use axum::http::StatusCode;
use std::io;
use std::path::PathBuf;

/// What failed, and on which file.
#[derive(Debug, thiserror::Error)]
pub(crate) enum StoreError {
    #[error("the disk is full: {path} cannot be written ({cause}); free space or lower the collector's retention")]
    Full { path: PathBuf, cause: io::Error },
    #[error("cannot write {path}: {cause}")]
    Write { path: PathBuf, cause: io::Error },
    #[error("cannot read {path}: {cause}")]
    Read { path: PathBuf, cause: io::Error },
}

impl StoreError {
    /// A disk and a quota that are full are told apart from other failures: the sender may try again later.
    pub fn write(path: PathBuf, cause: io::Error) -> Self {
        match cause.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => StoreError::Full { path, cause },
            _ => StoreError::Write { path, cause },
        }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> ApiError {
        let message = error.to_string();
        match error {
            StoreError::Full { .. } => {
                ApiError::with_status(StatusCode::INSUFFICIENT_STORAGE, Code::ResourceExhausted, message)
            }
            StoreError::Write { .. } | StoreError::Read { .. } => ApiError::internal(message),
        }
    }
}
