// Links, time ranges and profile types.

import assert from "node:assert/strict";
import test from "node:test";

import { CPU, profileType, profileTypes } from "../profile-types.js";
import { DEFAULTS, formatState, parseState, selector } from "../state.js";
import { bars, describeSpan, parseInstant, parseSpan, resolveRange, ticks } from "../time-range.js";

const NOW = 1_795_368_226_000;

test("a state survives its link", () => {
  const state = {
    ...DEFAULTS,
    app: "a&b=c/ä",
    labels: 'env="production", region=~"eu.*"',
    compare: true,
    left: { from: 1_795_368_194_000, until: 1_795_368_202_000 },
    right: { from: 1_795_368_202_000, until: 1_795_368_226_000 },
    search: "/a+b/",
    zoom: "3fa9c1d2",
    view: "flame",
    root: "top",
    refresh: 10,
  };
  assert.deepEqual(parseState(formatState(state)), state);
  assert.equal(formatState(DEFAULTS), "");
  assert.deepEqual(parseState(""), DEFAULTS);
});

test("malformed links give the default", () => {
  const state = parseState("view=x&root=left&refresh=-3&zoom=<script>&span=1-2&left=9-&compare=yes&refresh=1e9");
  assert.deepEqual(state, DEFAULTS);
});

test("a selector quotes the application and takes the labels with or without braces", () => {
  assert.equal(selector({ app: "bank", labels: "" }), '{service_name="bank"}');
  assert.equal(selector({ app: "bank", labels: ' {env="x"} ' }), '{service_name="bank", env="x"}');
  assert.equal(selector({ app: "bank", labels: 'env="x",' }), '{service_name="bank", env="x"}');
  assert.equal(selector({ app: 'b"\\', labels: "" }), '{service_name="b\\"\\\\"}');
});

test("instants are relative, seconds or milliseconds", () => {
  assert.equal(parseInstant("now", NOW), NOW);
  assert.equal(parseInstant("now-15m", NOW), NOW - 900_000);
  assert.equal(parseInstant("now-2d", NOW), NOW - 172_800_000);
  assert.equal(parseInstant("1795368194", NOW), 1_795_368_194_000);
  assert.equal(parseInstant("1795368194000", NOW), 1_795_368_194_000);
  for (const text of ["", "now-", "now+1h", "yesterday", "-5", "1.5"]) assert.equal(parseInstant(text, NOW), null, text);
});

test("a range that means nothing is the last fifteen minutes", () => {
  const fallback = { from: NOW - 900_000, until: NOW };
  assert.deepEqual(resolveRange({ from: "now-1h", until: "now" }, NOW), { from: NOW - 3_600_000, until: NOW });
  assert.deepEqual(resolveRange({ from: "now", until: "now-1h" }, NOW), fallback);
  assert.deepEqual(resolveRange({ from: "x", until: "now" }, NOW), fallback);
});

test("spans are two times in order", () => {
  assert.deepEqual(parseSpan("1795368194000-1795368226000"), { from: 1_795_368_194_000, until: 1_795_368_226_000 });
  for (const text of [null, "", "1-2", "1795368226000-1795368194000", "1795368194000"]) assert.equal(parseSpan(text), null);
});

test("ranges are described without today's date", () => {
  const noon = new Date(2026, 2, 1, 12, 0, 0).getTime();
  assert.equal(describeSpan({ from: noon, until: noon + 300_000 }, noon + 1e6), "12:00:00 – 12:05:00");
  assert.equal(describeSpan({ from: noon, until: noon + 7_200_000 }, noon + 1e7), "12:00 – 14:00");
  assert.match(describeSpan({ from: noon, until: noon + 300_000 }, noon + 5 * 86_400e3), /^2026-03-01 12:00:00/);
});

test("axis marks are round, inside of the range and not too many", () => {
  for (const [length, count] of [[300e3, 8], [900e3, 10], [86_400e3, 12], [32e3, 5], [40 * 86_400e3, 10]]) {
    const range = { from: NOW, until: NOW + length };
    const marks = ticks(range, count);
    assert.ok(marks.length >= 2 && marks.length <= count + 1, `${length}: ${marks.length}`);
    assert.ok(marks.every((at) => at >= range.from && at <= range.until && at % 5000 === 0));
  }
});

test("bars keep the sum of the timeline", () => {
  const timeline = { startTime: 1000, durationDelta: 15, samples: Array.from({ length: 100 }, (_, i) => i) };
  for (const limit of [1000, 100, 33, 1]) {
    const merged = bars(timeline, limit);
    assert.ok(merged.length <= limit);
    assert.equal(merged.reduce((sum, bar) => sum + bar.value, 0), 4950);
    assert.equal(merged[0].from, 1_000_000);
    assert.equal(merged.at(-1).until, 1_000_000 + 100 * 15_000);
  }
  assert.deepEqual(bars(null, 10), []);
});

test("profile types have human names in a fixed order", () => {
  const ids = ["mutex:delay:nanoseconds:mutex:count", "goroutines:g:count:g:count", CPU, "memory:alloc_in_new_tlab_bytes:bytes:space:bytes", CPU];
  assert.deepEqual(profileTypes(ids).map(({ title }) => title), ["CPU", "Allocated bytes", "Mutex delay", "goroutines g"]);
  assert.equal(profileType(CPU).about, "time on a CPU");
});
