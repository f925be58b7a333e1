//! The Connect protocol, unary calls, in both codecs, and the messages of Pyroscope's `querier.v1`.

mod codec;
mod messages;
pub(crate) mod pprof;
mod protojson;
pub(crate) mod querier;

pub(crate) use codec::Codec;
pub(crate) use messages::LabelValuesRequest;
pub(crate) use querier::{Call, METHODS, Method};
