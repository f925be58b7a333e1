// Values in the units of profile types, as short texts for people: 8.05 s, 1.4 GiB, 12,599.
// Nothing here touches the document, so that all of it runs under `node --test`.

/** Steps of a unit from large to small: [how many base units, suffix]. */
const SCALES = {
  nanoseconds: [
    [86_400e9, "d"],
    [3_600e9, "h"],
    [60e9, "min"],
    [1e9, "s"],
    [1e6, "ms"],
    [1e3, "µs"],
    [1, "ns"],
  ],
  bytes: [
    [2 ** 40, "TiB"],
    [2 ** 30, "GiB"],
    [2 ** 20, "MiB"],
    [2 ** 10, "KiB"],
    [1, "B"],
  ],
  count: [
    [1e9, "G"],
    [1e6, "M"],
    [1, ""],
  ],
};

const WHOLE = new Intl.NumberFormat("en-US", { maximumFractionDigits: 0 });

/**
 * The unit of a profile type id, `name:sample type:unit:period type:period unit`.
 * The answer's own metadata is no guide: servers call the unit of CPU "samples" although it is nanoseconds.
 */
export function unitOf(profileTypeId) {
  const unit = String(profileTypeId).split(":")[2];
  return Object.hasOwn(SCALES, unit ?? "") ? unit : "count";
}

/** Three significant digits, never an exponent: 8.05, 80.5, 805, 8,050. */
function significant(number) {
  const size = Math.abs(number);
  if (size >= 100 || Number.isInteger(number)) return WHOLE.format(number);
  return number.toFixed(size >= 10 ? 1 : 2);
}

/** A value with its unit. */
export function formatValue(value, unit) {
  if (!Number.isFinite(value)) return "–";
  const scale = SCALES[unit] ?? SCALES.count;
  const [size, suffix] = scale.find(([step]) => Math.abs(value) >= step) ?? scale.at(-1);
  const text = significant(value / size);
  return suffix ? `${text} ${suffix}` : text;
}

/**
 * A value per second of wall-clock time. Time per time has no unit of its own: CPU seconds per second are cores,
 * and waiting seconds per second are the number of threads that wait.
 */
export function formatRate(value, seconds, profileTypeId) {
  if (!(seconds > 0)) return "–";
  const perSecond = value / seconds;
  if (unitOf(profileTypeId) !== "nanoseconds") return `${formatValue(perSecond, unitOf(profileTypeId))}/s`;
  const noun = profileTypeId.startsWith("process_cpu:") ? "core" : "thread";
  const amount = perSecond / 1e9;
  const text = amount !== 0 && Math.abs(amount) < 0.01 ? "<0.01" : significant(amount);
  return `${text} ${noun}${text === "1" ? "" : "s"}`;
}

/** A share of one as per cent; a share that is not nothing never reads as nothing. */
export function formatShare(share) {
  if (!Number.isFinite(share)) return "–";
  const percent = share * 100;
  if (percent > 0 && percent < 0.01) return "<0.01 %";
  if (percent > 0 && percent < 0.095) return `${percent.toFixed(2)} %`;
  return `${percent.toFixed(1)} %`;
}

/** A difference of two shares in percentage points, always with its sign. */
export function formatPoints(difference) {
  if (!Number.isFinite(difference)) return "–";
  const points = difference * 100;
  if (points !== 0 && Math.abs(points) < 0.05) return points > 0 ? "+<0.1 pt" : "−<0.1 pt";
  const sign = points > 0 ? "+" : points < 0 ? "−" : "±";
  return `${sign}${Math.abs(points).toFixed(1)} pt`;
}

/** A length of time given in milliseconds, for labels of ranges: 15 min, 1 h 30 min. */
export function formatDuration(milliseconds) {
  const seconds = Math.round(milliseconds / 1000);
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return seconds % 60 && seconds < 600 ? `${Math.floor(seconds / 60)} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.round(hours / 24)} d`;
}
