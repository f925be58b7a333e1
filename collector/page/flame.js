// The flame graph: d3-flame-graph draws the frames; colours, search, tooltips, keys and the comparison are ours.

import { flamegraph, select } from "./vendor/flamegraph.min.js";
import { frameText } from "./frame-text.js";
import { changeColour, colourOf, fullName, shortName } from "./kinds.js";

const ROW_PX = 20;
/** Frames narrower than this are not drawn: they could be neither read nor hit. */
const NARROWEST_PX = 0.6;
/** Above this many frames a transition would stutter. */
const MANY_FRAMES = 1500;
const TRANSITION_MS = 180;

const darkScheme = matchMedia("(prefers-color-scheme: dark)");
const stillness = matchMedia("(prefers-reduced-motion: reduce)");

/** How much a frame's share of its side changed: from −1 (gone) to 1 (new). */
function changeOf(node, sides) {
  const left = node.total / (sides.left || 1);
  const right = node.rightTotal / (sides.right || 1);
  return (right - left) / (Math.max(left, right) || 1);
}

/** Alphabetical, so that a frame keeps its place from one refresh to the next; the sum of small frames comes last. */
function inOrder(a, b) {
  const last = (node) => (node.data.name === "other" ? 1 : 0);
  return last(a) - last(b) || (a.data.name < b.data.name ? -1 : 1);
}

