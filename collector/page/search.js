// What a search finds. A plain text matches anywhere in a frame's name, whatever its case, written with dots or slashes;
// `/text/` is a regular expression; `kind:jdk` matches by kind.

import { walk } from "./flamebearer.js";
import { fullName, kindOf } from "./kinds.js";

/**
 * The function that tells whether a name matches, or null where there is nothing to search for.
 * An expression that does not parse (often one that is still being typed) is searched for as plain text.
 */
export function matcher(text) {
  const term = text.trim();
  if (term === "") return null;
  if (term.startsWith("kind:")) return (name) => kindOf(name) === term.slice(5);
  const expression = term.match(/^\/(.+)\/$/);
  if (expression) {
    try {
      const pattern = new RegExp(expression[1], "i");
      return (name) => pattern.test(fullName(name)) || pattern.test(name);
    } catch {
      // Falls through to the plain search.
    }
  }
  const lower = term.toLowerCase();
  return (name) => name.toLowerCase().includes(lower) || fullName(name).toLowerCase().includes(lower);
}

/** Samples in which at least one frame matches: `{total, rightTotal, frames}`. Nested matches count once. */
export function found(root, matches) {
  const sum = { total: 0, rightTotal: 0, frames: 0 };
  const stack = [[root, false]];
  while (stack.length) {
    const [node, inside] = stack.pop();
    const hit = matches(node.name);
    if (hit) sum.frames++;
    if (hit && !inside) {
      sum.total += node.total;
      sum.rightTotal += node.rightTotal ?? 0;
    }
    for (const child of node.children) stack.push([child, inside || hit]);
  }
  return sum;
}

/** The node with an id, or null. */
export function findById(root, id) {
  let node = null;
  walk(root, (candidate) => {
    if (candidate.id === id) node ??= candidate;
  });
  return node;
}
