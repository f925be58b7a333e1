// The page in a real browser, on a running server that holds the recorded uploads:
//
//     PYRITE_URL=http://127.0.0.1:4040 node --test page.browser.mjs
//
// `bank-order-service` must hold upload 1 in the first and upload 2 in the second half of the last five minutes,
// `bank-payment-service` 3 and 4, and `hostile-service` upload 1 with the type of NotificationVerticle renamed to markup.
// PYRITE_SCREENSHOTS names a directory to leave pictures in.

import assert from "node:assert/strict";
import { join } from "node:path";
import test, { after, before } from "node:test";

import { Browser, sleep } from "./chromium.mjs";

const { PYRITE_URL: SERVER, PYRITE_SCREENSHOTS: SCREENSHOTS } = process.env;
const ALLOCATED = "memory:alloc_in_new_tlab_bytes:bytes:space:bytes";
/** As long as a type of the recording, so that it can be put in its place. */
const HOSTILE = "<img src=x onerror=hacked()>";

let browser;

before(async () => {
  assert.ok(SERVER, "PYRITE_URL must name the server, for example http://127.0.0.1:4040");
  browser = await Browser.launch();
});

after(() => browser?.close());

/** Opens the page with a query, and waits for its graph. */
async function open(query, options) {
  const page = await browser.page(options);
  await page.goto(`${SERVER}/?${query}`);
  await graph(page);
  return page;
}

function graph(page) {
  return page.until("the graph is drawn", `!document.body.classList.contains("busy") && document.querySelectorAll("#flame g.frame").length > 3`);
}

const frame = (name) => `document.querySelector('#flame g.frame[name="${name}"] rect')`;
const text = (id) => `document.getElementById("${id}").textContent`;
const width = (page, name) => page.evaluate(`${frame(name)}?.getBoundingClientRect().width ?? 0`);

async function picture(page, name) {
  if (!SCREENSHOTS) return;
  await sleep(150);
  await page.screenshot(join(SCREENSHOTS, `${name}.png`));
}

/** Nothing may have gone wrong, and no host but the server may have been asked (a browser's own icons are `data:`). */
function unharmed(page) {
  assert.deepEqual(page.problems, []);
  const elsewhere = page.requests.filter((url) => !url.startsWith(`${SERVER}/`) && !url.startsWith("data:"));
  assert.deepEqual(elsewhere, []);
}

test("without a query the page finds an application and shows its CPU profile", async () => {
  const page = await open("");
  assert.match(await page.evaluate("location.search"), /app=bank-order-service/);
  const apps = await page.evaluate(`[...document.getElementById("app").options].map((option) => option.value)`);
  assert.deepEqual(apps, ["bank-order-service", "bank-payment-service", "hostile-service"]);
  unharmed(page);
});

test("the graph shows the recorded frames, their values and their shares", async () => {
  const page = await open("app=bank-order-service");
  assert.match(await page.evaluate(text("summary")), /^CPU: 8\.05 s in 15 min/);
  for (const name of ["MessageDigest.getInstance", "BankMix$PaymentVerticle.sha256", "BankMix$$Lambda_.run"]) {
    assert.ok((await width(page, name)) > 1, name);
  }
  const whole = await width(page, "bank-order-service · 8.05 s");
  assert.ok(Math.abs((await width(page, "Thread.run")) / whole - 7.13 / 8.05) < 0.01, "a frame is as wide as its share");
  await page.hover(frame("MessageDigest.getInstance"));
  const tip = await page.until("the tooltip opens", `document.querySelector(".tooltip:not([hidden])")?.innerText`);
  assert.match(tip, /java\.security\.MessageDigest\.getInstance/);
  assert.match(tip, /Total\s+1\.9\d s · 24\.\d %/);
  await picture(page, "cpu-light");
  unharmed(page);
});

test("a click zooms, a link keeps the zoom, and Escape goes back", async () => {
  const page = await open("app=bank-order-service");
  const before = await width(page, "MessageDigest.getInstance");
  await page.click(frame("MessageDigest.getInstance"));
  await page.until("the frame has grown", `${frame("MessageDigest.getInstance")}.getBoundingClientRect().width > ${before * 2}`);
  assert.equal(await page.evaluate(text("zoomed-text")), "java.security.MessageDigest.getInstance");
  await picture(page, "zoomed");
  const link = await page.evaluate("location.search");
  assert.match(link, /zoom=[0-9a-f]+/);

  const again = await open(link.slice(1));
  await again.until("the link is zoomed", `${frame("MessageDigest.getInstance")}?.getBoundingClientRect().width > ${before * 2}`);
  assert.equal(await again.evaluate(text("zoomed-text")), "java.security.MessageDigest.getInstance");
  await again.press("Escape");
  await again.until("the zoom is gone", `${frame("MessageDigest.getInstance")}.getBoundingClientRect().width < ${before * 1.1}`);
  assert.doesNotMatch(await again.evaluate("location.search"), /zoom=/);
  unharmed(page);
  unharmed(again);
});

