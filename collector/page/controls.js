// The fields and buttons of the page, and its keys: they read and write the state, and know nothing of profiles.

import { byId, el, fillSelect } from "./dom.js";
import { fullName } from "./kinds.js";
import { PRESETS, describeSpan, localDateTime } from "./time-range.js";

const REFRESHES = [
  { value: "0", text: "Off" },
  { value: "5", text: "5 s" },
  { value: "10", text: "10 s" },
  { value: "30", text: "30 s" },
  { value: "60", text: "1 min" },
];
const CUSTOM = "custom";
/** How long typing must pause before a search runs. */
const PAUSE_MS = 150;
/** How long a button shows what it has done. */
const FLASH_MS = 1800;

export class Controls {
  /** `change(values)` takes new values of the state; `actions` are what buttons do beside that. */
  constructor(change, actions) {
    this.change = change;
    this.actions = actions;
    this.state = null;
    this.range = null;
    fillSelect(byId("refresh"), REFRESHES, "0");
    this.#listenToHeader();
    this.#listenToTime();
    this.#listenToGraphTools();
    document.addEventListener("keydown", (event) => this.#key(event));
  }

  #listenToHeader() {
    const { change, actions } = this;
    // What was chosen on the timeline belongs to a range: another range starts without it.
    const unchosen = { span: null, left: null, right: null };
    byId("app").onchange = (event) => change({ app: event.target.value, labels: "", zoom: "" });
    byId("type").onchange = (event) => change({ type: event.target.value, zoom: "" });
    byId("refresh").onchange = (event) => change({ refresh: Number(event.target.value) });
    byId("labels").onchange = (event) => change({ labels: event.target.value });
    byId("reload").onclick = actions.reload;
    byId("share").onclick = actions.share;
    byId("range").onchange = (event) => {
      if (event.target.value === CUSTOM) return this.#openCustom();
      change({ from: event.target.value, until: "now", ...unchosen });
    };
    byId("apply").onclick = () => {
      const from = new Date(byId("from").value).getTime();
      const until = new Date(byId("until").value).getTime();
      const problem = Number.isNaN(from) || Number.isNaN(until) ? "Give both times" : from >= until ? "Must be after From" : "";
      byId("until").setCustomValidity(problem);
      if (byId("until").reportValidity()) change({ from: String(from), until: String(until), ...unchosen });
    };
    byId("until").oninput = () => byId("until").setCustomValidity("");
  }

