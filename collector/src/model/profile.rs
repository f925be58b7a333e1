//! `Profile`: one upload in memory, as call tree and samples.

use super::{Labels, MetricId};
use std::collections::HashMap;

/// The parent of a root frame.
pub(crate) const NO_PARENT: u32 = u32::MAX;

/// One upload, parsed. Frames that stack traces share are held once, as a tree with the root frames at the top.
#[derive(Debug, Default)]
pub(crate) struct Profile {
    /// Function names; a node names one by its index.
    pub functions: Vec<Box<str>>,
    /// Parents stand before their children.
    pub nodes: Vec<Node>,
    pub series: Vec<ProfileSeries>,
}

/// A frame below its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Node {
    pub parent: u32,
    pub function: u32,
    pub line: u32,
}

/// The samples of one metric under one label set.
#[derive(Debug, PartialEq)]
pub(crate) struct ProfileSeries {
    pub metric: MetricId,
    /// Labels without those that follow from the profile type.
    pub labels: Labels,
    pub samples: Vec<Sample>,
}

/// What was seen at one leaf, summed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sample {
    pub leaf: u32,
    /// One value per row of the metric; the second is 0 where there is one only.
    pub values: [i64; 2],
    /// The span that the sample belongs to, 0 if none.
    pub span_id: u64,
}

impl ProfileSeries {
    /// The sum of value `index` over all samples.
    pub fn total(&self, index: usize) -> i64 {
        self.samples.iter().fold(0, |sum: i64, sample| sum.saturating_add(sample.values[index]))
    }
}

impl Profile {
    /// Roughly the memory that the profile holds, for the cache's accounting.
    pub fn size_bytes(&self) -> usize {
        let names: usize = self.functions.iter().map(|name| name.len() + size_of::<Box<str>>()).sum();
        let samples: usize = self.series.iter().map(|series| series.samples.len() * size_of::<Sample>() + 512).sum();
        names + samples + self.nodes.len() * size_of::<Node>()
    }
}

/// Builds a [`Profile`] from stack traces in any order.
#[derive(Debug, Default)]
pub(crate) struct ProfileBuilder {
    profile: Profile,
    functions: HashMap<Box<str>, u32>,
    nodes: HashMap<Node, u32>,
    series: HashMap<(MetricId, Labels), usize>,
    samples: HashMap<(usize, u32, u64), usize>,
}

impl ProfileBuilder {
    /// The id of a function name.
    pub fn function(&mut self, name: &str) -> u32 {
        if let Some(id) = self.functions.get(name) {
            return *id;
        }
        let id = index(self.profile.functions.len());
        self.profile.functions.push(name.into());
        self.functions.insert(name.into(), id);
        id
    }

    /// The node of a frame below `parent` (or [`NO_PARENT`]).
    pub fn node(&mut self, parent: u32, function: u32, line: u32) -> u32 {
        let node = Node { parent, function, line };
        *self.nodes.entry(node).or_insert_with(|| {
            self.profile.nodes.push(node);
            index(self.profile.nodes.len() - 1)
        })
    }

    /// The place of a series, made on first sight.
    pub fn series(&mut self, metric: MetricId, labels: &Labels) -> usize {
        if let Some(at) = self.series.get(&(metric, labels.clone())) {
            return *at;
        }
        let at = self.profile.series.len();
        self.profile.series.push(ProfileSeries { metric, labels: labels.clone(), samples: Vec::new() });
        self.series.insert((metric, labels.clone()), at);
        at
    }

    /// Adds values at a leaf; a sample of nothing is not kept, as in Pyroscope.
    pub fn add(&mut self, series: usize, leaf: u32, values: [i64; 2], span_id: u64) {
        if values.iter().all(|value| *value <= 0) {
            return;
        }
        let samples = &mut self.profile.series[series].samples;
        let at = *self.samples.entry((series, leaf, span_id)).or_insert_with(|| {
            samples.push(Sample { leaf, values: [0; 2], span_id });
            samples.len() - 1
        });
        for (sum, value) in samples[at].values.iter_mut().zip(values) {
            *sum = sum.saturating_add(value.max(0));
        }
    }

    /// How many series there are so far.
    pub fn series_count(&self) -> usize {
        self.profile.series.len()
    }

    /// The profile, without series that have no samples.
    pub fn build(self) -> Profile {
        let mut profile = self.profile;
        profile.series.retain(|series| !series.samples.is_empty());
        profile
    }
}

/// Counts here stay far below 2^32: each comes from at least one byte of a bounded body.
fn index(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(NO_PARENT - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_stack_traces_share_nodes_and_sum_up() {
        let mut builder = ProfileBuilder::default();
        let series = builder.series(MetricId::Mutex, &Labels::default());
        for delay in [5, 7] {
            let run = builder.function("Thread.run");
            let root = builder.node(NO_PARENT, run, 1);
            let lock = builder.function("Lock.lock");
            let leaf = builder.node(root, lock, 2);
            builder.add(series, leaf, [1, delay], 0);
        }
        let profile = builder.build();
        assert_eq!(profile.nodes.len(), 2);
        assert_eq!(profile.series[0].samples.len(), 1);
        assert_eq!((profile.series[0].total(0), profile.series[0].total(1)), (2, 12));
    }

    #[test]
    fn a_series_of_nothing_is_not_kept() {
        let mut builder = ProfileBuilder::default();
        let series = builder.series(MetricId::Cpu, &Labels::default());
        let leaf = builder.node(NO_PARENT, 0, 0);
        builder.add(series, leaf, [0, 0], 0);
        assert!(builder.build().series.is_empty());
    }
}
