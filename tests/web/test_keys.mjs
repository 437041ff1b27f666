// SPDX-License-Identifier: Apache-2.0
// Review by keyboard: every press counts, once, in its order, and the next image is there at once.
import assert from "node:assert/strict";
import { assertAtMost, demo, hardOnes, main, note, openPage, openReview, percentile, sent, test } from "./web.mjs";
import { timeKeys, typeAt } from "./typing.mjs";

const IMAGES = 250;
const RATE_HZ = 20;
const SECONDS = 10;
const NEXT_MS = 100;
let trommel, server;

const review = (dataset) => openReview(server, dataset);

test("200 images are confirmed by one key each, and each next image is there at once", async () => {
  const name = hardOnes(trommel, IMAGES, "confirmed");
  const page = await review(name);
  const { spans, seconds } = await timeKeys(page, 200);
  await sent(page);
  note(`key to next painted image: median ${percentile(spans, 0.5).toFixed(0)} ms, p95 ${percentile(spans, 0.95).toFixed(0)} ms of ${spans.length}; ${(200 / seconds).toFixed(1)} images a second`);
  assert.equal((await server.dataset(name)).labeled, 200);
  assertAtMost("p95 in ms", percentile(spans, 0.95), NEXT_MS);
});

test("at 20 keys a second for 10 seconds 200 decisions are made in their order and none is lost", async () => {
  const name = hardOnes(trommel, IMAGES, "fast");
  const order = trommel.samples(name, "--state", "tbc", "--sort", "-hard_coefficient").map(({ id }) => id);
  const labels = (await server.dataset(name)).labels.map((label) => label.name);
  const page = await review(name);
  const digits = Array.from({ length: RATE_HZ * SECONDS }, (_, at) => String(((at * 7) % Math.min(9, labels.length)) + 1));
  const hertz = await typeAt(page, digits, RATE_HZ);
  await sent(page);
  const rows = new Map(trommel.samples(name).map((row) => [row.id, row]));
  const wrong = digits.filter((digit, at) => {
    const row = rows.get(order[at]);
    return row.state !== "labeled" || row.labels.length !== 1 || row.labels[0].name !== labels[Number(digit) - 1];
  });
  note(`${digits.length} keys at ${hertz.toFixed(1)} a second: ${digits.length - wrong.length} decisions as pressed`);
  assert.equal(wrong.length, 0);
  assert.equal((await server.dataset(name)).labeled, digits.length);
});

test("keys go by their place on French and Russian keyboards", async () => {
  const name = hardOnes(trommel, 20, "layouts");
  const page = await review(name);
  const client = await page.context().newCDPSession(page);
  const press = async (code, key) => {
    for (const type of ["keyDown", "keyUp"]) await client.send("Input.dispatchKeyEvent", { type, code, key, ...(type === "keyDown" && { text: key }) });
  };
  await press("KeyF", "а"); // Russian
  await press("KeyF", "f"); // French
  await press("KeyR", "к");
  await press("Digit1", "&"); // French: digits want Shift
  await press("Digit2", "é");
  await press("Numpad3", "3");
  await sent(page);
  const shown = await server.dataset(name);
  note(`6 presses on other layouts: ${shown.labeled} labeled, ${shown.unlabeled} cleared`);
  assert.deepEqual([shown.labeled, shown.unlabeled], [5, 1]);
});

test("what is typed into a field decides nothing", async () => {
  const name = hardOnes(trommel, 20, "typed");
  const page = await openPage(server, `/datasets/${name}/label?state=to_be_confirmed`);
  await page.getByRole("gridcell").first().waitFor();
  await page.keyboard.press("Control+a");
  await page.getByRole("toolbar", { name: "Selection" }).waitFor();
  await page.getByRole("searchbox", { name: "Name or path contains" }).pressSequentially("fdr1wxh", { delay: 30 });
  await page.waitForTimeout(600);
  const shown = await server.dataset(name);
  assert.deepEqual([shown.to_be_confirmed, shown.labeled, shown.unlabeled], [20, 0, 0]);
  note("7 letters typed into the search: 0 decisions");
});

test("a screen reader is told names, states and what is done", async () => {
  const name = hardOnes(trommel, 20, "spoken");
  const page = await review(name);
  await page.getByRole("complementary", { name: "Evidence" }).waitFor();
  await page.getByRole("progressbar", { name: "Reviewed" }).waitFor();
  for (const button of ["Confirm", "Reject", "Not hard", "Previous", "Next"]) await page.getByRole("button", { name: button }).first().waitFor();
  const picture = await page.locator(".stage").getByRole("img").first().getAttribute("alt");
  assert.match(picture, /\.png, \w+/);
  await page.keyboard.press("e");
  const spoken = page.locator("[aria-live=polite]").filter({ hasText: /\d/ }).first();
  assert.match(await spoken.textContent(), /\w+ .*\d/);
  note(`the picture is "${picture}"; the reason is spoken`);
});

await main(async () => {
  trommel = demo("cls", 300);
  server = await trommel.serve();
});