  #openCustom() {
    byId("custom").hidden = false;
    byId("from").value = localDateTime(this.range.from);
    byId("until").value = localDateTime(this.range.until);
    byId("from").focus();
  }

  #listenToTime() {
    const { change, actions } = this;
    byId("span-clear").onclick = () => change({ span: null });
    byId("span-zoom").onclick = () => {
      const { from, until } = this.state.span;
      change({ from: String(from), until: String(until), span: null });
    };
    byId("compare").onclick = actions.toggleCompare;
    byId("swap").onclick = actions.swap;
    for (const radio of document.querySelectorAll("[name=side]")) radio.onchange = () => (actions.timeline.active = radio.value);
  }

  #listenToGraphTools() {
    const { change, actions } = this;
    let pause = null;
    byId("search").oninput = (event) => {
      clearTimeout(pause);
      pause = setTimeout(() => change({ search: event.target.value }), PAUSE_MS);
    };
    byId("reset").onclick = actions.resetZoom;
    byId("copy-name").onclick = async () => {
      const node = actions.zoomedNode();
      if (!node || !navigator.clipboard) return;
      await navigator.clipboard.writeText(fullName(node.name));
      this.flash("copy-name", "Copied");
    };
    byId("root").onclick = () => change({ root: this.state.root === "bottom" ? "top" : "bottom" });
    for (const radio of document.querySelectorAll("[name=view]")) radio.onchange = () => change({ view: radio.value });
  }

  /** Keys for the whole page; none of them where a text is being typed. */
  #key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.matches("input, select, textarea");
    if (event.key === "Escape") return this.#escape(event);
    if (typing) return;
    const keys = { "/": () => byId("search").focus(), r: this.actions.reload, c: this.actions.toggleCompare };
    if (!(event.key in keys)) return;
    event.preventDefault();
    keys[event.key]();
  }

  /** Escape lets go of one thing at a time: first the search, then the zoom. */
  #escape(event) {
    if (this.state.search) this.change({ search: "" });
    else if (this.state.zoom) this.actions.resetZoom();
    if (event.target === byId("search")) byId("search").blur();
  }

  /** Puts a state into the fields; `range` is its time range in milliseconds once that is known. */
  show(state, range = this.range) {
    this.state = state;
    this.range = range;
    this.#showRange();
    this.#showParts();
    byId("refresh").value = String(state.refresh);
    if (document.activeElement !== byId("labels")) byId("labels").value = state.labels;
    if (byId("search").value !== state.search) byId("search").value = state.search;
    byId("panels").dataset.view = state.view;
    byId("root").textContent = state.root === "bottom" ? "Root at bottom" : "Root at top";
    for (const radio of document.querySelectorAll("[name=view]")) radio.checked = radio.value === state.view;
  }

  #showRange() {
    const { from, until } = this.state;
    const preset = until === "now" && PRESETS.find((candidate) => candidate.from === from);
    const options = PRESETS.map(({ from: value, title }) => ({ value, text: title }));
    const relative = !preset && until === "now" && /^now-/.test(from);
    if (relative) options.push({ value: from, text: `Last ${from.slice(4)}` });
    fillSelect(byId("range"), [...options, { value: CUSTOM, text: "Custom…" }], preset || relative ? from : CUSTOM);
    byId("custom").hidden = Boolean(preset || relative);
    if (preset || relative || !this.range) return;
    byId("from").value = localDateTime(this.range.from);
    byId("until").value = localDateTime(this.range.until);
  }

  #showParts() {
    const { span, compare, left, right } = this.state;
    const text = (part) => (part ? describeSpan(part, Date.now()) : "");
    byId("compare").setAttribute("aria-pressed", String(compare));
    byId("compare-tools").hidden = !compare;
    byId("span-tools").hidden = compare || !span;
    byId("span-text").textContent = text(span);
    byId("left-text").textContent = text(left);
    byId("right-text").textContent = text(right);
    byId("timeline").setAttribute("aria-valuetext", text(span) || "whole range");
    this.actions.timeline.active = compare ? document.querySelector("[name=side]:checked").value : "span";
  }

  /** Fills the picker; the chosen application stays in it even if it sent nothing in the range. */
  showApplications(names, chosen) {
    const all = !chosen || names.includes(chosen) ? names : [chosen, ...names];
    fillSelect(byId("app"), all.length ? all.map((value) => ({ value, text: value })) : [{ value: "", text: "none yet" }], chosen);
    byId("app").disabled = all.length === 0;
  }

  /** Fills the picker with types that have data; a chosen one that has none stays visible. */
  showTypes(types, chosen) {
    const options = types.map(({ id, title, about }) => ({ value: id, text: title, title: about }));
    if (!types.some(({ id }) => id === chosen)) options.unshift({ value: chosen, text: "choose…" });
    fillSelect(byId("type"), options, chosen);
  }

  /** Offers the labels that the application has, each with its values. */
  showLabels(labels) {
    const options = [...labels].flatMap(([name, values]) => [...values].map((value) => `${name}=${JSON.stringify(value)}`));
    byId("label-list").replaceChildren(...options.sort().slice(0, 200).map((value) => el("option", { value })));
  }

  showSummary(text, about) {
    byId("summary").replaceChildren(text, ...(about ? [el("span", {}, ` ${about}`)] : []));
  }

  showFound(text) {
    byId("found").textContent = text;
  }

  showZoom(node) {
    byId("zoomed").hidden = !node;
    byId("zoomed-text").textContent = node ? fullName(node.name) : "";
  }

  /** Lets a button say for a moment what it has done. */
  flash(id, text) {
    const button = byId(id);
    button.dataset.text ??= button.textContent;
    button.textContent = text;
    setTimeout(() => (button.textContent = button.dataset.text), FLASH_MS);
  }
}
