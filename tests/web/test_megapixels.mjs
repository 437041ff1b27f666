// SPDX-License-Identifier: Apache-2.0
// Review over images of 2 megapixels, as cameras make them. With TROMMEL_WEB_TIMES=1 there are 1,000 of them, and times are held to their limits.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { SOURCE, assertAtMost, demo, main, note, openReview, percentile, sent, test } from "./web.mjs";
import { timeKeys, typeAt } from "./typing.mjs";

const IS_TIMED = process.env.TROMMEL_WEB_TIMES !== undefined;
const IMAGES = IS_TIMED ? 1000 : 60;
const KEYS = IS_TIMED ? 250 : 50;
const RATE_HZ = 20;
const SECONDS = IS_TIMED ? 10 : 2;
const NEXT_MS = 100;
const SERVICE = "photographs";
let trommel, server;

/** A dataset of all of them, to be confirmed. */
function all(name) {
  trommel.ask("sample", "filter", SERVICE, "--create", name, "--algo-hard-threshold", 0, "--aug-budget", 0, "--group=false", "--wait");
  return name;
}

test("after each key the next image of 2 megapixels is there at once", async () => {
  const name = all("confirmed");
  assert.equal((await server.dataset(name)).to_be_confirmed, IMAGES);
  const page = await openReview(server, name);
  const { spans, seconds } = await timeKeys(page, KEYS);
  await sent(page);
  const [width, height] = await page.evaluate(() => [document.querySelector(".stage img.picture").naturalWidth, document.querySelector(".stage img.picture").naturalHeight]);
  note(`${IMAGES} images of 1920 × 1080, shown at ${width} × ${height}: key to next painted image median ${percentile(spans, 0.5).toFixed(0)} ms, p95 ${percentile(spans, 0.95).toFixed(0)} ms, worst ${Math.max(...spans).toFixed(0)} ms of ${spans.length}; ${(KEYS / seconds).toFixed(1)} images a second`);
  assert.equal((await server.dataset(name)).labeled, KEYS);
  assertAtMost("p95 in ms", percentile(spans, 0.95), NEXT_MS);
});

test("at 20 keys a second every key is a decision about the image that was shown, in order", async () => {
  const name = all("fast");
  const order = trommel.samples(name, "--state", "tbc", "--sort", "-hard_coefficient").map(({ id }) => id);
  const labels = (await server.dataset(name)).labels.map((label) => label.name);
  const page = await openReview(server, name);
  const digits = Array.from({ length: RATE_HZ * SECONDS }, (_, at) => String(((at * 7) % Math.min(9, labels.length)) + 1));
  const hertz = await typeAt(page, digits, RATE_HZ);
  await sent(page);
  const rows = new Map(trommel.samples(name).map((row) => [row.id, row]));
  const wrong = digits.filter((digit, at) => rows.get(order[at]).labels.map((label) => label.name).join() !== labels[Number(digit) - 1]);
  note(`${digits.length} keys at ${hertz.toFixed(1)} a second: ${digits.length - wrong.length} decisions as pressed`);
  assert.equal(wrong.length, 0);
  assert.equal((await server.dataset(name)).labeled, digits.length);
});

await main(async () => {
  trommel = demo("cls", 100);
  const input = join(trommel.folder, SERVICE);
  execFileSync("/usr/bin/python3", [join(SOURCE, "tests/web/make_pictures.py"), input, String(IMAGES)], { stdio: ["ignore", "ignore", "inherit"] });
  trommel.ask("service", "deploy", "--name", SERVICE, "--model", trommel.model, "--input", input, "--output", join(trommel.folder, "out"), "--wait");
  server = await trommel.serve();
});
