//! `SeriesKey`: a profile type with the labels that a selector can see.

use super::{Labels, ProfileType};
use std::hash::Hash;

/// One series: what is measured, and where.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct SeriesKey {
    pub profile_type: ProfileType,
    /// All labels, the ones that follow from the profile type included.
    pub labels: Labels,
}

impl SeriesKey {
    /// Adds to the labels of an upload what Pyroscope adds when it splits a profile into series.
    pub fn new(profile_type: ProfileType, base: &Labels) -> Self {
        let service = base.get("service_name").unwrap_or_default().to_owned();
        let mut labels = Labels::from_pairs([
            ("__name__", profile_type.name.clone()),
            ("__type__", profile_type.sample_type.clone()),
            ("__unit__", profile_type.sample_unit.clone()),
            ("__period_type__", profile_type.period_type.clone()),
            ("__period_unit__", profile_type.period_unit.clone()),
            ("__profile_type__", profile_type.to_string()),
            ("__service_name__", service),
        ]);
        for (name, value) in base.iter() {
            labels.insert_missing(name.to_owned(), value.to_owned());
        }
        SeriesKey { profile_type, labels }
    }
}