export class FlameView {
  /** `onZoom(node)` is called with the frame that now fills the width; `tooltip` is shared with the page. */
  constructor(container, tooltip, onZoom) {
    this.container = container;
    this.tooltip = tooltip;
    this.onZoom = onZoom;
    this.matches = null;
    this.cursor = null;
    this.zoomed = null;
    this.rootAt = "bottom";
    this.fromRoot = 0;
    container.addEventListener("scroll", () => this.#rememberScroll(), { passive: true });
    container.addEventListener("pointermove", (event) => tooltip.move(event.clientX, event.clientY));
    container.addEventListener("pointerleave", () => tooltip.hide());
    container.addEventListener("keydown", (event) => this.#key(event));
    container.addEventListener("blur", () => this.#setCursor(null));
    darkScheme.addEventListener("change", () => this.chart?.update());
    new ResizeObserver(() => this.#resized()).observe(container);
  }

  /**
   * Draws a tree. `model` is `{root, double, sides: {left, right}, unit}`; `zoomId` is the id of the frame to zoom to, if it exists.
   * `rootAt` is "bottom" (a flame graph) or "top" (an icicle graph).
   */
  show(model, { zoomId = null, rootAt = "bottom" } = {}) {
    this.model = model;
    this.rootAt = rootAt;
    this.#measure(model);
    this.#draw();
    this.#zoomTo(zoomId);
    this.#restoreScroll();
  }

  /** Highlights what `matches(name)` accepts and fades the rest; null shows everything alike. */
  search(matches) {
    this.matches = matches;
    if (!this.chart) return;
    if (matches) this.chart.search("by matcher");
    else this.chart.clear();
    this.#markCursor();
  }

  resetZoom() {
    this.chart?.resetZoom();
  }

  /** Gives every node its width. In a comparison both sides weigh the same, however long each of them is. */
  #measure({ root, double, sides }) {
    const stack = [root];
    this.frames = 0;
    while (stack.length) {
      const node = stack.pop();
      this.frames++;
      node.hide = false;
      node.fade = false;
      node.v = double ? node.total / (sides.left || 1) + node.rightTotal / (sides.right || 1) : node.total;
      stack.push(...node.children);
    }
  }

  #draw() {
    // The empty panel cannot be scrolled: what was remembered must outlive it.
    const { fromRoot } = this;
    this.container.replaceChildren();
    this.fromRoot = fromRoot;
    this.container.classList.toggle("root-at-top", this.rootAt === "top");
    this.cursor = null;
    this.zoomed = null;
    const moving = !stillness.matches && this.frames <= MANY_FRAMES;
    const tip = () => {};
    tip.show = (event, d) => this.tooltip.show(frameText(d.data, this.model), event.clientX, event.clientY);
    tip.hide = () => this.tooltip.hide();
    this.chart = flamegraph()
      .width(this.#width())
      .cellHeight(ROW_PX)
      .minFrameSize(NARROWEST_PX)
      .transitionDuration(moving ? TRANSITION_MS : 0)
      .inverted(this.rootAt === "top")
      .resetHeightOnZoom(true)
      .sort(inOrder)
      .tooltip(tip)
      .getName((d) => this.#label(d.data))
      .setColorMapper((d) => this.#colour(d))
      .setSearchMatch((d) => this.matches?.(d.data.name) ?? false)
      .setSearchHandler(() => {})
      .setDetailsHandler(() => {})
      .onClick((d) => this.#zoomedTo(d));
    select(this.container).datum(this.model.root).call(this.chart);
    if (this.matches) this.chart.search("by matcher");
  }

  #width() {
    return Math.max(200, this.container.clientWidth);
  }

  #label(node) {
    if (node.name === "total") return this.model.title;
    if (!this.model.double) return shortName(node.name);
    const { sides } = this.model;
    const points = 100 * (node.rightTotal / (sides.right || 1) - node.total / (sides.left || 1));
    if (Math.abs(points) < 0.1) return shortName(node.name);
    // The sign says in words what the colour says to those who can tell red from green.
    return `${points > 0 ? "▲" : "▼"}${Math.abs(points).toFixed(1)} ${shortName(node.name)}`;
  }

  #colour(d) {
    const searching = this.matches !== null;
    const scheme = { dark: darkScheme.matches, dim: searching && !d.highlight, lit: searching && d.highlight };
    if (this.model.double) return changeColour(changeOf(d.data, this.model.sides), scheme);
    return colourOf(d.data.name, scheme);
  }

  /** The library's tree, whose nodes carry ours in `data`. */
  #tree() {
    return select(this.container).datum();
  }

  #zoomTo(zoomId) {
    if (zoomId === null) return;
    let target = null;
    this.#tree().each((d) => {
      if (d.data.id === zoomId) target ??= d;
    });
    if (target?.parent) this.chart.zoomTo(target);
  }

  #zoomedTo(d) {
    this.zoomed = d.parent ? d : null;
    // The frame under the pointer has moved: what the tooltip says no longer stands under it.
    this.tooltip.hide();
    this.#markCursor();
    this.onZoom(d.parent ? d.data : null);
  }

  /** How far the panel is scrolled away from the root. */
  #rememberScroll() {
    const { scrollHeight, clientHeight, scrollTop } = this.container;
    this.fromRoot = this.rootAt === "top" ? scrollTop : scrollHeight - clientHeight - scrollTop;
  }

  /** Whatever changes the height of the graph or of the panel, the root stays where it was: at first, in sight. */
  #restoreScroll() {
    const { scrollHeight, clientHeight } = this.container;
    this.container.scrollTop = this.rootAt === "top" ? this.fromRoot : scrollHeight - clientHeight - this.fromRoot;
  }

  #resized() {
    if (this.chart) this.#restoreScroll();
    if (!this.chart || Math.abs(this.#width() - this.chart.width()) < 2 || this.container.clientWidth === 0) return;
    this.show(this.model, { zoomId: this.zoomed?.data.id ?? null, rootAt: this.rootAt });
  }

  /** Arrow keys walk the tree as it lies on the screen, Enter zooms, Home goes back to the root. */
  #key(event) {
    if (!this.chart || event.ctrlKey || event.metaKey || event.altKey) return;
    const towardsRoot = this.rootAt === "top" ? "ArrowUp" : "ArrowDown";
    const towardsLeaf = this.rootAt === "top" ? "ArrowDown" : "ArrowUp";
    const at = this.cursor ?? this.zoomed ?? this.#tree();
    const shown = (d) => d && d.x1 > d.x0;
    const sibling = (step) => {
      const row = at.parent?.children.filter(shown) ?? [];
      return row[row.indexOf(at) + step];
    };
    const moves = {
      [towardsRoot]: () => at.parent,
      [towardsLeaf]: () => at.children?.filter(shown).sort((a, b) => b.value - a.value)[0],
      ArrowLeft: () => sibling(-1),
      ArrowRight: () => sibling(1),
      Home: () => this.#tree(),
    };
    if (event.key === "Enter" && this.cursor) this.chart.zoomTo(this.cursor);
    else if (event.key in moves) this.#setCursor(this.cursor ? moves[event.key]() ?? at : at);
    else return;
    event.preventDefault();
  }

  #setCursor(d) {
    this.cursor = d;
    this.#markCursor();
    if (!d) return this.tooltip.hide();
    const frame = this.#frameOf(d);
    frame?.scrollIntoView({ block: "nearest" });
    const box = (frame ?? this.container).getBoundingClientRect();
    const text = frameText(d.data, this.model);
    this.tooltip.show(text, Math.max(0, box.left), box.bottom - 8);
    this.container.setAttribute("aria-label", `${fullName(d.data.name)}: ${text.lines.map((line) => line.join(" ")).join(", ")}`);
  }

  #frameOf(d) {
    return select(this.container).selectAll("g.frame").filter((other) => other === d).node();
  }

  #markCursor() {
    select(this.container).selectAll("g.frame").classed("cursor", (d) => d === this.cursor);
  }
}
