// The strip above the graph: how self time is spread over kinds of frame. Each part is a button that searches for its kind.

import { el } from "./dom.js";
import { KINDS } from "./kinds.js";
import { kindShares } from "./top.js";
import { formatShare } from "./units.js";

export class KindStrip {
  /** `onSearch(text)` is called with `kind:…`, or with an empty text when the chosen kind is pressed again. */
  constructor(container, onSearch) {
    this.container = container;
    this.onSearch = onSearch;
  }

  /** Draws the shares of a model `{root, double}`. */
  show({ root, double }) {
    const parts = kindShares(root).map(({ kind, share }) => this.#part(kind, share));
    const legend = double ? [change("grew", "larger share in the comparison"), change("shrank", "smaller share")] : [];
    this.container.replaceChildren(...legend, ...parts);
  }

  /** Shows which kind is being searched for. */
  mark(search) {
    for (const button of this.container.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(search === `kind:${button.dataset.kind}`));
    }
  }

  clear() {
    this.container.replaceChildren();
  }

  #part(kind, share) {
    const { title, about } = KINDS[kind];
    const toggle = (event) => this.onSearch(event.currentTarget.getAttribute("aria-pressed") === "true" ? "" : `kind:${kind}`);
    const attributes = { type: "button", title: `${title}: ${about}. Press to highlight.`, "data-kind": kind, "aria-pressed": "false", onclick: toggle };
    return el("button", attributes, el("i", { class: `dot ${kind}` }), title, el("b", {}, formatShare(share)));
  }
}

function change(tone, text) {
  return el("span", { class: "legend" }, el("i", { class: `dot ${tone}` }), text);
}
