//! `Timeline`: equally spaced samples for the chart above a flame graph.

use super::{Point, TimeRange};

/// Samples that stand `step_s` seconds apart from `start_s` on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Timeline {
    pub start_s: i64,
    pub step_s: i64,
    pub samples: Vec<u64>,
}

/// The longest timeline that is spelled out; a range of decades would otherwise fill memory with zeros.
const MOST_SAMPLES: i64 = 100_000;

/// Spreads points over the range. Pyroscope shows whole steps only; a step that has data is added here even if the
/// range ends within it, so that the newest upload is seen.
pub(crate) fn timeline(points: &[Point], range: TimeRange, step_s: i64) -> Timeline {
    let start_s = (range.start_ms / 1000).div_euclid(step_s) * step_s;
    let step_ms = step_s * 1000;
    let place = |time_ms: i64| (time_ms - start_s * 1000).div_euclid(step_ms).clamp(0, MOST_SAMPLES);
    let last = points.iter().map(|point| place(point.time_ms) + 1).max().unwrap_or(0);
    let count = place(range.end_ms).max(last);
    let mut samples = vec![0u64; count as usize];
    for point in points {
        if let Some(sample) = samples.get_mut(place(point.time_ms) as usize) {
            *sample = sample.saturating_add(point.value as u64);
        }
    }
    Timeline { start_s, step_s, samples }
}

/// The step for a range: about 1,500 points, rounded to what people read easily, never below 15 s.
pub(crate) fn point_interval_s(range: TimeRange) -> i64 {
    /// Pairs of an upper bound and the step for what lies below it, in seconds: Grafana's rounding.
    const STEPS: &[(i64, i64)] = &[
        (18, 15),
        (25, 20),
        (45, 30),
        (90, 60),
        (210, 120),
        (450, 300),
        (750, 600),
        (1_050, 900),
        (1_500, 1_200),
        (2_700, 1_800),
        (5_400, 3_600),
        (9_000, 7_200),
        (16_200, 10_800),
        (32_400, 21_600),
        (86_400, 43_200),
        (604_800, 86_400),
    ];
    const MONTH_S: i64 = 2_592_000;
    let span_s = range.end_ms.saturating_sub(range.start_ms) / 1000;
    let wanted = span_s / 1500;
    STEPS.iter().find(|(below, _)| wanted < *below).map_or(MONTH_S, |(_, step)| *step)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time_s: i64, value: f64) -> Point {
        Point { time_ms: time_s * 1000, value }
    }

    #[test]
    fn starts_on_a_whole_step_and_counts_whole_steps() {
        let range = TimeRange { start_ms: 194_000, end_ms: 226_000 };
        let line = timeline(&[at(209, 7.0), at(224, 1.0)], range, 15);
        assert_eq!(line, Timeline { start_s: 180, step_s: 15, samples: vec![0, 7, 1] });
    }

    #[test]
    fn a_last_step_with_data_is_shown() {
        let range = TimeRange { start_ms: 180_000, end_ms: 197_000 };
        assert_eq!(timeline(&[], range, 15).samples, [0]);
        assert_eq!(timeline(&[at(195, 3.0)], range, 15).samples, [0, 3]);
    }

    #[test]
    fn the_step_grows_with_the_range() {
        let step = |span_s: i64| point_interval_s(TimeRange { start_ms: 0, end_ms: span_s * 1000 });
        assert_eq!((step(60), step(3_600), step(86_400), step(604_800)), (15, 15, 60, 300));
        assert_eq!(step(i64::MAX / 1000), 2_592_000);
    }
}
