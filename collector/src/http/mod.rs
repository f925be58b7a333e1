//! The HTTP side: which path is answered by what, and how requests become calls.

mod app;
mod connect;
mod flamebearer;
mod ingest;
mod label_values;
mod render;
mod router;

pub(crate) use app::App;
pub(crate) use router::router;
