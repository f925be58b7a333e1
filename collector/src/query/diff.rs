//! A flame graph of two sides, drawn on one shared tree.

use super::call_tree::FrozenTree;
use super::flame_graph::{Drawing, FlameGraph};

/// Draws both sides of a tree; a frame is shown if it is large enough on either side.
pub(crate) fn diff_flame_graph(tree: &FrozenTree, max_nodes: usize) -> FlameGraph {
    let least = tree.least_total(max_nodes, true);
    Drawing::new(tree, 2).draw(|node| {
        let [left, right] = tree.node(node).total;
        left.max(right) >= least
    })
}

#[cfg(test)]
mod tests {
    use super::super::{CallTree, Side, Symbols};
    use super::*;

    #[test]
    fn both_sides_share_one_layout() {
        let mut tree = CallTree::new(Symbols::Function);
        tree.add_stack(Side::Left, &["a"], 4);
        tree.add_stack(Side::Right, &["a"], 1);
        tree.add_stack(Side::Right, &["b"], 9);
        let graph = diff_flame_graph(&tree.freeze(), 0);
        assert_eq!(graph.names, ["total", "b", "a"]);
        assert_eq!(graph.levels[0], [0, 4, 0, 0, 10, 0, 0]);
        assert_eq!(graph.levels[1], [0, 4, 4, 0, 1, 1, 2, 0, 0, 0, 0, 9, 9, 1]);
        assert_eq!((graph.totals, graph.max_own), ([4, 10], 9));
    }

    #[test]
    fn a_frame_small_on_both_sides_becomes_other() {
        let mut tree = CallTree::new(Symbols::Function);
        tree.add_stack(Side::Left, &["a"], 4);
        tree.add_stack(Side::Right, &["b"], 9);
        tree.add_stack(Side::Left, &["c"], 1);
        let graph = diff_flame_graph(&tree.freeze(), 2);
        assert_eq!(graph.names, ["total", "other", "b"]);
        assert_eq!(graph.levels[1], [0, 0, 0, 0, 9, 9, 2, 0, 5, 5, 0, 0, 0, 1]);
    }
}
