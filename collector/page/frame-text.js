// What is said of a frame: its name, what kind it is, and its values with units and shares.

import { KINDS, fullName, kindOf } from "./kinds.js";
import { formatPoints, formatShare, formatValue } from "./units.js";

/** What the profiler's own frames mean, and what can be done about them. */
const NOTES = [
  ["other", "Frames too small to be sent one by one. Zoom the time range in, or select labels, to see them."],
  ["[pyrite].stack truncated", "The stack was deeper than is kept; what is nearest to the leaf is shown."],
  ["[pyrite].unloaded class", "The class was unloaded before its name could be read."],
  ["[pyrite].thread ended", "CPU time that short-lived threads used after their last sample."],
  ["[pyrite].walk failed", "The JVM could not walk this stack; the time counts, the frames are not known."],
];

/** The note for a frame's name, or its kind in words. */
function noteOf(name) {
  const note = NOTES.find(([start]) => name === start || (start.startsWith("[") && name.startsWith(start)));
  if (note) return note[1];
  return name === "total" ? "All samples" : KINDS[kindOf(name)].title;
}

/** Title, note and lines for a tooltip on a node of a model `{unit, double, sides}`. */
export function frameText(node, { unit, double, sides }) {
  const line = (label, value, whole) => [label, `${formatValue(value, unit)} · ${formatShare(value / (whole || 1))}`];
  const text = { title: fullName(node.name), note: noteOf(node.name) };
  if (!double) return { ...text, lines: [line("Total", node.total, sides.left), line("Self", node.self, sides.left)] };
  const change = node.rightTotal / (sides.right || 1) - node.total / (sides.left || 1);
  const tone = change > 0.0005 ? "more" : change < -0.0005 ? "less" : "";
  return {
    ...text,
    lines: [
      line("Baseline", node.total, sides.left),
      line("Comparison", node.rightTotal, sides.right),
      ["Change", formatPoints(change), tone],
      line("Self, baseline", node.self, sides.left),
      line("Self, comparison", node.rightSelf, sides.right),
    ],
  };
}
