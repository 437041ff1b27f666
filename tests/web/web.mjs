// SPDX-License-Identifier: Apache-2.0
// What the tests of the console share: data made by the program itself, a server, a browser that notices what must never happen, and TAP.
// A test file is run as: node test_X.mjs PROGRAM SOURCE [ARGUMENT…].
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";

export const [PROGRAM, SOURCE] = process.argv.slice(2, 4).map((path) => resolve(path));
export const ARGUMENTS = process.argv.slice(4);
const CHROMIUM = "/usr/bin/chromium";
export const WAIT_MS = Number(process.env.TROMMEL_WEB_WAIT_MS ?? 30_000);
export const DESKTOP = { width: 1400, height: 900 };

const require = createRequire(join(SOURCE, "web/package.json"));
export const AXE = require.resolve("axe-core/axe.min.js");

// ---- the program ----

const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => name === "TROMMEL_ONNXRUNTIME" || !/^(TROMMEL_|XDG_)/.test(name)),
);

/** A folder that goes when the test ends. */
export function temporary() {
  const folder = mkdtempSync(join(tmpdir(), "trommel-web-"));
  process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export class Trommel {
  constructor(data) {
    this.data = data;
    this.environment = { ...environment, HOME: join(data, "home") };
  }

  /** The reply of a command, which must succeed. */
  ask(...args) {
    const text = execFileSync(PROGRAM, [...args.map(String), "--json", "--data", this.data], {
      env: this.environment,
      stdio: ["ignore", "pipe", "pipe"],
      maxBuffer: 1 << 28,
    });
    return text.length > 0 ? JSON.parse(text) : null;
  }

  samples(dataset, ...filters) {
    return this.ask("samples", "list", dataset, "--limit", 1000, ...filters);
  }

  /** The images that the demo's service ran over. */
  images() {
    const folder = join(this.folder, this.model === "garments" ? "images/stream" : "scenes/stream");
    return readdirSync(folder).sort().map((name) => join(folder, name));
  }

  serve(...options) {
    return Server.start(this, options);
  }
}

/** The demo's data: a service over `images` garments ("cls") or scenes ("det") that has run and was filtered, a training dataset V001. */
export function demo(type, images = 300) {
  const folder = temporary();
  const [made, data] = [join(folder, "demo"), join(folder, "data")];
  execFileSync(PROGRAM, ["demo", "--type", type, "--n", String(images), "--no-serve", "--dir", made], { env: environment, stdio: "ignore" });
  // A server's requests may not name what lies in its data folder.
  mkdirSync(data);
  for (const name of readdirSync(made)) if (/^(trommel\.|store$|cache$)/.test(name)) renameSync(join(made, name), join(data, name));
  const kind = type === "cls" ? "garments" : "scenes";
  return Object.assign(new Trommel(data), {
    folder: made, service: `${kind}-nightly`, train: `${kind}-train@V001`, training: `${kind}-train`, hard: `${kind}-hard`, model: kind });
}

/** A dataset of so many hard examples of a demo, all to be confirmed. */
export function hardOnes(trommel, count, name = "queue") {
  trommel.ask("sample", "filter", trommel.service, "--train", trommel.train, "--create", name, "--algo-hard-threshold", 0, "--group=false", "--top", count, "--wait");
  return name;
}

const running = new Set();
process.on("exit", () => running.forEach((process_) => process_.kill("SIGKILL")));
for (const signal of ["SIGTERM", "SIGINT"]) process.on(signal, () => process.exit(1));

export class Server {
  static async start(trommel, options = [], listen = "127.0.0.1:0") {
    const server = new Server();
    const auth = options.includes("--auth") ? [] : ["--auth", "none"];
    const args = ["serve", "--data", trommel.data, "--listen", listen, ...auth, "--roots", trommel.folder ?? trommel.data, "--access-log", "none", "--json", ...options];
    server.process = spawn(PROGRAM, args, { env: trommel.environment, stdio: ["ignore", "pipe", "pipe"] });
    running.add(server.process);
    server.said = "";
    server.process.stderr.on("data", (text) => (server.said += text));
    server.trommel = trommel;
    server.options = options;
    const line = await new Promise((found, failed) => {
      createInterface(server.process.stdout).once("line", found);
      server.process.once("exit", () => failed(new Error(`the server did not start: ${server.said}`)));
    });
    server.greeting = JSON.parse(line);
    server.url = server.greeting.url;
    return server;
  }

  async ask(method, path, body) {
    const headers = body === undefined ? {} : { "Content-Type": "application/json" };
    const reply = await fetch(`${this.url}/api/v1${path}`, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
    return reply.status === 204 ? null : reply.json();
  }

  dataset(name) {
    return this.ask("GET", `/datasets/${name}`).then((reply) => reply.dataset ?? reply);
  }

  async gone() {
    if (this.process.exitCode !== null || this.process.signalCode !== null) return;
    await new Promise((ended) => this.process.once("exit", ended));
  }

  async kill() {
    this.process.kill("SIGKILL");
    await this.gone();
  }

  async stop() {
    this.process.kill("SIGTERM");
    await this.gone();
  }

  /** Another one at the same address. */
  again() {
    return Server.start(this.trommel, this.options, new URL(this.url).host);
  }
}

// ---- the browser ----

const document_ = JSON.parse(readFileSync(join(SOURCE, "docs/openapi.json"), "utf8"));
const operations = Object.entries(document_.paths).map(([template, methods]) => ({
  pattern: new RegExp(`^${template.replace(/[.]/g, "\\.").replace(/\{\w+\}/g, "[^/]+")}$`),
  methods,
}));
export const called = new Set();

function isInDocument(method, path) {
  return operations.some(({ pattern, methods }) => pattern.test(path) && method.toLowerCase() in methods);
}

/** What no page may ever do: break its own policy, throw, ask anybody but its server, call what the document does not know. */
function watch(page, server, faults) {
  page.on("pageerror", (error) => faults.push(`the page threw: ${error.stack ?? error}`));
  page.on("console", (message) => {
    const text = message.text();
    if (/Content.Security.Policy|refused to (load|apply|execute|connect)/i.test(text)) faults.push(`CSP: ${text}`);
    else if (message.type() === "error" && !/Failed to load resource|ERR_|EventSource/.test(text)) faults.push(`the page says: ${text}`);
  });
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (["data:", "blob:"].includes(url.protocol)) return;
    if (url.origin !== server.url) faults.push(`asks ${request.url()}`);
    if (!url.pathname.startsWith("/api/")) return;
    const path = decodeURI(url.pathname);
    called.add(`${request.method()} ${path}`);
    if (!isInDocument(request.method(), path)) faults.push(`calls ${request.method()} ${path}, which docs/openapi.json does not know`);
  });
}

