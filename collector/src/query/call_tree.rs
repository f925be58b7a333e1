//! `CallTree`: many profiles merged by frame name, with one or two sides.

use crate::model::{NO_PARENT, Profile};
use std::collections::HashMap;
use std::sync::Arc;

/// What makes two frames the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symbols {
    /// The name: flame graphs.
    Function,
    /// The name and the line: pprof and dot.
    FunctionAndLine,
}

/// Which column of a node a profile is added to; a difference has two.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left = 0,
    Right = 1,
}

/// The name of a frame, and its line if lines count.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Symbol {
    pub name: Arc<str>,
    pub line: u32,
}

/// A merged tree. Node 0 is the root that stands for everything; parents stand before their children.
#[derive(Debug)]
pub(crate) struct CallTree {
    symbols_by: Symbols,
    symbols: Vec<Symbol>,
    symbol_ids: HashMap<Symbol, u32>,
    nodes: Vec<TreeNode>,
    node_ids: HashMap<(u32, u32), u32>,
}

/// A node with the values that end in it and those that pass through it, per side.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct TreeNode {
    pub parent: u32,
    pub symbol: u32,
    pub own: [i64; 2],
    pub total: [i64; 2],
}

/// The id of the root.
pub(crate) const ROOT: u32 = 0;

/// The name that frames below the limit on nodes are gathered under.
pub(crate) const OTHER: &str = "other";

impl CallTree {
    pub fn new(symbols_by: Symbols) -> Self {
        let root = TreeNode { parent: NO_PARENT, ..TreeNode::default() };
        let unnamed = Symbol { name: Arc::from(""), line: 0 };
        CallTree {
            symbols_by,
            symbols: vec![unnamed],
            symbol_ids: HashMap::new(),
            nodes: vec![root],
            node_ids: HashMap::new(),
        }
    }

    /// Adds values to leaves of `profile`. Only the frames above those leaves are taken over.
    pub fn add(&mut self, side: Side, profile: &Profile, samples: impl Iterator<Item = (u32, i64)>) {
        let mut known = vec![NO_PARENT; profile.nodes.len()];
        let mut functions = vec![NO_PARENT; profile.functions.len()];
        let mut path = Vec::new();
        for (leaf, value) in samples.filter(|(_, value)| *value > 0) {
            path.clear();
            let mut node = leaf;
            while node != NO_PARENT && known[node as usize] == NO_PARENT {
                path.push(node);
                node = profile.nodes[node as usize].parent;
            }
            let mut at = if node == NO_PARENT { ROOT } else { known[node as usize] };
            while let Some(below) = path.pop() {
                let frame = profile.nodes[below as usize];
                let symbol = self.symbol(profile, &mut functions, frame.function, frame.line);
                at = self.child(at, symbol);
                known[below as usize] = at;
            }
            let own = &mut self.nodes[at as usize].own[side as usize];
            *own = own.saturating_add(value);
        }
    }

    /// Adds one stack trace, root first.
    #[cfg(test)]
    pub fn add_stack(&mut self, side: Side, stack: &[&str], value: i64) {
        let mut at = ROOT;
        for name in stack {
            let symbol = self.intern(Symbol { name: Arc::from(*name), line: 0 });
            at = self.child(at, symbol);
        }
        self.nodes[at as usize].own[side as usize] += value;
    }

    /// Sums up towards the root and sorts siblings; to be read after the last `add`.
    pub fn freeze(mut self) -> FrozenTree {
        for node in &mut self.nodes {
            node.total = node.own;
        }
        for at in (1..self.nodes.len()).rev() {
            let TreeNode { parent, total, .. } = self.nodes[at];
            for (sum, value) in self.nodes[parent as usize].total.iter_mut().zip(total) {
                *sum = sum.saturating_add(value);
            }
        }
        FrozenTree::new(self.symbols, self.nodes)
    }

    /// With names alone, functions of one profile are looked up once each.
    fn symbol(&mut self, profile: &Profile, functions: &mut [u32], function: u32, line: u32) -> u32 {
        let by_line = self.symbols_by == Symbols::FunctionAndLine;
        let cached = functions[function as usize];
        if !by_line && cached != NO_PARENT {
            return cached;
        }
        let name = Arc::from(&*profile.functions[function as usize]);
        let id = self.intern(Symbol { name, line: if by_line { line } else { 0 } });
        functions[function as usize] = id;
        id
    }

    fn intern(&mut self, symbol: Symbol) -> u32 {
        if let Some(id) = self.symbol_ids.get(&symbol) {
            return *id;
        }
        let id = self.symbols.len() as u32;
        self.symbols.push(symbol.clone());
        self.symbol_ids.insert(symbol, id);
        id
    }

