//! A tree as a pprof profile.

use super::call_tree::{FrozenTree, OTHER, ROOT, Symbol};
use crate::connect::pprof::{Function, Line, Location, Mapping, Profile, Sample, ValueType};
use crate::model::ProfileType;
use std::collections::HashMap;
use std::sync::Arc;

/// Stack traces with lines; those below the limit on nodes end in a frame named "other".
pub(crate) fn pprof_profile(tree: &FrozenTree, profile_type: &ProfileType, time_ms: i64, max_nodes: usize) -> Profile {
    let least = tree.least_total(max_nodes, false);
    let mut tables = Tables::default();
    tables.string("");
    let mut path = Vec::new();
    let mut pending = vec![(ROOT, 0)];
    while let Some((node, depth)) = pending.pop() {
        path.truncate(depth);
        if node != ROOT {
            path.push(tables.location(tree.symbol(node)));
        }
        tables.sample(&path, tree.node(node).own[0]);
        let mut rest = 0i64;
        for child in tree.children(node) {
            if tree.node(*child).total[0] >= least {
                pending.push((*child, path.len()));
            } else {
                rest = rest.saturating_add(tree.node(*child).total[0]);
            }
        }
        if rest > 0 {
            path.push(tables.location(&Symbol { name: Arc::from(OTHER), line: 0 }));
            tables.sample(&path, rest);
            path.pop();
        }
    }
    tables.finish(profile_type, time_ms)
}

/// The profile in the making; ids are positions from 1 on.
#[derive(Default)]
struct Tables {
    profile: Profile,
    strings: HashMap<Arc<str>, i64>,
    functions: HashMap<Arc<str>, u64>,
    locations: HashMap<Symbol, u64>,
}

impl Tables {
    fn string(&mut self, text: &str) -> i64 {
        if let Some(at) = self.strings.get(text) {
            return *at;
        }
        let at = self.profile.string_table.len() as i64;
        self.profile.string_table.push(text.to_owned());
        self.strings.insert(Arc::from(text), at);
        at
    }

    fn function(&mut self, name: &Arc<str>) -> u64 {
        if let Some(id) = self.functions.get(name) {
            return *id;
        }
        let id = self.profile.function.len() as u64 + 1;
        let name_at = self.string(name);
        self.profile.function.push(Function { id, name: name_at, ..Function::default() });
        self.functions.insert(name.clone(), id);
        id
    }

    fn location(&mut self, symbol: &Symbol) -> u64 {
        if let Some(id) = self.locations.get(symbol) {
            return *id;
        }
        let id = self.profile.location.len() as u64 + 1;
        let line = vec![Line { function_id: self.function(&symbol.name), line: symbol.line.into() }];
        self.profile.location.push(Location { id, mapping_id: MAPPING, line, ..Location::default() });
        self.locations.insert(symbol.clone(), id);
        id
    }

    /// `path` is root first, pprof wants the leaf first.
    fn sample(&mut self, path: &[u64], value: i64) {
        if value > 0 && !path.is_empty() {
            let location_id = path.iter().rev().copied().collect();
            self.profile.sample.push(Sample { location_id, value: vec![value], label: Vec::new() });
        }
    }

    fn finish(mut self, profile_type: &ProfileType, time_ms: i64) -> Profile {
        let value_type =
            ValueType { kind: self.string(&profile_type.sample_type), unit: self.string(&profile_type.sample_unit) };
        let period_type =
            ValueType { kind: self.string(&profile_type.period_type), unit: self.string(&profile_type.period_unit) };
        let mut profile = self.profile;
        profile.default_sample_type = value_type.kind;
        profile.sample_type = vec![value_type];
        profile.period_type = Some(period_type);
        profile.mapping = vec![Mapping { id: MAPPING, has_functions: true, ..Mapping::default() }];
        profile.time_nanos = time_ms.saturating_mul(1_000_000);
        if profile_type.period_unit == "nanoseconds" {
            profile.period = NS_PER_S;
        }
        profile
    }
}

/// Everything is said to come from one mapping, as Pyroscope does for Java.
const MAPPING: u64 = 1;
/// The period that Pyroscope writes for times.
const NS_PER_S: i64 = 1_000_000_000;

#[cfg(test)]
mod tests {
    use super::super::{CallTree, Side, Symbols};
    use super::*;

    fn stacks(profile: &Profile) -> Vec<(String, i64)> {
        let name = |id: &u64| {
            let function = profile.location[*id as usize - 1].line[0].function_id;
            profile.string_table[profile.function[function as usize - 1].name as usize].as_str()
        };
        let stack = |sample: &Sample| sample.location_id.iter().map(name).collect::<Vec<_>>().join(";");
        let mut stacks: Vec<_> = profile.sample.iter().map(|sample| (stack(sample), sample.value[0])).collect();
        stacks.sort();
        stacks
    }

    fn profile(max_nodes: usize) -> Profile {
        let mut tree = CallTree::new(Symbols::FunctionAndLine);
        tree.add_stack(Side::Left, &["a", "b"], 5);
        tree.add_stack(Side::Left, &["a", "c"], 2);
        tree.add_stack(Side::Left, &["a"], 1);
        tree.add_stack(Side::Left, &["d"], 2);
        let profile_type = "process_cpu:cpu:nanoseconds:cpu:nanoseconds".parse().unwrap();
        pprof_profile(&tree.freeze(), &profile_type, 7, max_nodes)
    }

    #[test]
    fn every_stack_trace_is_a_sample_leaf_first() {
        let profile = profile(0);
        let expected = [("a", 1), ("b;a", 5), ("c;a", 2), ("d", 2)].map(|(stack, value)| (stack.to_owned(), value));
        assert_eq!(stacks(&profile), expected);
        assert_eq!(profile.string_table[0], "");
        assert_eq!((profile.time_nanos, profile.period), (7_000_000, 1_000_000_000));
    }

    #[test]
    fn what_is_cut_ends_in_other() {
        let expected = [("a", 1), ("b;a", 5), ("other", 2), ("other;a", 2)].map(|(s, v)| (s.to_owned(), v));
        assert_eq!(stacks(&profile(2)), expected);
    }
}
