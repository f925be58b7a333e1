// The top table: functions with self and total, sortable by column, filtered by a field of its own.

import { el } from "./dom.js";
import { frameText } from "./frame-text.js";
import { KINDS, fullName, shortName } from "./kinds.js";
import { matcher } from "./search.js";
import { COLUMNS, sortRows, topRows } from "./top.js";
import { formatPoints, formatShare, formatValue } from "./units.js";

/** Rows drawn at first; the rest follow on demand, because thousands of rows make a page slow. */
const FIRST_ROWS = 100;

const SINGLE_COLUMNS = [
  ["name", "Function"],
  ["self", "Self"],
  ["total", "Total"],
];
const DOUBLE_COLUMNS = [
  ["name", "Function"],
  ["leftSelf", "Self, baseline"],
  ["rightSelf", "Self, comparison"],
  ["selfChange", "Change of self"],
  ["totalChange", "Change of total"],
];

export class TopTable {
  /** `onPick(name)` is called when a function is chosen. */
  constructor(container, tooltip, onPick) {
    this.tooltip = tooltip;
    this.onPick = onPick;
    this.limit = FIRST_ROWS;
    this.direction = "descending";
    this.filter = el("input", { type: "search", class: "filter", placeholder: "Filter functions", "aria-label": "Filter the table", oninput: () => this.#draw() });
    this.count = el("span", { class: "count", "aria-live": "polite" });
    this.head = el("tr");
    this.body = el("tbody");
    this.more = el("button", { type: "button", class: "more", onclick: () => this.#showAll() });
    const table = el("table", {}, el("thead", {}, this.head), this.body);
    container.replaceChildren(el("div", { class: "table-tools" }, this.filter, this.count), el("div", { class: "scroll" }, table, this.more));
    this.body.addEventListener("pointerleave", () => tooltip.hide());
  }

  /** Draws the table of a model `{root, double, sides, unit}`. */
  show(model) {
    if (this.model?.double !== model.double) {
      this.column = model.double ? "selfChange" : "self";
      this.direction = "descending";
    }
    this.model = model;
    this.rows = topRows(model.root);
    this.#draw();
  }

  /** Marks the rows that a search found. */
  search(matches) {
    this.matches = matches;
    if (this.model) this.#draw();
  }

  #showAll() {
    this.limit = Infinity;
    this.#draw();
  }

  #sortBy(column) {
    const flipped = this.direction === "descending" ? "ascending" : "descending";
    this.direction = column === this.column ? flipped : column === "name" ? "ascending" : "descending";
    this.column = column;
    this.#draw();
    this.head.querySelector(`[data-column="${column}"]`)?.focus();
  }

  #draw() {
    const { sides, double } = this.model;
    const accepts = matcher(this.filter.value) ?? (() => true);
    const rows = sortRows(this.rows.filter((row) => accepts(row.name)), this.column, this.direction, sides.left, sides.right);
    const shown = rows.slice(0, this.limit);
    this.head.replaceChildren(...(double ? DOUBLE_COLUMNS : SINGLE_COLUMNS).map(([column, title]) => this.#heading(column, title)));
    this.body.replaceChildren(...shown.map((row) => this.#row(row)));
    this.count.textContent = rows.length === 1 ? "1 function" : `${rows.length.toLocaleString("en-US")} functions`;
    this.more.hidden = shown.length === rows.length;
    this.more.textContent = `Show all ${rows.length.toLocaleString("en-US")}`;
  }

  #heading(column, title) {
    const sorted = column === this.column ? this.direction : null;
    const button = el("button", { type: "button", "data-column": column, onclick: () => this.#sortBy(column) }, title);
    return el("th", { scope: "col", class: column === "name" ? null : "number", "aria-sort": sorted }, button);
  }

  #row(row) {
    const { double, sides, unit } = this.model;
    const pick = { type: "button", class: "function", onclick: () => this.onPick(row.name) };
    const name = el("button", pick, el("i", { class: `dot ${row.kind}`, title: KINDS[row.kind].title }), ...nameParts(row.name));
    const cells = double ? this.#changes(row) : [valueCell(row.self, sides.left, unit), valueCell(row.total, sides.left, unit)];
    const line = el("tr", { class: this.matches?.(row.name) ? "found" : null, "data-name": row.name }, el("th", { scope: "row" }, name), ...cells);
    line.addEventListener("pointerenter", (event) => this.tooltip.show(frameText(row, this.model), event.clientX, event.clientY));
    return line;
  }

  #changes(row) {
    const { left, right } = this.model.sides;
    const shares = ["leftSelf", "rightSelf"].map((column) => el("td", { class: "number" }, formatShare(COLUMNS[column](row, left, right))));
    const changes = ["selfChange", "totalChange"].map((column) => {
      const change = COLUMNS[column](row, left, right);
      const tone = change > 0.0005 ? "more" : change < -0.0005 ? "less" : "";
      return el("td", { class: `number ${tone}` }, formatPoints(change));
    });
    return [...shares, ...changes];
  }
}

/** Class and method first, then what they lie in: where a column is narrow, the end of the package is what goes. */
function nameParts(name) {
  const short = shortName(name);
  const full = fullName(name);
  const rest = full.endsWith(short) ? full.slice(0, -short.length).replace(/[. ]$/, "") : "";
  return [el("b", {}, short), rest ? el("small", {}, rest) : null];
}

/** A share as bar and number, with the value beside it. */
function valueCell(value, whole, unit) {
  const share = value / (whole || 1);
  const bar = el("span", { class: "bar" });
  bar.style.width = `${Math.min(100, share * 100).toFixed(1)}%`;
  return el("td", { class: "number" }, bar, el("span", { class: "share" }, formatShare(share)), el("span", { class: "value" }, formatValue(value, unit)));
}
