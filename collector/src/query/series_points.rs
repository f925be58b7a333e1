//! Totals over time, from the index alone: no upload is opened.

use super::TimeRange;
use crate::model::{Labels, SeriesKey};
use crate::store::Upload;
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// How the values that fall into one step become one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Aggregation {
    Sum,
    Average,
}

/// A value at the end of its step.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Point {
    pub time_ms: i64,
    pub value: f64,
}

/// The points of one group.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct PointSeries {
    pub labels: Labels,
    pub points: Vec<Point>,
}

/// Sums the series that `wanted` accepts per step and per group, largest group first.
///
/// A value at time t belongs to the first of start, start + step, start + 2 step … that is not before t, as recorded
/// from Pyroscope. Without a start the first upload's time is the start.
pub(crate) fn point_series(
    uploads: &[Arc<Upload>],
    wanted: impl Fn(&SeriesKey) -> bool,
    range: TimeRange,
    step_ms: i64,
    group_by: &[String],
    aggregation: Aggregation,
) -> Vec<PointSeries> {
    let step_ms = step_ms.max(1);
    let first = uploads.iter().map(|upload| upload.time_ms()).min().unwrap_or(0);
    let start_ms = if range.start_ms == TimeRange::ALL.start_ms { first } else { range.start_ms };
    let mut accepted: HashMap<*const SeriesKey, Option<Labels>> = HashMap::new();
    let mut groups: HashMap<Labels, BTreeMap<i64, (f64, u32)>> = HashMap::new();
    for upload in uploads {
        let since_start = (upload.time_ms() - start_ms).max(0);
        let steps = since_start.div_euclid(step_ms) + i64::from(since_start % step_ms != 0);
        let time_ms = start_ms + steps * step_ms;
        for (series, total) in &upload.series {
            let group = accepted
                .entry(Arc::as_ptr(series))
                .or_insert_with(|| wanted(series).then(|| group_labels(&series.labels, group_by)));
            if let Some(labels) = group {
                let points = groups.entry(labels.clone()).or_default();
                let (sum, count) = points.entry(time_ms).or_default();
                *sum += *total as f64;
                *count += 1;
            }
        }
    }
    let mut series: Vec<PointSeries> = groups
        .into_iter()
        .map(|(labels, points)| PointSeries { labels, points: points_of(points, aggregation) })
        .collect();
    series.sort_by(|a, b| b.sum().total_cmp(&a.sum()).then_with(|| a.labels.cmp(&b.labels)));
    series
}

impl PointSeries {
    fn sum(&self) -> f64 {
        self.points.iter().map(|point| point.value).sum()
    }
}

/// Without names to group by, all series are one.
fn group_labels(labels: &Labels, group_by: &[String]) -> Labels {
    if group_by.is_empty() { Labels::default() } else { labels.project(group_by) }
}

fn points_of(points: BTreeMap<i64, (f64, u32)>, aggregation: Aggregation) -> Vec<Point> {
    let value = |(sum, count): (f64, u32)| match aggregation {
        Aggregation::Sum => sum,
        Aggregation::Average => sum / f64::from(count.max(1)),
    };
    points.into_iter().map(|(time_ms, cell)| Point { time_ms, value: value(cell) }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn upload(time_ms: i64, env: &str, total: i64) -> Arc<Upload> {
        let labels = Labels::from_pairs([("env", env)]);
        let profile_type = "a:b:c:d:e".parse().unwrap();
        let series = vec![(Arc::new(SeriesKey::new(profile_type, &labels)), total)];
        Arc::new(Upload::for_test(time_ms, series))
    }

    fn points(aggregation: Aggregation, group_by: &[String]) -> Vec<PointSeries> {
        let uploads = [upload(1_000, "a", 1), upload(1_001, "b", 10), upload(6_000, "b", 20)];
        let range = TimeRange { start_ms: 1_000, end_ms: 9_000 };
        point_series(&uploads, |_| true, range, 5_000, group_by, aggregation)
    }

    #[test]
    fn a_step_takes_what_came_after_the_one_before() {
        let all = points(Aggregation::Sum, &[]);
        let expected = [Point { time_ms: 1_000, value: 1.0 }, Point { time_ms: 6_000, value: 30.0 }];
        assert_eq!(all[0].points, expected);
        assert_eq!(points(Aggregation::Average, &[])[0].points[1].value, 15.0);
    }

    #[test]
    fn groups_come_largest_first() {
        let groups = points(Aggregation::Sum, &["env".into()]);
        let names: Vec<_> = groups.iter().map(|group| group.labels.get("env")).collect();
        assert_eq!(names, [Some("b"), Some("a")]);
    }
}
