//! `Graph`: frames as nodes, each once, and calls as edges; and which of them are worth showing.

use super::super::call_tree::{FrozenTree, ROOT, Symbol};
use std::collections::{HashMap, HashSet};

/// Nodes by what they say, edges by weight; both largest first.
pub(super) struct Graph {
    pub nodes: Vec<Node>,
    pub edges: Vec<Edge>,
    pub total: i64,
}

/// A frame, wherever in a stack trace it stands.
#[derive(Debug, Clone)]
pub(super) struct Node {
    pub symbol: Symbol,
    /// The value of samples that end in it.
    pub flat: i64,
    /// The value of samples that pass through it.
    pub cumulative: i64,
}

/// A call, perhaps over frames that are not shown.
#[derive(Debug, Clone)]
pub(super) struct Edge {
    pub from: usize,
    pub to: usize,
    pub weight: i64,
    /// No sample shows a direct call.
    pub residual: bool,
}

impl Graph {
    /// All frames of a tree.
    pub fn whole(tree: &FrozenTree) -> Self {
        Self::build(tree, |_| true)
    }

    /// The `max_nodes` frames that say the most. An edge that another way over shown frames makes superfluous is left
    /// out.
    pub fn select(&self, tree: &FrozenTree, max_nodes: usize) -> Self {
        let count = if max_nodes == 0 { self.nodes.len() } else { max_nodes.min(self.nodes.len()) };
        let kept: HashSet<&Symbol> = self.nodes[..count].iter().map(|node| &node.symbol).collect();
        let mut graph = Self::build(tree, |symbol| kept.contains(symbol));
        graph.remove_redundant_edges();
        graph
    }

    fn build(tree: &FrozenTree, is_kept: impl Fn(&Symbol) -> bool) -> Self {
        let mut builder = Builder::default();
        let mut path = Vec::new();
        let mut pending = vec![(ROOT, 0)];
        while let Some((id, depth)) = pending.pop() {
            path.truncate(depth);
            if id != ROOT {
                let symbol = tree.symbol(id);
                path.push(is_kept(symbol).then(|| builder.node(symbol)));
            }
            builder.sample(&path, tree.node(id).own[0]);
            pending.extend(tree.children(id).iter().map(|child| (*child, path.len())));
        }
        builder.finish(tree.node(ROOT).total[0])
    }

    /// Looks at the edges into each node, lightest first, and stops at the first direct call: an edge heavier than
    /// one that stays must not vanish.
    fn remove_redundant_edges(&mut self) {
        let mut present = vec![true; self.edges.len()];
        let mut into: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (at, edge) in self.edges.iter().enumerate() {
            into[edge.to].push(at);
        }
        for node in (0..self.nodes.len()).rev() {
            for at in into[node].iter().rev() {
                if !self.edges[*at].residual {
                    break;
                }
                present[*at] = !self.has_other_way(*at, &into, &present);
            }
        }
        let mut present = present.into_iter();
        self.edges.retain(|_| present.next().unwrap_or(true));
    }

    /// Whether the caller reaches the callee without this edge.
    fn has_other_way(&self, without: usize, into: &[Vec<usize>], present: &[bool]) -> bool {
        let Edge { from, to, .. } = self.edges[without];
        let mut seen = HashSet::from([to]);
        let mut pending = vec![to];
        while let Some(node) = pending.pop() {
            for at in into[node].iter().filter(|at| **at != without && present[**at]) {
                let above = self.edges[*at].from;
                if above == from {
                    return true;
                }
                if seen.insert(above) {
                    pending.push(above);
                }
            }
        }
        false
    }
}

/// A graph in the making.
#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    ids: HashMap<Symbol, usize>,
    edges: HashMap<(usize, usize), (i64, bool)>,
}

impl Builder {
    fn node(&mut self, symbol: &Symbol) -> usize {
        if let Some(id) = self.ids.get(symbol) {
            return *id;
        }
        self.nodes.push(Node { symbol: symbol.clone(), flat: 0, cumulative: 0 });
        self.ids.insert(symbol.clone(), self.nodes.len() - 1);
        self.nodes.len() - 1
    }

    /// Adds a stack trace, root first, in which frames that are not shown are nothing. A frame or a call that it
    /// holds twice counts once.
    fn sample(&mut self, path: &[Option<usize>], value: i64) {
        if value <= 0 {
            return;
        }
        let (mut seen_nodes, mut seen_edges) = (HashSet::new(), HashSet::new());
        let mut above = None;
        let mut gap = false;
        for node in path {
            let Some(node) = *node else {
                gap = true;
                continue;
            };
            if seen_nodes.insert(node) {
                self.nodes[node].cumulative += value;
            }
            if let Some(above) = above.filter(|above| *above != node)
                && seen_edges.insert((above, node))
            {
                let (weight, residual) = self.edges.entry((above, node)).or_insert((0, true));
                *weight += value;
                *residual &= gap;
            }
            (above, gap) = (Some(node), false);
        }
        if let Some(Some(leaf)) = path.last() {
            self.nodes[*leaf].flat += value;
        }
    }

