// The queries the page makes, all of them part of Pyroscope's own HTTP API. Paths are relative, so that the page also
// works behind a proxy that serves it under a prefix.

/** Frames asked for; the server sums up the smallest beyond this as "other". */
const MAX_NODES = 16384;

/** A query that failed. `status` is 0 where the server was not reached at all. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** The server's own words, where it sent any. */
async function refusal(response) {
  const body = await response.text();
  try {
    return JSON.parse(body).message || body;
  } catch {
    return body.trim() || response.statusText;
  }
}

async function query(path, options) {
  let response;
  try {
    response = await fetch(path, { credentials: "same-origin", ...options });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, error.message);
  }
  if (!response.ok) throw new ApiError(response.status, await refusal(response));
  try {
    return await response.json();
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(response.status, `the answer is not JSON: ${error.message}`);
  }
}

function querier(method, body, signal) {
  return query(`querier.v1.QuerierService/${method}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify(body),
    signal,
  });
}

const millis = ({ from, until }) => ({ start: Math.floor(from), end: Math.ceil(until) });

/** The names of the applications that sent profiles in a range. */
export async function applications(range, signal) {
  const { names = [] } = await querier("LabelValues", { name: "service_name", ...millis(range) }, signal);
  return names.sort((a, b) => a.localeCompare(b));
}

/** What a selector finds in a range: the ids of its profile types, and its labels as a map of name to values. */
export async function seriesOf(selector, range, signal) {
  const body = { matchers: [selector], labelNames: [], ...millis(range) };
  const { labelsSet = [] } = await querier("Series", body, signal);
  const types = new Set();
  const labels = new Map();
  for (const { labels: pairs = [] } of labelsSet) {
    for (const { name, value } of pairs) {
      if (name === "__profile_type__") types.add(value);
      if (name.startsWith("__") || name === "service_name") continue;
      if (!labels.has(name)) labels.set(name, new Set());
      labels.get(name).add(value);
    }
  }
  return { types: [...types], labels };
}

/** A flame graph and the timeline of a range. */
export function render(type, selector, range, signal, maxNodes = MAX_NODES) {
  const params = new URLSearchParams({ query: type + selector, from: Math.floor(range.from), until: Math.ceil(range.until), format: "json" });
  params.set("max-nodes", maxNodes);
  return query(`pyroscope/render?${params}`, { signal });
}

/** A comparison of two ranges. */
export function renderDiff(type, selector, left, right, signal) {
  const params = new URLSearchParams({
    leftQuery: type + selector,
    leftFrom: Math.floor(left.from),
    leftUntil: Math.ceil(left.until),
    rightQuery: type + selector,
    rightFrom: Math.floor(right.from),
    rightUntil: Math.ceil(right.until),
    format: "json",
  });
  params.set("max-nodes", MAX_NODES);
  return query(`pyroscope/render-diff?${params}`, { signal });
}
