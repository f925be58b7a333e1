//! Pyrite's embedded receiver: takes profiles by `/ingest`, keeps them in a directory, answers Pyroscope's query API.
//!
//! The way of an upload: [`ingest`] reads the request, [`convert`] turns the recording into series, [`store`] writes
//! one file and one index entry. The way of a question: [`selector`] parses what is asked for, [`store`] finds the
//! uploads, [`query`] merges them, [`http`] and [`connect`] speak the protocol.
#![forbid(unsafe_code)]

mod config;
mod connect;
mod convert;
mod error;
mod http;
mod ingest;
mod model;
mod page;
mod query;
mod selector;
mod server;
mod store;
mod time_text;

pub use config::{Clock, Config, SystemClock};
pub use error::ServeError;
pub use server::{Collector, serve, serve_blocking};
pub use store::{Disk, DiskFile, LocalDisk};