    fn finish(self, total: i64) -> Graph {
        let scores = self.scores();
        let mut order: Vec<usize> = (0..self.nodes.len()).collect();
        order.sort_by(|a, b| {
            scores[*b].cmp(&scores[*a]).then_with(|| self.nodes[*a].symbol.cmp(&self.nodes[*b].symbol))
        });
        let mut places = vec![0; order.len()];
        for (place, node) in order.iter().enumerate() {
            places[*node] = place;
        }
        let nodes: Vec<Node> = order.iter().map(|node| self.nodes[*node].clone()).collect();
        let edge = |((from, to), (weight, residual)): (&(usize, usize), &(i64, bool))| Edge {
            from: places[*from],
            to: places[*to],
            weight: *weight,
            residual: *residual,
        };
        let mut edges: Vec<Edge> = self.edges.iter().map(edge).collect();
        edges.sort_by(|a, b| {
            let names = |edge: &Edge| (&nodes[edge.from].symbol, &nodes[edge.to].symbol);
            b.weight.cmp(&a.weight).then_with(|| names(a).cmp(&names(b)))
        });
        Graph { nodes, edges, total }
    }

    /// How much a node says: its value, weighted by how unevenly it spreads over callers and callees (entropy), and
    /// its own value on top. A chain of frames with one caller and one callee each says little.
    fn scores(&self) -> Vec<i64> {
        let mut into = vec![Vec::new(); self.nodes.len()];
        let mut out = into.clone();
        for ((from, to), (weight, _)) in &self.edges {
            into[*to].push(*weight);
            out[*from].push(*weight);
        }
        let side = |weights: &[i64], own: i64| if weights.is_empty() { 1.0 } else { entropy(weights, own) };
        let score = |(at, node): (usize, &Node)| {
            let spread = side(&into[at], 0) + side(&out[at], node.flat);
            (spread * node.cumulative as f64) as i64 + node.flat
        };
        self.nodes.iter().enumerate().map(score).collect()
    }
}

/// Shannon entropy in bits of weights and one more value.
fn entropy(weights: &[i64], own: i64) -> f64 {
    let total: i64 = weights.iter().sum::<i64>() + own;
    let mut parts: Vec<i64> = weights.iter().copied().chain([own]).filter(|part| *part > 0).collect();
    // A fixed order, so that rounding is the same each time.
    parts.sort_unstable();
    let share = |part: &i64| *part as f64 / total as f64;
    parts.iter().map(|part| -share(part) * share(part).log2()).sum()
}

#[cfg(test)]
mod tests {
    use super::super::super::{CallTree, Side, Symbols};
    use super::*;

    fn tree(stacks: &[(&[&str], i64)]) -> FrozenTree {
        let mut tree = CallTree::new(Symbols::FunctionAndLine);
        for (stack, value) in stacks {
            tree.add_stack(Side::Left, stack, *value);
        }
        tree.freeze()
    }

    fn edges(graph: &Graph) -> Vec<(String, i64, bool)> {
        let name = |at: usize| graph.nodes[at].symbol.name.to_string();
        let edge = |edge: &Edge| (format!("{} {}", name(edge.from), name(edge.to)), edge.weight, edge.residual);
        graph.edges.iter().map(edge).collect()
    }

    #[test]
    fn recursion_counts_once() {
        let graph = Graph::whole(&tree(&[(&["a", "b", "a", "b", "b"], 5)]));
        let expected = [("a b".to_owned(), 5, false), ("b a".to_owned(), 5, false)];
        assert_eq!(edges(&graph), expected);
        assert!(graph.nodes.iter().all(|node| node.cumulative == 5));
        assert_eq!(graph.nodes.iter().map(|node| node.flat).sum::<i64>(), 5);
    }

    #[test]
    fn an_edge_over_hidden_frames_is_residual() {
        let tree = tree(&[(&["a", "x", "b"], 5), (&["a", "y", "b"], 5), (&["c"], 30), (&["a", "x", "c"], 1)]);
        let whole = Graph::whole(&tree);
        let graph = whole.select(&tree, 3);
        assert_eq!(graph.nodes.len(), 3);
        assert!(edges(&graph).contains(&("a b".to_owned(), 10, true)), "{:?}", edges(&graph));
    }

    #[test]
    fn a_residual_edge_with_another_way_is_left_out() {
        // a → b is only ever seen over x, and a → c → b is a way over shown frames.
        let stacks: &[(&[&str], i64)] =
            &[(&["a", "x", "b"], 1), (&["a", "c", "b"], 9), (&["c"], 5), (&["b"], 5), (&["a"], 5)];
        let tree = tree(stacks);
        let graph = Graph::whole(&tree).select(&tree, 3);
        let names: Vec<_> = edges(&graph).into_iter().map(|(name, ..)| name).collect();
        assert_eq!(names, ["a c", "c b"]);
    }
}