let browser;
export async function openBrowser() {
  const { chromium } = await import(require.resolve("playwright-core").replace(/index\.js$/, "index.mjs"));
  browser ??= await chromium.launch({ executablePath: CHROMIUM, args: process.getuid() === 0 ? ["--no-sandbox"] : [] });
  return browser;
}

const opened = [];
/** A page of its own browser profile, at a path below /ui. What must never happen fails the test that opened it. */
export async function openPage(server, path = "/", { theme = "light", size = DESKTOP, ...options } = {}) {
  const context = await (await openBrowser()).newContext({ viewport: size, colorScheme: theme, locale: "en-US", baseURL: `${server.url}/ui/`, ...options });
  context.setDefaultTimeout(WAIT_MS);
  const page = await context.newPage();
  page.faults = [];
  watch(page, server, page.faults);
  opened.push(page);
  await page.goto(`${server.url}/ui${path}`);
  return page;
}

/** Review of what waits in a dataset, with the introduction put away. */
export async function openReview(server, dataset, options) {
  const page = await openPage(server, `/datasets/${dataset}/review?state=to_be_confirmed`, options);
  await page.locator(".stage img.picture").waitFor();
  const introduction = page.getByRole("button", { name: "Do not show again" });
  if (await introduction.isVisible()) await introduction.click();
  return page;
}

