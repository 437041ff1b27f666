// SPDX-License-Identifier: Apache-2.0
// The tabs of a dataset: ranges of features are dragged and lead to the samples, activity is undone, sources lead to what they brought.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { demo, main, note, openPage, test, until } from "./web.mjs";

let trommel, server;

const total = async (dataset, filter) => (await server.ask("POST", `/datasets/${dataset}/samples:query`, { filter, limit: 1 })).total;
const tab = (page, name) => page.getByRole("tab", { name, exact: true });

async function shownRange(page) {
  const link = page.getByRole("link", { name: /^Show [\d,]+ samples?$/ });
  await link.waitFor();
  return { count: Number((await link.textContent()).replace(/\D/g, "")), link };
}
const rangeOf = (page) => /brightness:([^.]*(?:\.\d+)?)\.\.(.*)$/.exec(decodeURIComponent(new URL(page.url()).searchParams.get("feature")));

test("a range dragged over a histogram opens the Label page with just these samples, and the chip takes it away", async () => {
  const page = await openPage(server, `/datasets/${trommel.training}?tab=features`);
  const card = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "Brightness", exact: true }) });
  const box = await card.locator("svg.brushed").boundingBox();
  await page.mouse.move(box.x + box.width * 0.25, box.y + 40);
  await page.mouse.down();
  await page.mouse.move(box.x + box.width * 0.5, box.y + 40, { steps: 6 });
  await page.mouse.up();
  const { count, link } = await shownRange(page);
  await link.click();
  await page.getByRole("group", { name: "Conditions" }).waitFor();
  const [, low, high] = rangeOf(page);
  note(`brightness ${low} to ${high}: ${count}`);
  assert.ok(count > 0);
  assert.equal(await total(trommel.training, { feature: { name: "brightness", min: Number(low), max: Number(high) } }), count);
  await page.getByText(`${count.toLocaleString("en")} samples`, { exact: true }).waitFor();
  await page.reload();
  const chip = page.getByRole("button", { name: /^Remove condition: Brightness/ });
  await page.getByRole("checkbox", { name: /^Brightness/ }).waitFor();
  await chip.click();
  await until("the range is gone", async () => !new URL(page.url()).searchParams.has("feature"));
});

test("a range is chosen by keyboard, with its ends said", async () => {
  const page = await openPage(server, `/datasets/${trommel.training}?tab=features`);
  const ends = page.getByRole("group", { name: "Range of Brightness" }).getByRole("slider");
  await ends.first().focus();
  for (let i = 0; i < 3; i++) await page.keyboard.press("ArrowRight");
  await ends.nth(1).focus();
  for (let i = 0; i < 10; i++) await page.keyboard.press("ArrowLeft");
  assert.match(await ends.first().getAttribute("aria-label"), /^from \d/);
  const { count, link } = await shownRange(page);
  await link.focus();
  await page.keyboard.press("Enter");
  await page.getByRole("group", { name: "Conditions" }).waitFor();
  const [, low, high] = rangeOf(page);
  await until("the count is that of the range", async () => (await total(trommel.training, { feature: { name: "brightness", min: Number(low), max: Number(high) } })) === count);
});

test("what was decided is listed newest first, undone and redone", async () => {
  const [one, other] = trommel.samples(trommel.hard).map(({ id }) => id);
  const decide = (id, action) => server.ask("POST", `/datasets/${trommel.hard}/samples:decide`, { target: { ids: [id] }, action });
  await decide(one, "clear_hard");
  await decide(other, "exclude");
  const page = await openPage(server, `/datasets/${trommel.hard}`);
  await tab(page, "Activity").click();
  const rows = page.getByRole("grid", { name: "What people changed" }).getByRole("row");
  await rows.nth(1).getByText("Left out").waitFor();
  await rows.nth(2).getByText("Marked as not hard").waitFor();
  const before = (await server.dataset(trommel.hard)).samples;
  await page.getByRole("button", { name: "Undo: Left out, 1 sample", exact: true }).click();
  const redo = page.getByRole("button", { name: "Redo: Left out, 1 sample", exact: true });
  await redo.waitFor();
  assert.equal((await server.dataset(trommel.hard)).samples, before + 1);
  await rows.nth(1).getByText("taken back").waitFor();
  await redo.click();
  await page.getByRole("button", { name: "Undo: Left out, 1 sample", exact: true }).waitFor();
  assert.equal((await server.dataset(trommel.hard)).samples, before);
});

test("older operations come page by page", async () => {
  const ids = trommel.samples(trommel.hard).map(({ id }) => id);
  for (let i = 0; i < 26; i++) await server.ask("POST", `/datasets/${trommel.hard}/samples:decide`, { target: { ids: [ids[5]] }, action: i % 2 ? "mark_hard" : "clear_hard" });
  const page = await openPage(server, `/datasets/${trommel.hard}?tab=activity`);
  const rows = page.getByRole("grid", { name: "What people changed" }).getByRole("row");
  await until("a page is shown", async () => (await rows.count()) === 26);
  await page.getByRole("button", { name: "Show older" }).click();
  await until("the next is shown too", async () => (await rows.count()) > 26);
  await page.getByRole("grid", { name: "Tasks" }).or(page.getByText("No task has worked on it yet")).first().waitFor();
});

test("a source says what it brought and leads to just these samples", async () => {
  const page = await openPage(server, `/datasets/${trommel.hard}?tab=sources`);
  const [source] = (await server.ask("GET", `/datasets/${trommel.hard}/sources`)).sources;
  const row = page.getByRole("grid", { name: "What brought the samples" }).getByRole("row").nth(1);
  await row.getByRole("link", { name: trommel.service, exact: true }).waitFor();
  await row.getByRole("link", { name: `Show ${source.samples} samples` }).click();
  await page.getByRole("button", { name: new RegExp(`Brought by task ${source.task.slice(0, 8)}`) }).waitFor();
  await page.getByText(`${source.samples} samples`, { exact: true }).waitFor();
  assert.equal(await total(trommel.hard, { and: [{ origin_task: source.task }, { excluded: false }] }), source.samples);
});

test("who only reads sees everything and changes nothing", async () => {
  const password = join(trommel.folder, "password");
  writeFileSync(password, "correct horse 7");
  for (const [name, role] of [["root", "admin"], ["rita", "read"]]) trommel.ask("user", "add", name, "--role", role, "--password-file", password);
  await server.stop();
  server = await trommel.serve("--auth", "password");
  const page = await openPage(server, `/datasets/${trommel.hard}?tab=activity`);
  await page.getByRole("textbox", { name: "User" }).fill("rita");
  await page.getByRole("textbox", { name: "Password" }).fill("correct horse 7");
  await page.getByRole("button", { name: "Sign in", exact: true }).click();
  const undo = page.getByRole("button", { name: /^Undo: / }).first();
  await undo.waitFor();
  assert.equal(await undo.getAttribute("aria-disabled"), "true");
  await page.goto(`${server.url}/ui/datasets/${trommel.hard}?tab=sources`);
  const importing = page.getByRole("button", { name: "Import…" });
  await importing.waitFor();
  assert.equal(await importing.getAttribute("aria-disabled"), "true");
});

await main(async () => {
  trommel = demo("cls");
  trommel.ask("dataset", "features", trommel.training, "--wait");
  server = await trommel.serve();
});
