//! `FlameGraph`: a tree as names and levels, the form that Pyroscope's API and flame graph libraries speak.

use super::call_tree::{FrozenTree, OTHER, ROOT};
use std::collections::HashMap;

/// Level `d` holds the frames at depth `d` from left to right, four numbers each, or seven in a difference: the distance
/// from the end of the frame before it, total and own value (per side), and an index into `names`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct FlameGraph {
    pub names: Vec<String>,
    pub levels: Vec<Vec<i64>>,
    /// Totals of the root per side; the second is 0 for a single graph.
    pub totals: [i64; 2],
    /// The largest own value of any frame, frames named "other" included.
    pub max_own: i64,
}

/// Draws a tree with at most about `max_nodes` frames (0 for all); what falls below is summed into "other" frames.
pub(crate) fn flame_graph(tree: &FrozenTree, max_nodes: usize) -> FlameGraph {
    let least = tree.least_total(max_nodes, false);
    Drawing::new(tree, 1).draw(|node| tree.node(node).total[0] >= least && tree.name(node) != OTHER)
}

/// A frame to be drawn: a node, or what is left of a parent's children.
pub(super) struct Pending {
    node: Option<u32>,
    depth: usize,
    own: [i64; 2],
    total: [i64; 2],
    offset: [i64; 2],
}

/// Draws depth first from the right, so names are numbered in the order that Pyroscope numbers them.
pub(super) struct Drawing<'a> {
    tree: &'a FrozenTree,
    sides: usize,
    names: Vec<String>,
    name_ids: HashMap<&'a str, i64>,
    /// Frames per level from right to left, with absolute offsets.
    levels: Vec<Vec<(Pending, i64)>>,
    max_own: i64,
}

impl<'a> Drawing<'a> {
    pub fn new(tree: &'a FrozenTree, sides: usize) -> Self {
        let (names, name_ids) = (Vec::new(), HashMap::new());
        Drawing { tree, sides, names, name_ids, levels: Vec::new(), max_own: 0 }
    }

    /// `shown` says of a node whether it is a frame of its own.
    pub fn draw(mut self, shown: impl Fn(u32) -> bool) -> FlameGraph {
        let root = self.tree.node(ROOT);
        let mut pending =
            vec![Pending { node: Some(ROOT), depth: 0, own: root.own, total: root.total, offset: [0; 2] }];
        while let Some(frame) = pending.pop() {
            self.push_children(&frame, &shown, &mut pending);
            self.place(frame);
        }
        self.finish(root.total)
    }

    fn push_children(&self, above: &Pending, shown: &impl Fn(u32) -> bool, pending: &mut Vec<Pending>) {
        let Some(parent) = above.node else { return };
        let depth = above.depth + 1;
        let mut offset = add(above.offset, above.own);
        let mut rest = [0; 2];
        for child in self.tree.children(parent) {
            let node = self.tree.node(*child);
            if shown(*child) {
                pending.push(Pending { node: Some(*child), depth, own: node.own, total: node.total, offset });
                offset = add(offset, node.total);
            } else {
                rest = add(rest, node.total);
            }
        }
        if rest != [0; 2] {
            pending.push(Pending { node: None, depth, own: rest, total: rest, offset });
        }
    }

    fn place(&mut self, frame: Pending) {
        let name = match frame.node {
            Some(ROOT) => "total",
            Some(node) => self.tree.name(node),
            None => OTHER,
        };
        let next = self.names.len() as i64;
        let id = *self.name_ids.entry(name).or_insert(next);
        if id == next {
            self.names.push(name.to_owned());
        }
        self.max_own = self.max_own.max(frame.own[0]).max(frame.own[1]);
        if frame.depth == self.levels.len() {
            self.levels.push(Vec::new());
        }
        self.levels[frame.depth].push((frame, id));
    }

    fn finish(self, totals: [i64; 2]) -> FlameGraph {
        let width = self.sides;
        let levels = self.levels.iter().map(|level| encode_level(level, width)).collect();
        FlameGraph { names: self.names, levels, totals, max_own: self.max_own }
    }
}

/// Turns right-to-left frames with absolute offsets into left-to-right numbers with relative ones.
fn encode_level(level: &[(Pending, i64)], sides: usize) -> Vec<i64> {
    let mut numbers = Vec::with_capacity(level.len() * (3 * sides + 1));
    let mut end = [0i64; 2];
    for (frame, name) in level.iter().rev() {
        for (side, end) in end.iter_mut().enumerate().take(sides) {
            numbers.extend([frame.offset[side] - *end, frame.total[side], frame.own[side]]);
            *end = frame.offset[side] + frame.total[side];
        }
        numbers.push(*name);
    }
    numbers
}

fn add(a: [i64; 2], b: [i64; 2]) -> [i64; 2] {
    [a[0].saturating_add(b[0]), a[1].saturating_add(b[1])]
}

#[cfg(test)]
mod tests {
    use super::super::{CallTree, Side, Symbols};
    use super::*;

    fn tree() -> FrozenTree {
        let mut tree = CallTree::new(Symbols::Function);
        tree.add_stack(Side::Left, &["a", "x"], 5);
        tree.add_stack(Side::Left, &["a"], 1);
        tree.add_stack(Side::Left, &["b", "y"], 3);
        tree.add_stack(Side::Left, &["c"], 2);
        tree.freeze()
    }

    #[test]
    fn a_whole_tree_has_every_frame() {
        let graph = flame_graph(&tree(), 0);
        assert_eq!(graph.names, ["total", "c", "b", "y", "a", "x"]);
        assert_eq!(
            graph.levels,
            [vec![0, 11, 0, 0], vec![0, 6, 1, 4, 0, 3, 0, 2, 0, 2, 2, 1], vec![1, 5, 5, 5, 0, 3, 3, 3],]
        );
        assert_eq!((graph.totals[0], graph.max_own), (11, 5));
    }

    #[test]
    fn small_frames_become_other_and_nothing_is_lost() {
        let graph = flame_graph(&tree(), 2);
        assert_eq!(graph.names, ["total", "other", "a", "x"]);
        assert_eq!(graph.levels[1], [0, 6, 1, 2, 0, 5, 5, 1]);
        assert_eq!(graph.levels[2], [1, 5, 5, 3]);
    }

    #[test]
    fn no_samples_are_one_frame_of_nothing() {
        let graph = flame_graph(&CallTree::new(Symbols::Function).freeze(), 8192);
        assert_eq!(graph.levels, [vec![0, 0, 0, 0]]);
        assert_eq!(graph.names, ["total"]);
    }
}
