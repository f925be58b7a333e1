// Decoding of flamebearers, and the sums over their trees.

import assert from "node:assert/strict";
import test from "node:test";

import { decode, walk } from "../flamebearer.js";
import { found, findById, matcher } from "../search.js";
import { kindShares, sortRows, topRows } from "../top.js";

function single(names, levels) {
  return decode({ flamebearer: { names, levels }, metadata: { format: "single" } });
}

function double(names, levels) {
  return decode({ flamebearer: { names, levels }, metadata: { format: "double" } });
}

/** Nested lists of [name, total, self, children…], to compare trees. */
function outline(node) {
  return [node.name, node.total, node.self, ...node.children.map(outline)];
}

const SMALL = [
  ["total", "a", "b", "c"],
  [
    [0, 10, 1, 0],
    [0, 6, 1, 1, 1, 3, 3, 2],
    [1, 3, 3, 2, 0, 2, 2, 3],
  ],
];

test("offsets count from the end of the node before", () => {
  assert.deepEqual(outline(single(...SMALL)), ["total", 10, 1, ["a", 6, 1, ["b", 3, 3], ["c", 2, 2]], ["b", 3, 3]]);
});

test("children hang under the node in which they lie", () => {
  const tree = single(["total", "f", "g", "h"], [[0, 10, 0, 0], [0, 4, 0, 1, 0, 6, 0, 3], [4, 6, 6, 2]]);
  assert.deepEqual(outline(tree), ["total", 10, 0, ["f", 4, 0], ["h", 6, 0, ["g", 6, 6]]]);
});

test("nothing to show is null, not an error", () => {
  assert.equal(single(["total"], [[0, 0, 0, 0]]), null);
  assert.equal(single([], []), null);
  assert.equal(decode({}), null);
  assert.equal(decode(null), null);
});

test("malformed levels lose nodes, never the page", () => {
  const cut = single(["total", "a"], [[0, 4, 0, 0], [0, 4, 4, 1, 0, 1]]);
  assert.deepEqual(outline(cut), ["total", 4, 0, ["a", 4, 4]]);
  const orphan = single(["total", "a"], [[0, 4, 0, 0], [9, 4, 4, 1]]);
  assert.deepEqual(outline(orphan), ["total", 4, 0]);
  assert.equal(single(["total"], [[0, 4, 0, 0], [0, 4, 4, 99]]).children[0].name, "?");
});

test("a comparison keeps both sides, also where one of them is nothing", () => {
  const tree = double(
    ["total", "gone", "new"],
    [
      [0, 10, 0, 0, 20, 0, 0],
      [0, 10, 10, 0, 0, 0, 1, 0, 0, 0, 0, 20, 20, 2],
    ],
  );
  const [gone, fresh] = tree.children;
  assert.deepEqual([tree.total, tree.rightTotal], [10, 20]);
  assert.deepEqual([gone.name, gone.total, gone.rightTotal], ["gone", 10, 0]);
  assert.deepEqual([fresh.name, fresh.total, fresh.rightTotal, fresh.rightSelf], ["new", 0, 20, 20]);
});

test("an id names the path, whatever the values are", () => {
  const [one, other] = [single(...SMALL), single(SMALL[0], [[0, 20, 2, 0], [0, 12, 2, 1, 1, 7, 7, 2], [1, 7, 7, 2, 0, 4, 4, 3]])];
  const ids = (root) => {
    const list = [];
    walk(root, (node) => list.push(node.id));
    return list;
  };
  assert.deepEqual(ids(one), ids(other));
  assert.equal(new Set(ids(one)).size, 5);
  assert.equal(findById(one, one.children[0].children[1].id).name, "c");
  assert.equal(findById(one, 1), null);
});

test("a stack of a thousand frames is walked", () => {
  const levels = Array.from({ length: 1001 }, (_, depth) => [0, 5, depth === 1000 ? 5 : 0, depth === 0 ? 0 : 1]);
  const root = single(["total", "deep"], levels);
  assert.deepEqual(topRows(root).map(({ self, total }) => [self, total]), [[5, 5]]);
});

test("rows are sums by function", () => {
  const rows = new Map(topRows(single(...SMALL)).map((row) => [row.name, row]));
  assert.deepEqual([rows.get("a").self, rows.get("a").total], [1, 6]);
  assert.deepEqual([rows.get("b").self, rows.get("b").total], [6, 6]);
  assert.equal(rows.has("total"), false);
});

test("a function that calls itself is counted once a stack", () => {
  const rows = topRows(single(["total", "f", "g"], [[0, 10, 0, 0], [0, 10, 2, 1], [0, 8, 1, 2], [0, 7, 7, 1]]));
  assert.deepEqual(rows.map(({ name, self, total }) => [name, self, total]), [["f", 9, 10], ["g", 1, 8]]);
});

test("tables sort by column, changes by their size", () => {
  const rows = [
    { name: "a", self: 10, total: 10, rightSelf: 10, rightTotal: 10 },
    { name: "b", self: 50, total: 50, rightSelf: 10, rightTotal: 10 },
    { name: "c", self: 40, total: 90, rightSelf: 80, rightTotal: 80 },
    { name: "d", self: 10, total: 10, rightSelf: 10, rightTotal: 10 },
  ];
  const order = (column, direction) => sortRows(rows, column, direction, 100, 100).map(({ name }) => name).join("");
  assert.equal(order("self", "descending"), "bcad");
  assert.equal(order("total", "descending"), "cbad");
  assert.equal(order("name", "ascending"), "abcd");
  assert.equal(order("selfChange", "descending"), "bcad");
  assert.equal(order("self", "ascending"), "adcb");
});

test("self time is shared out by kind", () => {
  const root = single(["total", "java/lang/A.a", "libc.so.6.b"], [[0, 10, 0, 0], [0, 8, 8, 1, 0, 2, 2, 2]]);
  assert.deepEqual(kindShares(root), [
    { kind: "jdk", self: 8, share: 0.8 },
    { kind: "native", self: 2, share: 0.2 },
  ]);
});

test("a search takes text, expressions and kinds", () => {
  assert.equal(matcher("  "), null);
  assert.ok(matcher("string.FORMAT")("java/lang/String.format"));
  assert.ok(matcher("java.lang.string")("java/lang/String.format"));
  assert.ok(matcher("java/lang/")("java/lang/String.format"));
  assert.ok(matcher("/^java\\.lang\\..*format$/")("java/lang/String.format"));
  assert.ok(!matcher("/^lang/")("java/lang/String.format"));
  assert.ok(matcher("kind:jvm")("libjvm.so.Parse"));
  assert.ok(!matcher("kind:jvm")("java/lang/String.format"));
  assert.ok(matcher("a(b")("xa(by"), "an unfinished expression is plain text");
  assert.ok(matcher("/a(b/")("x/a(b/y"), "also between slashes");
});

test("nested matches count once", () => {
  const root = single(...SMALL);
  assert.deepEqual(found(root, matcher("b")), { total: 6, rightTotal: 0, frames: 2 });
  assert.deepEqual(found(root, (name) => name !== "total"), { total: 9, rightTotal: 0, frames: 4 });
});
