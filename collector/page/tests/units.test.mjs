// Values, rates and shares as texts.

import assert from "node:assert/strict";
import test from "node:test";

import { formatDuration, formatPoints, formatRate, formatShare, formatValue, unitOf } from "../units.js";

const CPU = "process_cpu:cpu:nanoseconds:cpu:nanoseconds";
const BYTES = "memory:alloc_in_new_tlab_bytes:bytes:space:bytes";

test("a profile type names its unit", () => {
  assert.equal(unitOf(CPU), "nanoseconds");
  assert.equal(unitOf(BYTES), "bytes");
  assert.equal(unitOf("mutex:contentions:count:mutex:count"), "count");
  assert.equal(unitOf("nonsense"), "count");
  assert.equal(unitOf(undefined), "count");
});

test("values have three digits and the unit that fits", () => {
  assert.equal(formatValue(8_050_000_000, "nanoseconds"), "8.05 s");
  assert.equal(formatValue(820e6, "nanoseconds"), "820 ms");
  assert.equal(formatValue(13_661_434_984, "nanoseconds"), "13.7 s");
  assert.equal(formatValue(90e9, "nanoseconds"), "1.50 min");
  assert.equal(formatValue(1500, "nanoseconds"), "1.50 µs");
  assert.equal(formatValue(0, "nanoseconds"), "0 ns");
  assert.equal(formatValue(6_605_504_512, "bytes"), "6.15 GiB");
  assert.equal(formatValue(524_288, "bytes"), "512 KiB");
  assert.equal(formatValue(12_599, "count"), "12,599");
  assert.equal(formatValue(-2048, "bytes"), "-2 KiB");
  assert.equal(formatValue(NaN, "bytes"), "–");
});

test("time per time is cores or threads, everything else is per second", () => {
  assert.equal(formatRate(15e9, 15, CPU), "1 core");
  assert.equal(formatRate(8.05e9, 15, CPU), "0.54 cores");
  assert.equal(formatRate(1e6, 15, CPU), "<0.01 cores");
  assert.equal(formatRate(30e9, 15, "wall:wall:nanoseconds:wall:nanoseconds"), "2 threads");
  assert.equal(formatRate(15 * 2 ** 20, 15, BYTES), "1 MiB/s");
  assert.equal(formatRate(1, 0, CPU), "–");
});

test("a share that is not nothing does not read as nothing", () => {
  assert.equal(formatShare(0.3204), "32.0 %");
  assert.equal(formatShare(0.0006), "0.06 %");
  assert.equal(formatShare(1e-9), "<0.01 %");
  assert.equal(formatShare(0), "0.0 %");
  assert.equal(formatShare(0 / 0), "–");
});

test("a difference always has its sign", () => {
  assert.equal(formatPoints(0.123), "+12.3 pt");
  assert.equal(formatPoints(-0.05), "−5.0 pt");
  assert.equal(formatPoints(0), "±0.0 pt");
  assert.equal(formatPoints(0.0001), "+<0.1 pt");
  assert.equal(formatPoints(-0.0001), "−<0.1 pt");
});

test("lengths of time", () => {
  const rows = [[45_000, "45 s"], [90_000, "1 min 30 s"], [900_000, "15 min"], [5_400_000, "1 h 30 min"], [86_400_000, "24 h"], [604_800_000, "7 d"]];
  for (const [milliseconds, text] of rows) assert.equal(formatDuration(milliseconds), text);
});
