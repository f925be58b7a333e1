//! `ProfileType`: the five-part name of what a profile measures.

use serde::{Deserialize, Serialize};
use std::fmt;

/// `process_cpu:cpu:nanoseconds:cpu:nanoseconds`: metric, sample type, sample unit, period type, period unit.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub(crate) struct ProfileType {
    pub name: String,
    pub sample_type: String,
    pub sample_unit: String,
    pub period_type: String,
    pub period_unit: String,
}

/// The text is not five parts with colons between them; the wording is Pyroscope's.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "profile-type selection must be of the form \
     <name>:<sample-type>:<sample-unit>:<period-type>:<period-unit>(:delta), got({parts}): {text:?}"
)]
pub(crate) struct ProfileTypeError {
    parts: usize,
    text: String,
}

impl std::str::FromStr for ProfileType {
    type Err = ProfileTypeError;

    fn from_str(text: &str) -> Result<Self, ProfileTypeError> {
        let parts: Vec<&str> = text.split(':').collect();
        let five = match parts.as_slice() {
            [five @ .., "delta"] if five.len() == 5 => five,
            all => all,
        };
        let [name, sample_type, sample_unit, period_type, period_unit] = five else {
            return Err(ProfileTypeError { parts: parts.len(), text: text.to_owned() });
        };
        Ok(ProfileType {
            name: (*name).to_owned(),
            sample_type: (*sample_type).to_owned(),
            sample_unit: (*sample_unit).to_owned(),
            period_type: (*period_type).to_owned(),
            period_unit: (*period_unit).to_owned(),
        })
    }
}

impl fmt::Display for ProfileType {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ProfileType { name, sample_type, sample_unit, period_type, period_unit } = self;
        write!(out, "{name}:{sample_type}:{sample_unit}:{period_type}:{period_unit}")
    }
}

impl From<ProfileType> for String {
    fn from(profile_type: ProfileType) -> String {
        profile_type.to_string()
    }
}

impl TryFrom<String> for ProfileType {
    type Error = ProfileTypeError;

    fn try_from(text: String) -> Result<Self, ProfileTypeError> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn five_parts_go_in_and_out() {
        let text = "memory:malloc_bytes:bytes::";
        assert_eq!(text.parse::<ProfileType>().unwrap().to_string(), text);
        let with_delta: ProfileType = "a:b:c:d:e:delta".parse().unwrap();
        assert_eq!(with_delta.to_string(), "a:b:c:d:e");
    }

    #[test]
    fn any_other_number_of_parts_is_refused_with_the_count() {
        let message = "nope".parse::<ProfileType>().unwrap_err().to_string();
        assert!(message.ends_with("got(1): \"nope\""), "{message}");
        assert!("a:b:c:d:e:f".parse::<ProfileType>().is_err());
    }
}
