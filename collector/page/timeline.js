// The timeline: bars of a profile type over the time range, on which parts of the range are chosen by pointer or keys.

import { svg } from "./dom.js";
import { bars, clock, describeSpan, ticks } from "./time-range.js";
import { formatRate, formatValue, unitOf } from "./units.js";

const HEIGHT_PX = 76;
const AXIS_PX = 16;
/** Marks of the axis keep this far from its ends, where their text would be cut off. */
const EDGE_PX = 22;
/** Pixels a pointer must travel before a press is a drag. */
const DRAG_PX = 4;

export class Timeline {
  /** `onSelect(side, span)` is called with the chosen part (null: none) and the side that it is for: "span", "left" or "right". */
  constructor(container, tooltip, onSelect) {
    this.container = container;
    this.tooltip = tooltip;
    this.onSelect = onSelect;
    /** The part that a drag sets. */
    this.active = "span";
    container.addEventListener("pointerdown", (event) => this.#press(event));
    container.addEventListener("pointermove", (event) => this.#move(event));
    container.addEventListener("pointerup", (event) => this.#release(event));
    container.addEventListener("pointercancel", () => this.#cancel());
    container.addEventListener("pointerleave", () => tooltip.hide());
    container.addEventListener("keydown", (event) => this.#key(event));
    new ResizeObserver(() => this.model && this.#draw()).observe(container);
  }

  /** Draws `{window, timeline, type, spans: {span, left, right}}`; times in milliseconds. */
  show(model) {
    this.model = model;
    this.#draw();
  }

  #width() {
    return Math.max(100, this.container.clientWidth);
  }

  #x(instant) {
    const { from, until } = this.model.window;
    return ((instant - from) / (until - from)) * this.#width();
  }

  #instant(x) {
    const { from, until } = this.model.window;
    return Math.round(from + (Math.min(this.#width(), Math.max(0, x)) / this.#width()) * (until - from));
  }

  #draw() {
    const { window, timeline, type } = this.model;
    const width = this.#width();
    this.bars = bars(timeline, width / 4).filter((bar) => bar.until > window.from && bar.from < window.until);
    const highest = Math.max(1, ...this.bars.map((bar) => bar.value / (bar.until - bar.from)));
    const plot = HEIGHT_PX - AXIS_PX;
    const drawn = this.bars.map((bar) => {
      const height = (bar.value / (bar.until - bar.from) / highest) * (plot - 14);
      const x = Math.max(0, this.#x(bar.from));
      return svg("rect", { class: "bar", x, y: plot - height, width: Math.max(1, Math.min(width, this.#x(bar.until)) - x - 1), height });
    });
    const inside = (at) => this.#x(at) > EDGE_PX && this.#x(at) < width - EDGE_PX;
    const marks = ticks(window, width / 90).filter(inside).flatMap((at) => [
      svg("line", { class: "tick", x1: this.#x(at), x2: this.#x(at), y1: 0, y2: plot }),
      svg("text", { class: "tick", x: this.#x(at), y: HEIGHT_PX - 4 }, clock(at, window.until - window.from < 600e3)),
    ]);
    const peak = this.bars.some((bar) => bar.value > 0) ? `peak ${formatRate(highest * 1e3, 1, type)}` : "no samples";
    this.spans = svg("g");
    const picture = svg("svg", { width, height: HEIGHT_PX, "aria-hidden": "true" }, ...marks.filter((mark) => mark.tagName === "line"), ...drawn);
    picture.append(svg("line", { class: "axis", x1: 0, x2: width, y1: plot, y2: plot }), ...marks.filter((mark) => mark.tagName === "text"));
    picture.append(this.spans, svg("text", { class: "peak", x: 4, y: 11 }, peak));
    this.container.replaceChildren(picture);
    this.#drawSpans();
  }

  #drawSpans() {
    const plot = HEIGHT_PX - AXIS_PX;
    const shown = Object.entries(this.model.spans).filter(([, span]) => span);
    this.spans.replaceChildren(
      ...shown.map(([side, span]) => {
        const x = this.#x(span.from);
        return svg("rect", { class: `span ${side}`, x, y: 0, width: Math.max(2, this.#x(span.until) - x), height: plot });
      }),
    );
  }

  #at(event) {
    return event.clientX - this.container.getBoundingClientRect().left;
  }

  #press(event) {
    if (!this.model || event.button !== 0) return;
    this.container.setPointerCapture(event.pointerId);
    this.pressed = { x: this.#at(event), before: this.model.spans[this.active], dragged: false };
  }

  #move(event) {
    if (!this.model) return;
    const x = this.#at(event);
    if (!this.pressed) return this.#describe(x, event);
    if (Math.abs(x - this.pressed.x) >= DRAG_PX) this.pressed.dragged = true;
    if (!this.pressed.dragged) return;
    const span = this.#between(this.pressed.x, x);
    this.model.spans[this.active] = span;
    this.#drawSpans();
    this.tooltip.show({ title: describeSpan(span, Date.now()) }, event.clientX, event.clientY);
  }

  #between(a, b) {
    const from = this.#instant(Math.min(a, b));
    return { from, until: Math.max(from + 1000, this.#instant(Math.max(a, b))) };
  }

  #describe(x, event) {
    const at = this.#instant(x);
    const bar = this.bars.find((candidate) => candidate.from <= at && at < candidate.until);
    if (!bar) return this.tooltip.hide();
    const { type } = this.model;
    const lines = [
      ["Sum", formatValue(bar.value, unitOf(type))],
      ["Rate", formatRate(bar.value, (bar.until - bar.from) / 1e3, type)],
    ];
    this.tooltip.show({ title: describeSpan(bar, Date.now()), lines }, event.clientX, event.clientY);
  }

  /** A drag chooses what it covers. A click chooses one bar, or lets go of what was chosen. */
  #release(event) {
    if (!this.pressed) return;
    const { x, before, dragged } = this.pressed;
    this.pressed = null;
    this.tooltip.hide();
    if (dragged) return this.onSelect(this.active, this.#between(x, this.#at(event)));
    if (before && this.active === "span") return this.onSelect("span", null);
    const at = this.#instant(x);
    const bar = this.bars.find((candidate) => candidate.from <= at && at < candidate.until);
    if (bar) this.onSelect(this.active, { from: bar.from, until: bar.until });
  }

  #cancel() {
    if (!this.pressed) return;
    this.model.spans[this.active] = this.pressed.before;
    this.pressed = null;
    this.#drawSpans();
  }

  /** Arrow keys move the chosen part, with Shift they move its end; Escape lets it go. */
  #key(event) {
    if (!this.model || event.ctrlKey || event.metaKey || event.altKey) return;
    const { window, spans } = this.model;
    const span = spans[this.active];
    if (event.key === "Escape" && span && this.active === "span") this.onSelect("span", null);
    else if (event.key === "ArrowLeft" || event.key === "ArrowRight") {
      const step = ((window.until - window.from) / 20) * (event.key === "ArrowLeft" ? -1 : 1);
      this.onSelect(this.active, moved(span, step, event.shiftKey, window));
    } else return;
    event.preventDefault();
    event.stopPropagation();
  }
}

/** A span shifted by a step, or with its end shifted, kept inside of the window; without one, the last tenth of the window. */
function moved(span, step, endOnly, window) {
  if (!span) return { from: Math.round(window.until - (window.until - window.from) / 10), until: window.until };
  const until = Math.min(window.until, Math.max(endOnly ? span.from + 1000 : window.from + (span.until - span.from), span.until + step));
  return { from: Math.round(endOnly ? span.from : until - (span.until - span.from)), until: Math.round(until) };
}
