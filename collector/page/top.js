// Sums a tree of frames by function: what each function did itself, and what it and all it called did.

import { walk } from "./flamebearer.js";
import { kindOf } from "./kinds.js";

/**
 * One row a function: `{name, kind, self, total}`, in a comparison also `rightSelf` and `rightTotal`.
 * A function that calls itself is counted once per stack: its total is that of its outermost frame.
 */
export function topRows(root) {
  const rows = new Map();
  walk(root, (node, above) => {
    if (node === root) return;
    let row = rows.get(node.name);
    if (!row) {
      row = { name: node.name, kind: kindOf(node.name), self: 0, total: 0, rightSelf: 0, rightTotal: 0 };
      rows.set(node.name, row);
    }
    row.self += node.self;
    row.rightSelf += node.rightSelf ?? 0;
    if (above.get(node.name)) return;
    row.total += node.total;
    row.rightTotal += node.rightTotal ?? 0;
  });
  return [...rows.values()];
}

/** The share of self time by kind of frame, largest first: `[{kind, self, share}]`. */
export function kindShares(root) {
  const selves = new Map();
  let sum = 0;
  walk(root, (node) => {
    const self = node.self + (node.rightSelf ?? 0);
    if (self === 0) return;
    const kind = kindOf(node.name);
    selves.set(kind, (selves.get(kind) ?? 0) + self);
    sum += self;
  });
  return [...selves].map(([kind, self]) => ({ kind, self, share: self / sum })).sort((a, b) => b.self - a.self);
}

/** How the columns of the table get their value from a row; `left` and `right` are the totals of each side. */
export const COLUMNS = {
  name: (row) => row.name,
  self: (row) => row.self,
  total: (row) => row.total,
  leftSelf: (row, left) => row.self / (left || 1),
  rightSelf: (row, left, right) => row.rightSelf / (right || 1),
  selfChange: (row, left, right) => row.rightSelf / (right || 1) - row.self / (left || 1),
  totalChange: (row, left, right) => row.rightTotal / (right || 1) - row.total / (left || 1),
};

/**
 * Rows in the order of a column. `direction` is "descending" or "ascending". Changes sort by size whatever their
 * sign, because what shrank most matters as much as what grew most. Equal rows stay in the order of their names.
 */
export function sortRows(rows, column, direction, left, right) {
  const read = COLUMNS[column] ?? COLUMNS.self;
  const factor = direction === "ascending" ? 1 : -1;
  const sized = column.endsWith("Change");
  return [...rows].sort((a, b) => {
    const x = read(a, left, right);
    const y = read(b, left, right);
    const order = typeof x === "string" ? x.localeCompare(y) : sized ? Math.abs(x) - Math.abs(y) : x - y;
    return order * factor || a.name.localeCompare(b.name);
  });
}
