// The page: reads its state from the address, asks the server, and hands the answers to the views.

import { ApiError, applications, render, renderDiff, seriesOf } from "./api.js";
import { Controls } from "./controls.js";
import { byId } from "./dom.js";
import { FlameView } from "./flame.js";
import { decode } from "./flamebearer.js";
import { KindStrip } from "./kind-strip.js";
import { fullName } from "./kinds.js";
import * as messages from "./messages.js";
import { profileType, profileTypes } from "./profile-types.js";
import { findById, found, matcher } from "./search.js";
import { DEFAULTS, formatState, parseState, selector } from "./state.js";
import { PRESETS, describeSpan, formatSpan, resolveRange } from "./time-range.js";
import { Timeline } from "./timeline.js";
import { Tooltip } from "./tooltip.js";
import { TopTable } from "./top-table.js";
import { formatDuration, formatShare, formatValue, unitOf } from "./units.js";

const RETRY_MS = 5000;
/** How far back to look for applications when the chosen range has none. */
const LONG_MS = 30 * 86_400e3;

let state = parseState(location.search);
let inFlight = null;
let timer = null;
let model = null;
let range = null;

const tooltip = new Tooltip();
const flame = new FlameView(byId("flame"), tooltip, zoomed);
const table = new TopTable(byId("table"), tooltip, (name) => change({ search: fullName(name) }));
const strip = new KindStrip(byId("kinds"), (search) => change({ search }));
const timeline = new Timeline(byId("timeline"), tooltip, chosen);
const controls = new Controls(change, { reload: () => load(), share, resetZoom: () => flame.resetZoom(), swap, toggleCompare, timeline, zoomedNode });

/** Keys of the state that only change how the loaded profile is shown. */
const SHOWN_ONLY = new Set(["search", "zoom", "view", "root", "refresh"]);

/** Takes over new values, writes them into the address, and loads or redraws as they need it. */
function change(values) {
  const keys = Object.keys(values).filter((key) => values[key] !== state[key]);
  if (keys.length === 0) return;
  const loads = keys.some((key) => !SHOWN_ONLY.has(key));
  state = { ...state, ...values };
  // Typing into a search and zooming would flood the history; what loads new data is a step to go back to.
  history[loads ? "pushState" : "replaceState"](null, "", address(state));
  controls.show(state);
  if (loads) return load();
  if (keys.includes("root") && model) showGraph();
  if (keys.includes("search")) showSearch();
  if (keys.includes("refresh")) schedule();
}

function address(values) {
  const query = formatState(values);
  return query ? `?${query}` : location.pathname;
}

/** Asks for everything that the state names. A newer call ends an older one. */
async function load() {
  clearTimeout(timer);
  inFlight?.abort();
  const own = (inFlight = new AbortController());
  document.body.classList.add("busy");
  try {
    await fetchAndShow(own.signal);
    schedule();
  } catch (error) {
    if (error.name === "AbortError" || own !== inFlight) return;
    console.error(error);
    showFailure(error);
  } finally {
    if (own === inFlight) document.body.classList.remove("busy");
  }
}

async function fetchAndShow(signal) {
  range = resolveRange(state, Date.now());
  controls.show(state, range);
  const apps = await applications(range, signal);
  if (!state.app) state.app = apps[0] ?? (await applications(longRange(), signal))[0] ?? "";
  controls.showApplications(apps, state.app);
  if (!state.app) {
    timer = setTimeout(load, RETRY_MS);
    return showMessage(messages.noProfiles(location.origin), null);
  }
  history.replaceState(null, "", address(state));
  const { types, labels } = await seriesOf(selector({ app: state.app, labels: "" }), range, signal);
  chooseDefaultType(types);
  controls.showTypes(profileTypes(types), state.type);
  controls.showLabels(labels);
  if (types.length === 0) return showMessage(nothingInRange(), null);
  if (!types.includes(state.type)) {
    return showMessage(messages.noSuchType(state.app, state.type, profileTypes(types), (type) => change({ type })), null);
  }
  await (state.compare ? loadComparison(signal) : loadSingle(signal));
}

function longRange() {
  return { from: Date.now() - LONG_MS, until: Date.now() };
}

/** Nobody asked for CPU where the type is merely the default: then an application without it shows what it has. */
function chooseDefaultType(types) {
  const asked = new URLSearchParams(location.search).has("type");
  if (!asked && types.length && !types.includes(state.type)) state.type = profileTypes(types)[0].id;
}

async function loadSingle(signal) {
  const query = selector(state);
  const whole = render(state.type, query, range, signal, state.span ? 1 : undefined);
  const [wholeAnswer, answer] = await Promise.all([whole, state.span ? render(state.type, query, state.span, signal) : whole]);
  const root = decode(answer);
  const sides = { left: root?.total ?? 0, right: 0 };
  showTimeline(wholeAnswer.timeline);
  show({ root, double: false, sides, unit: unitOf(state.type) });
}

async function loadComparison(signal) {
  const middle = Math.round((range.from + range.until) / 2);
  state.left ??= { from: range.from, until: middle };
  state.right ??= { from: middle, until: range.until };
  history.replaceState(null, "", address(state));
  controls.show(state, range);
  const query = selector(state);
  const [whole, answer] = await Promise.all([
    render(state.type, query, range, signal, 1),
    renderDiff(state.type, query, state.left, state.right, signal),
  ]);
  const root = decode(answer);
  const sides = { left: root?.total ?? 0, right: root?.rightTotal ?? 0 };
  showTimeline(whole.timeline);
  show({ root, double: true, sides, unit: unitOf(state.type) });
}

function showTimeline(answer) {
  const spans = state.compare ? { left: state.left, right: state.right } : { span: state.span };
  timeline.show({ window: range, timeline: answer, type: state.type, spans });
}

