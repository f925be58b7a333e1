// Time ranges: presets, texts such as `now-1h` in links, and the choice of marks for a time axis.
// All instants are milliseconds since the epoch.

export const PRESETS = [
  { from: "now-5m", title: "Last 5 minutes" },
  { from: "now-15m", title: "Last 15 minutes" },
  { from: "now-1h", title: "Last hour" },
  { from: "now-6h", title: "Last 6 hours" },
  { from: "now-24h", title: "Last 24 hours" },
];

const UNITS = { s: 1e3, m: 60e3, h: 3_600e3, d: 86_400e3, w: 604_800e3 };

/** An instant from `now`, `now-15m`, or a count of seconds or milliseconds since the epoch; null if it is none of these. */
export function parseInstant(text, now) {
  const relative = String(text).match(/^now(?:-(\d+)([smhdw]))?$/);
  if (relative) return now - Number(relative[1] ?? 0) * (UNITS[relative[2]] ?? 0);
  if (!/^\d{1,16}$/.test(text)) return null;
  const number = Number(text);
  return number < 1e11 ? number * 1e3 : number;
}

/** `{from, until}` in milliseconds; texts that mean nothing, or the wrong way round, give the default of 15 minutes. */
export function resolveRange({ from, until }, now) {
  const start = parseInstant(from, now);
  const end = parseInstant(until, now);
  if (start === null || end === null || start >= end) return { from: now - 15 * UNITS.m, until: now };
  return { from: start, until: end };
}

/** A range `from-until` as links write it; null if it is malformed. */
export function parseSpan(text) {
  const parts = String(text ?? "").match(/^(\d{10,16})-(\d{10,16})$/);
  if (!parts) return null;
  const span = { from: Number(parts[1]), until: Number(parts[2]) };
  return span.from < span.until ? span : null;
}

/** The inverse of `parseSpan`. */
export function formatSpan(span) {
  return `${Math.round(span.from)}-${Math.round(span.until)}`;
}

const two = (number) => String(number).padStart(2, "0");

/** The time of day in the reader's zone, with seconds where they matter. */
export function clock(instant, withSeconds = false) {
  const time = new Date(instant);
  const minutes = `${two(time.getHours())}:${two(time.getMinutes())}`;
  return withSeconds ? `${minutes}:${two(time.getSeconds())}` : minutes;
}

/** Date and time in the reader's zone, in the form that `datetime-local` fields want. */
export function localDateTime(instant) {
  const time = new Date(instant);
  return `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}T${clock(instant, true)}`;
}

/** A range for people: the date only where it is not today's. */
export function describeSpan({ from, until }, now) {
  const day = localDateTime(from).slice(0, 10);
  const sameDay = day === localDateTime(until).slice(0, 10);
  const seconds = until - from < 3_600e3;
  const start = sameDay && day === localDateTime(now).slice(0, 10) ? clock(from, seconds) : `${day} ${clock(from, seconds)}`;
  return `${start} – ${sameDay ? clock(until, seconds) : localDateTime(until).slice(0, 16).replace("T", " ")}`;
}

const TICK_STEPS = [5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];

/** Round instants for an axis with room for about `count` marks, in the reader's zone. */
export function ticks({ from, until }, count) {
  const ideal = (until - from) / 1e3 / Math.max(1, count);
  const step = (TICK_STEPS.find((candidate) => candidate >= ideal) ?? TICK_STEPS.at(-1)) * 1e3;
  // Days begin at the reader's midnight, not at that of UTC.
  const zone = new Date(from).getTimezoneOffset() * 60e3;
  const marks = [];
  for (let at = Math.ceil((from - zone) / step) * step + zone; at <= until; at += step) marks.push(at);
  return marks;
}

/**
 * The samples of a timeline merged into at most `limit` bars: `[{from, until, value}]`.
 * `timeline` is what the server sends: startTime and durationDelta in seconds, samples as sums per step.
 */
export function bars(timeline, limit) {
  const samples = timeline?.samples ?? [];
  const step = (timeline?.durationDelta || 15) * 1e3;
  const start = (timeline?.startTime ?? 0) * 1e3;
  const merge = Math.max(1, Math.ceil(samples.length / Math.max(1, limit)));
  const merged = [];
  for (let i = 0; i < samples.length; i += merge) {
    const group = samples.slice(i, i + merge);
    const value = group.reduce((sum, sample) => sum + sample, 0);
    merged.push({ from: start + i * step, until: start + (i + group.length) * step, value });
  }
  return merged;
}
