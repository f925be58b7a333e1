//! The collector's own picture of a profile, free of wire formats.

mod labels;
mod metric;
mod profile;
mod profile_type;
mod series;

pub(crate) use labels::{Labels, is_classic_name};
pub(crate) use metric::MetricId;
pub(crate) use profile::{NO_PARENT, Profile, ProfileBuilder};
pub(crate) use profile_type::ProfileType;
pub(crate) use series::SeriesKey;