function show(next) {
  document.title = `${state.app} · ${profileType(state.type).title} · Pyrite`;
  const { title } = profileType(state.type);
  if (!next.root) {
    if (next.double) return showMessage(messages.nothingToCompare());
    const clear = () => change({ labels: "" });
    return showMessage(state.labels.trim() ? messages.noMatch(state.labels, clear) : messages.noSamples(title));
  }
  model = { ...next, title: rootTitle(next) };
  byId("message").hidden = true;
  document.body.classList.remove("empty", "nothing");
  byId("panels").classList.remove("stale");
  byId("panels").classList.toggle("comparing", next.double);
  showSummary();
  strip.show(model);
  table.show(model);
  showGraph();
  showSearch();
}

/** What the root frame says. */
function rootTitle({ double, sides, unit }) {
  if (!double) return `${state.app} · ${formatValue(sides.left, unit)}`;
  return `${state.app} · baseline ${formatValue(sides.left, unit)}, comparison ${formatValue(sides.right, unit)}`;
}

function showSummary() {
  const { title, about } = profileType(state.type);
  const span = state.span ?? range;
  const { left, right } = model.sides;
  const value = (side) => formatValue(side, model.unit);
  if (model.double && !(left && right)) {
    const empty = left ? "comparison" : "baseline";
    return controls.showSummary(`${title}: ${value(left || right)} against nothing`, `the ${empty} has no samples: choose a part of the timeline with bars`);
  }
  const values = model.double ? `${value(left)} against ${value(right)}` : `${value(left)} in ${formatDuration(span.until - span.from)}`;
  controls.showSummary(`${title}: ${values}`, about);
}

function showGraph() {
  flame.show(model, { zoomId: state.zoom ? parseInt(state.zoom, 16) : null, rootAt: state.root });
}

function showSearch() {
  const matches = matcher(state.search);
  flame.search(matches);
  table.search(matches);
  strip.mark(state.search);
  controls.showFound(matches && model ? foundText(found(model.root, matches)) : "");
}

function foundText({ frames, total, rightTotal }) {
  if (frames === 0) return "no frame matches";
  const { sides, double, unit } = model;
  const left = formatShare(total / (sides.left || 1));
  if (double) return `${left} of the baseline, ${formatShare(rightTotal / (sides.right || 1))} of the comparison`;
  return `${left} of samples (${formatValue(total, unit)}), ${frames === 1 ? "1 frame" : `${frames} frames`}`;
}

function showMessage(message, timelineAnswer) {
  model = null;
  tooltip.hide();
  byId("message").replaceChildren(message);
  byId("message").hidden = false;
  document.body.classList.add("empty");
  document.body.classList.toggle("nothing", !state.app);
  byId("panels").classList.remove("stale");
  controls.showSummary("", "");
  controls.showFound("");
  controls.showZoom(null);
  strip.clear();
  if (timelineAnswer === null && range) showTimeline(null);
}

/** While the page refreshes by itself, a short outage leaves the last profile on the screen, marked as old. */
function showFailure(error) {
  if (error instanceof ApiError && error.status === 0) timer = setTimeout(load, RETRY_MS);
  if (model && state.refresh && error.status === 0) {
    byId("panels").classList.add("stale");
    return controls.showSummary("The server does not answer; showing what was last received", "");
  }
  const known = error instanceof ApiError ? error : new ApiError(500, error.message);
  showMessage(messages.failure(known, load, state.labels.trim() ? () => change({ labels: "" }) : null));
}

function nothingInRange() {
  const wider = PRESETS.filter((preset) => Date.now() - resolveRange({ from: preset.from, until: "now" }, Date.now()).from > range.until - range.from);
  const choices = [...wider.slice(-3), { from: "now-7d", title: "Last 7 days" }].map(({ from, title }) => ({
    title,
    choose: () => change({ from, until: "now", span: null, left: null, right: null }),
  }));
  return messages.nothingInRange(state.app, describeSpan(range, Date.now()), choices);
}

function zoomed(node) {
  controls.showZoom(node);
  change({ zoom: node ? node.id.toString(16) : "" });
}

function zoomedNode() {
  return model && state.zoom ? findById(model.root, parseInt(state.zoom, 16)) : null;
}

function chosen(side, span) {
  change({ [side]: span });
}

function swap() {
  change({ left: state.right, right: state.left });
}

/** Starts a comparison with the part chosen on the timeline, if there is one, against what came before it. */
function toggleCompare() {
  if (state.compare) return change({ compare: false, left: null, right: null });
  const { span } = state;
  const sides = span && span.from > range.from ? { left: { from: range.from, until: span.from }, right: span } : {};
  change({ compare: true, span: null, zoom: "", ...sides });
}

/** Copies a link with absolute times, so that whoever opens it later sees the same. */
async function share() {
  const fixed = { ...state, from: String(range.from), until: String(range.until), refresh: DEFAULTS.refresh };
  const link = new URL(address(fixed), location.href).href;
  try {
    await navigator.clipboard.writeText(link);
    controls.flash("share", "Link copied");
  } catch {
    // Without https or localhost the clipboard is closed: the address bar then carries the link.
    history.replaceState(null, "", address(fixed));
    controls.flash("share", "Link is in the address bar");
  }
}

/** Sets the timer of the automatic refresh. A hidden page waits until it is seen again. */
function schedule() {
  if (!state.refresh || !model) return;
  clearTimeout(timer);
  timer = setTimeout(() => (document.hidden ? schedule() : load()), state.refresh * 1000);
}

addEventListener("popstate", () => {
  state = parseState(location.search);
  controls.show(state);
  load();
});

controls.show(state);
load();
