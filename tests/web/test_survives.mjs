// SPDX-License-Identifier: Apache-2.0
// Decisions outlive lost connections, killed servers and reloads; two people at one sample see each other; undo knows no reload.
import assert from "node:assert/strict";
import { demo, hardOnes, main, note, openReview, queued, sent, test, until } from "./web.mjs";

let trommel, server;

const review = (dataset) => openReview(server, dataset);
/** One decision after the other, each on a sample that is shown. */
async function confirm(page, times) {
  for (let at = 0; at < times; at++) {
    const before = await page.locator(".stage img.picture").getAttribute("src");
    await page.keyboard.press("f");
    await page.waitForFunction((src) => document.querySelector(".stage img.picture")?.getAttribute("src") !== src, before);
  }
}
/** What an operation of the dataset touched, newest first. */
const operations = (dataset) => server.ask("GET", `/operations?dataset=${dataset}&limit=1000`).then((reply) => reply.operations);

test("a server killed in the middle gets every decision once when it is back", async () => {
  const name = hardOnes(trommel, 60, "killed");
  const page = await review(name);
  await confirm(page, 5);
  await sent(page);
  await server.kill();
  await confirm(page, 8); // from what was fetched ahead
  await page.getByText(/decisions? waits? in this browser/i).first().waitFor();
  const waiting = await queued(page);
  server = await server.again();
  await sent(page);
  const shown = await server.dataset(name);
  const made = await operations(name);
  note(`${waiting} decisions waited for the server; ${shown.labeled} labeled, ${made.length} operations`);
  assert.equal(shown.labeled, 13);
  assert.equal(made.length, 13);
});

test("decisions wait over a lost connection and a reload of the page", async () => {
  const name = hardOnes(trommel, 40, "offline");
  const page = await review(name);
  await confirm(page, 1);
  await sent(page);
  await page.context().setOffline(true);
  await confirm(page, 6);
  await until("decisions wait", async () => (await queued(page)) === 6);
  await page.context().setOffline(false);
  await page.reload();
  await sent(page);
  const shown = await server.dataset(name);
  note(`6 decisions without a connection: ${shown.labeled} labeled after the reload`);
  assert.equal(shown.labeled, 7);
});

test("whoever decides a sample that another changed meanwhile sees the other's decision and loses none", async () => {
  const name = hardOnes(trommel, 20, "two");
  const page = await review(name);
  const [first] = trommel.samples(name, "--state", "tbc").sort((a, b) => b.hard_coefficient - a.hard_coefficient);
  trommel.ask("samples", "confirm", first.id, "--labels", "bag");
  await page.keyboard.press("f");
  const told = page.getByRole("alert").first();
  await told.waitFor();
  assert.match(await told.textContent(), /somebody else|bag/);
  const after = trommel.samples(name).find(({ id }) => id === first.id);
  note(`the other's label stays: ${after.labels.map((label) => label.name)}; told: "${(await told.textContent()).trim()}"`);
  assert.deepEqual(after.labels.map((label) => label.name), ["bag"]);
});

test("50 decisions are taken back one by one after a reload", async () => {
  const name = hardOnes(trommel, 60, "undone");
  const page = await review(name);
  await confirm(page, 50);
  await sent(page);
  assert.equal((await server.dataset(name)).labeled, 50);
  await page.reload();
  await page.locator(".stage img.picture").waitFor();
  for (let left = 49; left >= 0; left--) {
    await page.keyboard.press("Control+z");
    await until(`${left} are left`, async () => (await server.dataset(name)).labeled === left, 10_000);
  }
  const shown = await server.dataset(name);
  note(`50 steps back after a reload: ${shown.to_be_confirmed} wait again`);
  assert.equal(shown.to_be_confirmed, 60);
});

await main(async () => {
  trommel = demo("cls", 200);
  server = await trommel.serve();
});
