// A headless Chromium, driven over the DevTools protocol through a pipe: no package and no open port is needed.

import { spawn } from "node:child_process";
import { accessSync, constants, mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";

const NAMES = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome-headless-shell"];
const FLAGS = [
  "--headless=new",
  "--remote-debugging-pipe",
  "--no-first-run",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-default-apps",
  "--disable-extensions",
  "--disable-sync",
  "--hide-scrollbars",
  "--window-size=1440,900",
];
/** The longest that a condition may take to come true. */
const PATIENCE_MS = 15_000;
const POLL_MS = 40;

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The browser named by CHROMIUM, or the first that the search path has. */
function findBrowser() {
  const { CHROMIUM, PATH = "" } = process.env;
  const candidates = CHROMIUM ? [CHROMIUM] : NAMES.flatMap((name) => PATH.split(delimiter).map((directory) => join(directory, name)));
  const found = candidates.find(isExecutable);
  if (found) return found;
  throw new Error(`no Chromium found: install one (Debian: apt-get install --no-install-recommends chromium) or name it in CHROMIUM`);
}

export const sleep = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

export class Browser {
  #waiting = new Map();
  #listeners = [];
  #next = 1;

  static async launch() {
    const browser = new Browser();
    browser.profile = mkdtempSync(join(tmpdir(), "pyrite-chromium-"));
    // Without its own sandbox, because containers often forbid it; only our own server's page is opened.
    const flags = [...FLAGS, "--no-sandbox", `--user-data-dir=${browser.profile}`];
    browser.process = spawn(findBrowser(), flags, { stdio: ["ignore", "ignore", "ignore", "pipe", "pipe"] });
    browser.process.on("exit", () => browser.#fail(new Error("Chromium ended")));
    browser.process.stdio[3].on("error", () => {});
    browser.#read(browser.process.stdio[4]);
    return browser;
  }

  /** Messages are JSON texts with a NUL after each. */
  #read(pipe) {
    let rest = Buffer.alloc(0);
    pipe.on("data", (data) => {
      rest = Buffer.concat([rest, data]);
      for (let end = rest.indexOf(0); end >= 0; end = rest.indexOf(0)) {
        this.#receive(JSON.parse(rest.subarray(0, end).toString()));
        rest = rest.subarray(end + 1);
      }
    });
  }

  #receive(message) {
    if (!message.id) return this.#listeners.forEach((listener) => listener(message));
    const { resolve, reject } = this.#waiting.get(message.id);
    this.#waiting.delete(message.id);
    if (message.error) reject(new Error(message.error.message));
    else resolve(message.result);
  }

  #fail(error) {
    for (const { reject } of this.#waiting.values()) reject(error);
    this.#waiting.clear();
  }

  send(method, params = {}, sessionId = undefined) {
    const id = this.#next++;
    const answer = new Promise((resolve, reject) => this.#waiting.set(id, { resolve, reject }));
    this.process.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    return answer;
  }

  listen(listener) {
    this.#listeners.push(listener);
  }

  /** Opens an empty page that reports errors, requests and dialogs. */
  async page({ dark = false } = {}) {
    const { targetId } = await this.send("Target.createTarget", { url: "about:blank" });
    const { sessionId } = await this.send("Target.attachToTarget", { targetId, flatten: true });
    const page = new Page(this, sessionId);
    for (const domain of ["Page", "Runtime", "Network", "Log"]) await page.send(`${domain}.enable`);
    await page.send("Emulation.setDeviceMetricsOverride", { width: 1440, height: 900, deviceScaleFactor: 1, mobile: false });
    const features = [
      { name: "prefers-color-scheme", value: dark ? "dark" : "light" },
      { name: "prefers-reduced-motion", value: "reduce" },
    ];
    await page.send("Emulation.setEmulatedMedia", { features });
    return page;
  }

  async close() {
    const ended = new Promise((resolve) => this.process.once("exit", resolve));
    await Promise.race([this.send("Browser.close").catch(() => {}), sleep(2000)]);
    if (this.process.exitCode === null) this.process.kill("SIGKILL");
    await ended;
    // Processes of the browser may write for a moment longer; a directory left behind is no failure of the page.
    await rm(this.profile, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }).catch(() => {});
  }
}

