//! `Parts`: the files in an upload's body.

use crate::error::ApiError;
use bytes::Bytes;
use futures_util::stream;
use std::convert::Infallible;

/// The recording and the label snapshot, each gzipped or not, as received.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Parts {
    pub recording: Bytes,
    /// Empty if there is none.
    pub label_snapshot: Bytes,
}

/// Takes apart a multipart form that is already in memory. Parts count only if they are files (have a `filename`),
/// as in Pyroscope, so that a sender that works here works there.
pub(crate) async fn read_multipart(body: Bytes, content_type: &str) -> Result<Parts, ApiError> {
    let boundary = multer::parse_boundary(content_type).map_err(unreadable)?;
    let whole = stream::once(async { Ok::<_, Infallible>(body) });
    let mut form = multer::Multipart::new(whole, boundary);
    let mut recording = None;
    let mut label_snapshot = Bytes::new();
    while let Some(field) = form.next_field().await.map_err(unreadable)? {
        let is_file = field.file_name().is_some();
        match field.name() {
            Some("jfr") if is_file => recording = Some(field.bytes().await.map_err(unreadable)?),
            Some("labels") if is_file => label_snapshot = field.bytes().await.map_err(unreadable)?,
            _ => {}
        }
    }
    let recording = recording.ok_or_else(|| {
        ApiError::unprocessable(
            "jfr field is required: a form part named \"jfr\" with a filename that holds the recording",
        )
    })?;
    Ok(Parts { recording, label_snapshot })
}

fn unreadable(error: multer::Error) -> ApiError {
    ApiError::unprocessable(format!("the multipart body cannot be read: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENT_TYPE: &str = "multipart/form-data; boundary=x";

    fn read(body: &'static str, content_type: &str) -> Result<Parts, ApiError> {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        runtime.block_on(read_multipart(Bytes::from_static(body.as_bytes()), content_type))
    }

    #[test]
    fn file_parts_are_taken_and_others_left() {
        let body = "--x\r\nContent-Disposition: form-data; name=\"labels\"; filename=\"labels\"\r\n\r\nL\r\n\
                    --x\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\nO\r\n\
                    --x\r\nContent-Disposition: form-data; name=\"jfr\"; filename=\"jfr\"\r\n\r\nFLR\r\n--x--\r\n";
        let parts = read(body, CONTENT_TYPE).unwrap();
        assert_eq!((&*parts.recording, &*parts.label_snapshot), (&b"FLR"[..], &b"L"[..]));
    }

    #[test]
    fn what_cannot_be_read_is_refused_with_422() {
        let field = "--x\r\nContent-Disposition: form-data; name=\"jfr\"\r\n\r\nFLR\r\n--x--\r\n";
        let cut = "--x\r\nContent-Disposition: form-data; name=\"jfr\"; filename=\"jfr\"\r\n\r\nFL";
        for (body, content_type) in [
            (field, CONTENT_TYPE),
            (cut, CONTENT_TYPE),
            ("", CONTENT_TYPE),
            ("hello", CONTENT_TYPE),
            (field, "multipart/form-data"),
        ] {
            let error = read(body, content_type).unwrap_err();
            assert_eq!(error.status, 422, "{body:?}");
            assert!(!error.message.is_empty());
        }
    }
}
