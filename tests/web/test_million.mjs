// SPDX-License-Identifier: Apache-2.0
// A large dataset: the first tiles, the last one, all selected, a filter. A million samples when times are held to what they should be
// (TROMMEL_WEB_TIMES=1), which takes minutes to make; else fewer. Argument: the program bench/fill_samples.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { resolve } from "node:path";
import { ARGUMENTS, assertAtMost, main, note, openPage, percentile, temporary, test, Trommel, until } from "./web.mjs";

const SAMPLES = Number(process.env.TROMMEL_WEB_SAMPLES ?? (process.env.TROMMEL_WEB_TIMES ? 1_000_000 : 200_000));
const TILES_MS = 300;
const FILTER_MS = 200;
const whole = SAMPLES.toLocaleString("en-US");
let server;

const total = (page, count) => page.getByText(`${count} samples`, { exact: true }).first().waitFor();
const tiles = (page, options) => page.locator("[role=gridcell]:has(.tile-words)").first().waitFor(options);

test("the first tiles are there soon, and the last sample is one key away", async () => {
  const page = await openPage(server, "/datasets/million/label");
  await tiles(page, { timeout: 120_000 }); // the server reads all samples once
  const spans = [];
  for (let at = 0; at < 5; at++) {
    await page.goto(`${server.url}/ui/datasets`);
    const link = page.locator('a[href="/ui/datasets/million"]').first();
    await link.click();
    await page.getByRole("link", { name: "Label", exact: true }).waitFor();
    const start = performance.now();
    await page.getByRole("link", { name: "Label", exact: true }).click();
    await tiles(page);
    spans.push(performance.now() - start);
  }
  await page.goto(`${server.url}/ui/datasets/million/label`);
  await tiles(page);
  const memory = async () => (await page.evaluate(() => performance.memory.usedJSHeapSize)) / 1e6;
  const before = await memory();
  await page.getByRole("gridcell").first().focus();
  await page.keyboard.press("Control+End");
  await page.locator(`[data-place="${SAMPLES - 1}"]:has(.tile-words)`).waitFor();
  const cells = await page.getByRole("gridcell").count();
  for (let at = 0; at < 20; at++) await page.keyboard.press("PageUp");
  await page.keyboard.press("Control+Home");
  await page.locator('[data-place="0"]:has(.tile-words)').waitFor();
  const after = await memory();
  note(`first tiles of ${whole}: median ${percentile(spans, 0.5).toFixed(0)} ms; the last reached; ${cells} cells on the page; memory ${before.toFixed(0)} MB, then ${after.toFixed(0)} MB`);
  assertAtMost("first tiles in ms", percentile(spans, 0.5), TILES_MS);
  assert.ok(cells < 200 && after < before + 60);
});

test("all that match are selected and counted", async () => {
  const page = await openPage(server, "/datasets/million/label");
  await tiles(page);
  await page.keyboard.press("Control+a");
  await page.getByRole("toolbar", { name: "Selection" }).getByText(`${whole} of ${whole} selected`).waitFor();
  note(`${whole} of ${whole} selected`);
});

test("a filter's samples and counts follow at once", async () => {
  const page = await openPage(server, "/datasets/million/label");
  await tiles(page);
  await total(page, whole);
  const spans = [];
  for (const state of ["Labeled", "To Be Confirmed", "Unlabeled", "All", "Labeled", "To Be Confirmed"]) {
    const asked = page.waitForResponse((reply) => /samples:query|\/samples\?/.test(reply.url()));
    const start = performance.now();
    await page.getByRole("group", { name: "State" }).getByRole("button", { name: new RegExp(`^${state}`) }).click();
    await Promise.race([asked, page.waitForTimeout(2000)]);
    await until("tiles", () => page.locator("[role=gridcell]:has(.tile-words)").count());
    spans.push(performance.now() - start);
  }
  note(`a filter over ${whole}: median ${percentile(spans, 0.5).toFixed(0)} ms to its tiles`);
  assertAtMost("a filter in ms", percentile(spans, 0.5), FILTER_MS);
});

await main(async () => {
  const trommel = new Trommel(temporary());
  trommel.ask("dataset", "list");
  const start = performance.now();
  execFileSync(resolve(ARGUMENTS[0]), [`sqlite:${trommel.data}/trommel.db`, "million", String(SAMPLES)], { stdio: "ignore" });
  note(`${whole} samples made in ${((performance.now() - start) / 1000).toFixed(0)} s`);
  server = await trommel.serve();
});