class Page {
  /** Uncaught exceptions, error lines of the console, broken policies, and dialogs. */
  problems = [];
  /** Addresses of all requests. */
  requests = [];

  constructor(browser, sessionId) {
    this.browser = browser;
    this.sessionId = sessionId;
    browser.listen((message) => message.sessionId === sessionId && this.#event(message));
  }

  #event({ method, params }) {
    if (method === "Runtime.exceptionThrown") this.problems.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled" && params.type === "error") this.problems.push(params.args.map((arg) => arg.value ?? arg.description).join(" "));
    if (method === "Log.entryAdded" && params.entry.level === "error") this.problems.push(`${params.entry.text} ${params.entry.url ?? ""}`);
    if (method === "Network.requestWillBeSent") this.requests.push(params.request.url);
    if (method === "Page.javascriptDialogOpening") {
      this.problems.push(`dialog: ${params.message}`);
      this.send("Page.handleJavaScriptDialog", { accept: true });
    }
  }

  send(method, params) {
    return this.browser.send(method, params, this.sessionId);
  }

  async goto(url) {
    await this.send("Page.navigate", { url });
  }

  /** The value of an expression in the page. */
  async evaluate(expression) {
    const { result, exceptionDetails } = await this.send("Runtime.evaluate", { expression, returnByValue: true, awaitPromise: true });
    if (exceptionDetails) throw new Error(`${expression}: ${exceptionDetails.exception?.description ?? exceptionDetails.text}`);
    return result.value;
  }

  /** Waits until an expression is truthy, and returns it. While a page is being built it may well throw. */
  async until(what, expression) {
    const end = Date.now() + PATIENCE_MS;
    for (;;) {
      const value = await this.evaluate(expression).catch((error) => ((this.thrown = error), null));
      if (value) return value;
      if (Date.now() > end) throw new Error(`waited in vain until ${what}; ${await this.#story()}`);
      await sleep(POLL_MS);
    }
  }

  /** What the page shows and what went wrong in it, for the message of a failed test. */
  async #story() {
    const shown = await this.evaluate(`document.body.innerText.replaceAll(/\\s+/g, " ").slice(0, 600)`).catch(String);
    return `the page says: ${shown}; its problems: ${this.problems.join("; ")}; the last error: ${this.thrown?.message}`;
  }

  /** The middle of the first element that an expression gives, in window coordinates. */
  async middle(expression) {
    const box = await this.until(`there is ${expression}`, `(() => { const e = ${expression}; if (!e) return null; e.scrollIntoView({block: "nearest"}); const b = e.getBoundingClientRect(); return b.width ? [b.x, b.y, b.width, b.height] : null; })()`);
    return { x: box[0] + box[2] / 2, y: box[1] + box[3] / 2, box };
  }

  async mouse(type, { x, y }) {
    await this.send("Input.dispatchMouseEvent", { type, x, y, button: type === "mouseMoved" ? "none" : "left", clickCount: 1 });
  }

  async hover(expression) {
    await this.mouse("mouseMoved", await this.middle(expression));
  }

  async click(expression) {
    const point = await this.middle(expression);
    for (const type of ["mouseMoved", "mousePressed", "mouseReleased"]) await this.mouse(type, point);
  }

  /** Presses, moves in steps, and lets go. */
  async drag(from, to) {
    await this.mouse("mouseMoved", from);
    await this.mouse("mousePressed", from);
    for (const part of [0.25, 0.5, 0.75, 1]) {
      await this.send("Input.dispatchMouseEvent", { type: "mouseMoved", x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part, button: "left", buttons: 1 });
    }
    await this.mouse("mouseReleased", to);
  }

  async type(text) {
    await this.send("Input.insertText", { text });
  }

  async press(key) {
    const text = key === "Enter" ? "\r" : key.length === 1 ? key : undefined;
    await this.send("Input.dispatchKeyEvent", { type: "keyDown", key, text });
    await this.send("Input.dispatchKeyEvent", { type: "keyUp", key });
  }

  async screenshot(path) {
    const { data } = await this.send("Page.captureScreenshot", { format: "png" });
    writeFileSync(path, Buffer.from(data, "base64"));
  }
}