test("a search highlights what it finds and says its share", async () => {
  const page = await open("app=bank-order-service");
  const fill = (name) => page.evaluate(`${frame(name)}.getAttribute("fill")`);
  const [digest, thread] = [await fill("MessageDigest.getInstance"), await fill("Thread.run")];
  await page.press("/");
  await page.type("messagedigest.getinstance");
  const found = await page.until("the share is said", text("found"));
  assert.match(found, /^24\.\d % of samples \(1\.9\d s\)/);
  assert.notEqual(await fill("MessageDigest.getInstance"), digest, "what is found stands out");
  assert.notEqual(await fill("Thread.run"), thread, "what is not found fades");
  await page.press("Escape");
  await page.until("the search is gone", `${text("found")} === ""`);
  assert.equal(await fill("Thread.run"), thread);
  unharmed(page);
});

test("the table leads with what used most itself, sorts and filters", async () => {
  const page = await open("app=bank-order-service&view=table");
  const rows = () => page.evaluate(`[...document.querySelectorAll("#table tbody tr")].map((row) => row.dataset.name)`);
  assert.equal((await rows())[0], ".sha256_implCompressMB");
  const first = await page.evaluate(`document.querySelector("#table tbody tr").innerText`);
  assert.match(first.replaceAll(/\s+/g, " "), /sha256_implCompressMB 32\.\d % ?2\.58 s/);
  await page.click(`document.querySelector('[data-column="total"]')`);
  assert.match((await rows())[0], /^java\/lang\/Thread\.run/);
  assert.equal(await page.evaluate(`document.querySelector("th[aria-sort]").innerText.trim()`), "Total");
  await page.click(`document.querySelector("#table .filter")`);
  await page.type("stringbuilder");
  await page.until("the filter works", `document.querySelectorAll("#table tbody tr").length < 30`);
  assert.ok((await rows()).every((name) => /StringBuilder/i.test(name)));
  await picture(page, "table");
  unharmed(page);
});

test("another profile type is another graph, in its own unit", async () => {
  const page = await open("app=bank-order-service");
  const types = await page.evaluate(`[...document.getElementById("type").options].map((option) => option.text)`);
  assert.deepEqual(types, ["CPU", "Allocated bytes", "Allocated objects", "Mutex delay", "Mutex contentions", "Block delay", "Block contentions"]);
  await page.evaluate(`(() => { const type = document.getElementById("type"); type.value = "${ALLOCATED}"; type.dispatchEvent(new Event("change")); })()`);
  await page.until("the other profile is there", `${text("summary")}.startsWith("Allocated bytes: 6.15 GiB")`);
  assert.ok((await width(page, "BankMix$PaymentVerticle.sha256")) > 100);
  await page.evaluate("history.back()");
  await page.until("going back works", `${text("summary")}.startsWith("CPU: 8.05 s")`);
  unharmed(page);
});

test("a drag on the timeline chooses a part of the time", async () => {
  const page = await open("app=bank-order-service&from=now-5m");
  const { box } = await page.middle(`document.getElementById("timeline")`);
  const [x, y, w, h] = box;
  await page.drag({ x: x + w * 0.02, y: y + h / 3 }, { x: x + w * 0.1, y: y + h / 3 });
  await page.until("the part is chosen", `location.search.includes("span=") && !document.body.classList.contains("busy")`);
  await page.until("a quiet part says so", `document.getElementById("message").innerText.includes("No CPU samples in this time")`);
  await page.click(`document.getElementById("span-clear")`);
  await graph(page);
  assert.doesNotMatch(await page.evaluate("location.search"), /span=/);
  unharmed(page);
});