/** How many decisions wait in the browser for the server. */
export const queued = (page) => page.evaluate(() => Object.keys(localStorage).filter((key) => key.startsWith("trommel.decision")).length);
export const sent = (page) => until("decisions are sent", async () => (await queued(page)) === 0, 120_000);

/** What axe finds, as sentences. */
export async function violations(page, options = {}) {
  await page.evaluate(readFileSync(AXE, "utf8"));
  const { violations: found } = await page.evaluate((given) => window.axe.run(document, given), { resultTypes: ["violations"], ...options });
  return found.flatMap(({ id, help, nodes }) => nodes.map(({ target, failureSummary }) => `${id} (${help}) at ${target.join(" ")}: ${failureSummary.replaceAll("\n", " ")}`));
}

// ---- TAP ----

const tests = [];
export const test = (sentence, run) => tests.push({ sentence, run });
export const note = (text) => console.log(`# ${text}`);

export async function until(what, condition, milliseconds = WAIT_MS) {
  const end = Date.now() + milliseconds;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) throw new Error(`waited ${milliseconds / 1000} s in vain: ${what}`);
    await new Promise((done) => setTimeout(done, 50));
  }
}

/** What a figure should be; held to it with TROMMEL_WEB_TIMES=1, by hand on a quiet machine: elsewhere times mean little. */
export function assertAtMost(name, value, most) {
  if (value <= most) return;
  const said = `${name} is ${value.toFixed(0)}, more than ${most}`;
  if (process.env.TROMMEL_WEB_TIMES) throw new Error(said);
  note(`${said}; ${(loadavg()[0] / availableParallelism()).toFixed(1)} wait for each processor`);
}

export function percentile(values, share) {
  return [...values].sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(values.length * share))];
}

/** Runs one test; a page whose `keep` is set stays open for the tests after it. */
async function runOne({ sentence, run }, number) {
  const start = Date.now();
  let verdict = "ok";
  try {
    await run();
    const faults = opened.flatMap((page) => page.faults);
    if (faults.length > 0) throw new Error([...new Set(faults)].join("\n"));
  } catch (error) {
    verdict = "not ok";
    console.error(error.stack ?? error);
    const shots = process.env.TROMMEL_WEB_SHOTS;
    if (shots) for (const [at, page] of opened.entries()) await page.screenshot({ path: `${shots}/${number}-${at}.png` }).catch(() => undefined);
  }
  for (const page of opened.splice(0)) {
    if (page.keep) opened.push(page);
    else await page.context().close().catch(() => undefined);
  }
  note(`${((Date.now() - start) / 1000).toFixed(1)} s:`);
  console.log(`${verdict} ${number} - ${sentence}`);
  return verdict === "ok";
}

/** Runs the tests of the file in their order. `prepare` makes what they share; of a walk no step is tried after one that failed. */
export async function main(prepare, { isWalk = false } = {}) {
  if (!existsSync(CHROMIUM)) {
    if (process.env.CI) throw new Error("chromium is not installed; tools/bootstrap --test");
    console.log("1..0 # SKIP chromium is not installed; tools/bootstrap --test");
    return;
  }
  if (prepare) await prepare();
  const only = process.env.TROMMEL_WEB_ONLY;
  let isGood = true;
  for (const [at, one] of tests.filter(({ sentence }) => !only || sentence.includes(only)).entries()) {
    if (isWalk && !isGood) console.log(`not ok ${at + 1} - ${one.sentence}`);
    else isGood = (await runOne(one, at + 1)) && isGood;
  }
  console.log(`1..${tests.length}`);
  await browser?.close();
  process.exit(isGood ? 0 : 1);
}
