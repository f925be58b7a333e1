// What the page shows, as the query of its address: a link says the same to whoever opens it.

import { CPU } from "./profile-types.js";
import { formatSpan, parseSpan } from "./time-range.js";

export const DEFAULTS = {
  app: "",
  type: CPU,
  from: "now-15m",
  until: "now",
  /** Label matchers beside service_name, such as `env="production"`. */
  labels: "",
  /** A part of the time range, chosen on the timeline. */
  span: null,
  compare: false,
  /** The two parts that are compared. */
  left: null,
  right: null,
  search: "",
  /** The id of the frame that fills the width, in hexadecimal. */
  zoom: "",
  view: "both",
  root: "bottom",
  /** Seconds between refreshes, 0 for none. */
  refresh: 0,
};

const VIEWS = ["both", "flame", "table"];

/** The state in an address's query; what is missing or malformed is the default. */
export function parseState(query) {
  const params = new URLSearchParams(query);
  const text = (key) => params.get(key) ?? DEFAULTS[key];
  const oneOf = (key, allowed) => (allowed.includes(params.get(key)) ? params.get(key) : DEFAULTS[key]);
  const refresh = Number(params.get("refresh"));
  return {
    app: text("app"),
    type: text("type"),
    from: text("from"),
    until: text("until"),
    labels: text("labels"),
    span: parseSpan(params.get("span")),
    compare: params.get("compare") === "1",
    left: parseSpan(params.get("left")),
    right: parseSpan(params.get("right")),
    search: text("search"),
    zoom: /^[0-9a-f]{1,8}$/.test(params.get("zoom") ?? "") ? params.get("zoom") : "",
    view: oneOf("view", VIEWS),
    root: oneOf("root", ["bottom", "top"]),
    refresh: Number.isInteger(refresh) && refresh >= 0 && refresh <= 3600 ? refresh : 0,
  };
}

/** The inverse of `parseState`; what has its default value is left out. */
export function formatState(state) {
  const params = new URLSearchParams();
  for (const key of Object.keys(DEFAULTS)) {
    const value = state[key];
    if (value === DEFAULTS[key] || value === null || value === false) continue;
    if ((key === "left" || key === "right") && !state.compare) continue;
    params.set(key, typeof value === "object" ? formatSpan(value) : value === true ? "1" : String(value));
  }
  return params.toString();
}

/** A string as the query language quotes it. */
function quote(value) {
  return `"${value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

/** The label selector of a state: the application and what the labels field adds, with or without its braces. */
export function selector({ app, labels }) {
  const extra = labels.trim().replace(/^\{/, "").replace(/\}$/, "").replace(/,\s*$/, "").trim();
  return `{service_name=${quote(app)}${extra ? `, ${extra}` : ""}}`;
}
