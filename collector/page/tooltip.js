// The one tooltip of the page: a box beside the pointer with a title and lines of label and value.

import { el } from "./dom.js";

const GAP = 14;

export class Tooltip {
  constructor() {
    this.box = el("div", { class: "tooltip", role: "tooltip", hidden: true });
    document.body.append(this.box);
  }

  /** Shows `{title, note, lines: [[label, value, class]]}` at a point in the window. */
  show({ title, note, lines = [] }, x, y) {
    const rows = lines.map(([label, value, tone]) => el("div", { class: tone }, el("dt", {}, label), el("dd", {}, value)));
    this.box.replaceChildren(el("strong", {}, title), ...(note ? [el("p", {}, note)] : []), el("dl", {}, ...rows));
    this.box.hidden = false;
    this.move(x, y);
  }

  /** Keeps the box inside of the window, beside the point rather than over it. */
  move(x, y) {
    if (this.box.hidden) return;
    const { offsetWidth: width, offsetHeight: height } = this.box;
    const left = x + GAP + width > innerWidth ? x - GAP - width : x + GAP;
    const top = y + GAP + height > innerHeight ? y - GAP - height : y + GAP;
    this.box.style.left = `${Math.max(4, left)}px`;
    this.box.style.top = `${Math.max(4, top)}px`;
  }

  hide() {
    this.box.hidden = true;
  }
}