    fn child(&mut self, parent: u32, symbol: u32) -> u32 {
        *self.node_ids.entry((parent, symbol)).or_insert_with(|| {
            self.nodes.push(TreeNode { parent, symbol, ..TreeNode::default() });
            self.nodes.len() as u32 - 1
        })
    }
}

/// A finished tree: totals known, children in the order of their names.
#[derive(Debug)]
pub(crate) struct FrozenTree {
    symbols: Vec<Symbol>,
    nodes: Vec<TreeNode>,
    /// Children of node `n` are `children[starts[n]..starts[n + 1]]`.
    starts: Vec<u32>,
    children: Vec<u32>,
}

impl FrozenTree {
    fn new(symbols: Vec<Symbol>, nodes: Vec<TreeNode>) -> Self {
        let mut rank: Vec<u32> = (0..symbols.len() as u32).collect();
        rank.sort_unstable_by(|a, b| symbols[*a as usize].cmp(&symbols[*b as usize]));
        let mut order = vec![0u32; symbols.len()];
        for (place, symbol) in rank.iter().enumerate() {
            order[*symbol as usize] = place as u32;
        }
        let mut children: Vec<u32> = (1..nodes.len() as u32).collect();
        children.sort_unstable_by_key(|child| {
            let node = nodes[*child as usize];
            (node.parent, order[node.symbol as usize])
        });
        let mut starts = vec![0u32; nodes.len() + 1];
        for child in &children {
            starts[nodes[*child as usize].parent as usize + 1] += 1;
        }
        for at in 1..starts.len() {
            starts[at] += starts[at - 1];
        }
        FrozenTree { symbols, nodes, starts, children }
    }

    pub fn node(&self, id: u32) -> &TreeNode {
        &self.nodes[id as usize]
    }

    pub fn symbol(&self, id: u32) -> &Symbol {
        &self.symbols[self.nodes[id as usize].symbol as usize]
    }

    pub fn name(&self, id: u32) -> &str {
        &self.symbol(id).name
    }

    pub fn children(&self, id: u32) -> &[u32] {
        let (from, to) = (self.starts[id as usize], self.starts[id as usize + 1]);
        &self.children[from as usize..to as usize]
    }

    /// The total that a node needs to be among the `max_nodes` largest; 0 if all fit or `max_nodes` is 0.
    /// Ties are kept, so a few more may be shown. `with_root` counts the root as one of them.
    pub fn least_total(&self, max_nodes: usize, with_root: bool) -> i64 {
        let counted = &self.nodes[usize::from(!with_root)..];
        if max_nodes == 0 || counted.len() <= max_nodes {
            return 0;
        }
        let mut totals: Vec<i64> = counted.iter().map(|node| node.total[0].max(node.total[1])).collect();
        let (_, least, _) = totals.select_nth_unstable_by(max_nodes - 1, |a, b| b.cmp(a));
        *least
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_rise_and_siblings_are_sorted_by_bytes() {
        let mut tree = CallTree::new(Symbols::Function);
        tree.add_stack(Side::Left, &["b", "x"], 2);
        tree.add_stack(Side::Left, &["a"], 3);
        tree.add_stack(Side::Right, &["b"], 5);
        tree.add_stack(Side::Left, &["B"], 1);
        let tree = tree.freeze();
        assert_eq!(tree.node(ROOT).total, [6, 5]);
        let names: Vec<_> = tree.children(ROOT).iter().map(|child| tree.name(*child)).collect();
        assert_eq!(names, ["B", "a", "b"]);
        let b = tree.node(tree.children(ROOT)[2]);
        assert_eq!((b.own, b.total), ([0, 5], [2, 5]));
    }

    #[test]
    fn the_least_total_keeps_the_largest() {
        let mut tree = CallTree::new(Symbols::Function);
        for (name, value) in [("a", 1), ("b", 2), ("c", 3), ("d", 3)] {
            tree.add_stack(Side::Left, &[name], value);
        }
        let tree = tree.freeze();
        assert_eq!(tree.least_total(1, false), 3);
        assert_eq!(tree.least_total(3, false), 2);
        assert_eq!(tree.least_total(2, true), 3);
        assert_eq!((tree.least_total(4, false), tree.least_total(0, false)), (0, 0));
    }

    #[test]
    fn lines_count_only_when_asked() {
        let mut builder = crate::model::ProfileBuilder::default();
        let function = builder.function("f");
        let leaves = [builder.node(NO_PARENT, function, 1), builder.node(NO_PARENT, function, 2)];
        let profile = builder.build();
        for (symbols, expected) in [(Symbols::Function, 1), (Symbols::FunctionAndLine, 2)] {
            let mut tree = CallTree::new(symbols);
            tree.add(Side::Left, &profile, leaves.iter().map(|leaf| (*leaf, 4)));
            let tree = tree.freeze();
            assert_eq!(tree.children(ROOT).len(), expected);
            assert_eq!(tree.node(ROOT).total[0], 8);
        }
    }
}