test("a comparison shows both sides and what changed", async () => {
  const page = await open("app=bank-order-service&from=now-5m");
  await page.evaluate("document.activeElement.blur()");
  await page.press("c");
  await page.until("the comparison is there", `document.getElementById("panels").classList.contains("comparing")`);
  const columns = await page.evaluate(`[...document.querySelectorAll("#table thead th")].map((cell) => cell.innerText.trim())`);
  assert.deepEqual(columns, ["Function", "Self, baseline", "Self, comparison", "Change of self", "Change of total"]);
  assert.match(await page.evaluate("location.search"), /compare=1&left=\d+-\d+&right=\d+-\d+/);
  assert.match(await page.evaluate(text("summary")), /^CPU: 2\.52 s against 5\.53 s/);
  const [name, baseline, comparison, change] = await page.evaluate(`[...document.querySelector('tr[data-name=".sha256_implCompressMB"]').cells].map((cell) => cell.innerText.trim())`);
  assert.deepEqual([name, baseline, comparison, change], ["sha256_implCompressMB", "26.2 %", "34.7 %", "+8.5 pt"]);
  const fill = (name) => page.evaluate(`[...document.querySelectorAll("#flame g.frame")].find((g) => g.getAttribute("name").endsWith("${name}")).querySelector("rect").getAttribute("fill")`);
  assert.match(await fill("BankMix$PaymentVerticle.sha256"), /^hsl\(6 /, "what grew is red");
  await picture(page, "comparison");
  unharmed(page);
});

test("names made of markup are shown as text", async () => {
  const page = await open("app=hostile-service&root=top", { dark: true });
  const label = `${HOSTILE}.handleBulk`;
  const shown = `[...document.querySelectorAll("#flame .d3-flame-graph-label, #table .function")].filter((e) => e.textContent.includes(${JSON.stringify(label)})).length`;
  assert.ok((await page.until("the name is shown", shown)) >= 1);
  await page.evaluate(`(() => { const s = document.getElementById("search"); s.value = "handleBulk"; s.dispatchEvent(new Event("input")); })()`);
  await page.until("it is found", `${text("found")}.includes("of samples")`);
  await page.hover(`[...document.querySelectorAll("#flame g.frame")].find((g) => g.getAttribute("name").includes("onerror"))?.querySelector("rect")`);
  await page.until("the tooltip shows it", `document.querySelector(".tooltip:not([hidden])")?.innerText.includes(${JSON.stringify(label)})`);
  await picture(page, "hostile-dark");
  assert.equal(await page.evaluate(`document.querySelectorAll("main img, .tooltip img, datalist img").length`), 0);
  assert.ok(!page.requests.some((url) => new URL(url).pathname.endsWith("/x")), "no image was asked for");
  unharmed(page);
});

test("labels select, and a selector that matches nothing is said", async () => {
  const page = await open(`app=bank-order-service&labels=${encodeURIComponent('region="eu"')}`);
  assert.match(await page.evaluate(text("summary")), /^CPU: 8\.05 s/);
  const offered = await page.evaluate(`[...document.getElementById("label-list").options].map((option) => option.value)`);
  assert.ok(offered.includes('env="production"'), offered.join());
  await page.goto(`${SERVER}/?app=bank-order-service&labels=${encodeURIComponent('region="us"')}`);
  await page.until("the message", `document.getElementById("message").innerText.includes("No sample matches these labels")`);
  unharmed(page);
});

test("own times are taken from the fields and kept in the address", async () => {
  const page = await open("app=bank-order-service");
  await page.evaluate(`(() => { const range = document.getElementById("range"); range.value = "custom"; range.dispatchEvent(new Event("change")); })()`);
  await page.until("the fields are there", `document.getElementById("from").value.length >= 16`);
  await picture(page, "own-times");
  await page.click(`document.getElementById("apply")`);
  await page.until("the times are in the address", `/from=\\d{13}&until=\\d{13}/.test(location.search)`);
  await graph(page);
  assert.match(await page.evaluate(text("summary")), /^CPU: 8\.05 s in 15 min/);
  await page.click(`document.getElementById("share")`);
  await page.until("the link is ready", `document.getElementById("share").textContent.startsWith("Link")`);
  unharmed(page);
});

test("the page refreshes by itself, and keeps zoom and search while it does", async () => {
  const page = await open("app=bank-order-service&refresh=1&search=getInstance");
  await page.click(frame("MessageDigest.getInstance"));
  const renders = () => page.requests.filter((url) => url.includes("/pyroscope/render?")).length;
  const before = renders();
  await page.until("new data came twice", `performance.getEntriesByType("resource").filter((e) => e.name.includes("/pyroscope/render?")).length >= ${before + 2}`);
  await graph(page);
  assert.equal(await page.evaluate(text("zoomed-text")), "java.security.MessageDigest.getInstance");
  assert.match(await page.evaluate(text("found")), /% of samples/);
  assert.ok((await width(page, "MessageDigest.getInstance")) > 500);
  unharmed(page);
});

test("where there is nothing, the page says what to do", async () => {
  const page = await browser.page();
  await page.goto(`${SERVER}/?app=nobody`);
  await page.until("the message", `document.getElementById("message").innerText.includes("No profile of nobody")`);
  await page.goto(`${SERVER}/?app=bank-order-service&type=wall:wall:nanoseconds:wall:nanoseconds`);
  await page.until("the other message", `document.getElementById("message").innerText.includes("sent no Wall clock profile")`);
  assert.match(await page.evaluate(`document.getElementById("message").innerText`), /profiler\.wall=50ms/);
  unharmed(page);
  await page.goto(`${SERVER}/?app=bank-order-service&labels=env%3D`);
  await page.until("a refusal", `document.getElementById("message").innerText.includes("refused the query")`);
  await page.click(`[...document.querySelectorAll("#message button")].find((button) => button.innerText === "Clear the labels")`);
  await graph(page);
});

test("the graph is walked and zoomed by keys alone", async () => {
  const page = await open("app=bank-order-service");
  await page.evaluate(`document.getElementById("flame").focus()`);
  for (const key of ["ArrowUp", "ArrowUp", "ArrowUp"]) await page.press(key);
  const said = await page.evaluate(`document.getElementById("flame").getAttribute("aria-label")`);
  assert.match(said, /java\.lang\.Thread\.runWith: Total 7\.13 s · 88\.6 %/);
  await page.press("Enter");
  await page.until("Enter zooms", `location.search.includes("zoom=")`);
  unharmed(page);
});
