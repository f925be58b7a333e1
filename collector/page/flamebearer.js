// Decodes the flamebearer format of /pyroscope/render and render-diff into a tree.
//
// A level is a flat list of nodes, from the root's level downwards. A single node is four numbers: offset from the end
// of the node before it, total, self, index of the name. A double node (a comparison) is seven: offset, total and self
// of the left side, the same of the right side, index of the name. A node's parent is the one above it in which it lies.

import { hash } from "./kinds.js";

const SINGLE = 4;
const DOUBLE = 7;

/** Reads one level into nodes with their place on the x axis (of both sides together). */
function readLevel(level, names, stride) {
  const nodes = [];
  let left = 0;
  let right = 0;
  for (let i = 0; i + stride <= level.length; i += stride) {
    left += level[i];
    const node = { name: String(names[level[i + stride - 1]] ?? "?"), total: level[i + 1], self: level[i + 2] };
    if (stride === DOUBLE) {
      right += level[i + 3];
      node.rightTotal = level[i + 4];
      node.rightSelf = level[i + 5];
    }
    node.x = left + right;
    left += node.total;
    right += node.rightTotal ?? 0;
    node.end = left + right;
    nodes.push(node);
  }
  return nodes;
}

/** Hangs each node of a level under the parent that it lies in; both lists run from left to right. */
function attach(parents, nodes) {
  let at = 0;
  for (const node of nodes) {
    while (at < parents.length && parents[at].end <= node.x) at++;
    const parent = parents[at];
    // A node outside of every parent, or one that is nothing on both sides, cannot be drawn.
    if (!parent || node.x < parent.x || node.end === node.x) continue;
    node.parent = parent;
    parent.children.push(node);
  }
}

/**
 * The tree of a render or render-diff answer: `{name, total, self, children, id, depth}`, in a comparison with
 * `rightTotal` and `rightSelf` beside `total` and `self` for the left side. `id` identifies the path of names from the root, so that
 * the same frame is found again in newer data. Returns null when there is no sample.
 */
export function decode(answer) {
  const { names = [], levels = [] } = answer?.flamebearer ?? {};
  const stride = answer?.metadata?.format === "double" ? DOUBLE : SINGLE;
  let above = null;
  let root = null;
  for (const level of levels) {
    const nodes = readLevel(level, names, stride);
    for (const node of nodes) node.children = [];
    if (above === null) root = nodes[0] ?? null;
    else attach(above, nodes);
    above = above === null ? nodes.slice(0, 1) : nodes.filter((node) => node.parent);
  }
  if (!root || root.end === root.x) return null;
  identify(root);
  return root;
}

/** Gives each node its depth and id, and drops what only decoding needed. */
function identify(root) {
  root.depth = 0;
  root.id = hash(root.name);
  const stack = [root];
  while (stack.length) {
    const node = stack.pop();
    delete node.x;
    delete node.end;
    delete node.parent;
    for (const child of node.children) {
      child.depth = node.depth + 1;
      child.id = hash(`;${child.name}`, node.id);
      stack.push(child);
    }
  }
}

/** Calls `visit(node, path)` for every node, parents first, where `path` counts the names above it. Deep trees are fine. */
export function walk(root, visit) {
  const names = new Map();
  const stack = [[root, false]];
  while (stack.length) {
    const [node, leaving] = stack.pop();
    const count = names.get(node.name) ?? 0;
    if (leaving) {
      names.set(node.name, count - 1);
      continue;
    }
    visit(node, names);
    names.set(node.name, count + 1);
    stack.push([node, true]);
    for (let i = node.children.length - 1; i >= 0; i--) stack.push([node.children[i], false]);
  }
}
