//! What an upload request says: its query parameters and its body.

mod app_name;
mod body;
mod params;
mod window;

pub(crate) use app_name::AppName;
pub(crate) use body::{Parts, read_multipart};
pub(crate) use params::IngestParams;
pub(crate) use window::Window;
