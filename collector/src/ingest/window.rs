//! `Window`: how far from now the time of an upload may lie.

use crate::error::ApiError;
use crate::model::Labels;
use crate::time_text::utc_text;

/// Nanoseconds since the epoch, both ends included.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Window {
    pub start_ns: i64,
    pub end_ns: i64,
}

impl Window {
    pub fn check(&self, time_ns: i64, labels: &Labels) -> Result<(), ApiError> {
        if (self.start_ns..=self.end_ns).contains(&time_ns) {
            return Ok(());
        }
        let labels: Vec<_> = labels.iter().map(|(name, value)| format!("{name}={value:?}")).collect();
        Err(ApiError::unprocessable(format!(
            "profile with labels '{{{}}}' is outside of ingestion window (profile timestamp: {}, the ingestion window \
             starts at {} and ends at {})",
            labels.join(", "),
            utc_text(time_ns),
            utc_text(self.start_ns),
            utc_text(self.end_ns),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_inside() {
        let window = Window { start_ns: 5, end_ns: 7 };
        let check = |time_ns| window.check(time_ns, &Labels::from_pairs([("env", "x")]));
        assert!(check(5).is_ok() && check(7).is_ok());
        assert_eq!(check(4).unwrap_err().status, 422);
        let message = check(8).unwrap_err().message;
        assert!(message.starts_with("profile with labels '{env=\"x\"}' is outside of ingestion window"), "{message}");
    }
}
