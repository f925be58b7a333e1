//! Label selectors: `{service_name="bank", env!~"test|dev"}`, as Prometheus and Pyroscope write them.

mod matcher;
mod parse;

pub(crate) use matcher::Selector;
use matcher::{MatchOp, Matcher};
pub(crate) use parse::{any_matches, parse_query, parse_selector};
