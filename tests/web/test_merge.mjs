// SPDX-License-Identifier: Apache-2.0
// Add to training dataset, as a person does it: what will happen is told first, contradictions and what is there already are shown side by
// side, what was added is in the target, and all of it is taken back.
import assert from "node:assert/strict";
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { demo, main, note, openPage, test, until } from "./web.mjs";

let trommel, server, page, added;

const dialog = () => page.getByRole("dialog");
const button = (within, name) => within.getByRole("button", { name });
const count = async (within, name) => Number(await within.locator(".merge-counts li").filter({ hasText: name }).locator("strong").first().textContent());

/** A dataset of pictures with a label each: [file, which picture, label]. */
function dataset(name, rows) {
  const folder = join(trommel.folder, name);
  mkdirSync(folder);
  const images = trommel.images();
  for (const [file, image] of rows) copyFileSync(images[image], join(folder, file));
  writeFileSync(join(folder, "list.csv"), ["path,label,usage", ...rows.map(([file, , label]) => `${join(folder, file)},${label},TRAIN`)].join("\n"));
  trommel.ask("dataset", "create", name, "--type", "cls");
  trommel.ask("dataset", "import", name, join(folder, "list.csv"), "--wait");
}

test("the dialog tells what will happen before it happens", async () => {
  page = await openPage(server, "/datasets/found");
  page.keep = true;
  await button(page.getByRole("main"), "Add to training dataset").click();
  await button(dialog(), /Training dataset/).click();
  await page.getByRole("option", { name: "base" }).click();
  await button(dialog(), "Check what will happen").click();
  await dialog().getByText("What will happen", { exact: true }).waitFor();
  assert.deepEqual([await count(dialog(), "Added"), await count(dialog(), "Already there"), await count(dialog(), "Contradictions")], [3, 2, 1]);
  assert.equal((await server.dataset("base")).samples, 4, "a check changes nothing");
});

test("what was added is in the target, and the task's page says so", async () => {
  await button(dialog(), "Add 3 samples").click();
  await page.getByRole("heading", { name: "From found to base" }).waitFor();
  const result = page.getByRole("main");
  assert.deepEqual([await count(result, "Added"), await count(result, "Already there"), await count(result, "Contradictions")], [3, 2, 1]);
  added = trommel.samples("base").filter(({ source }) => source.includes("/found/"));
  assert.deepEqual(added.map(({ source, state, usage }) => [source.split("/").at(-1), state, usage]).sort(), [
    ["new0.png", "labeled", "TRAIN"],
    ["new1.png", "labeled", "TRAIN"],
    ["new2.png", "labeled", "TRAIN"],
  ]);
});

test("a contradiction and what was there already stand side by side, each a way into Review", async () => {
  const left = page.getByRole("region", { name: "Left to you" });
  const pair = left.getByRole("listitem");
  assert.equal(await pair.count(), 1);
  await pair.getByText("Contradiction: labeled in two ways").waitFor();
  const told = (await pair.locator(".merge-one").allInnerTexts()).map((text) => text.trim().split(/\n+/));
  assert.deepEqual(told, [
    ["bag", "other.png", "found"],
    ["boot", "b.png", "base"],
  ]);
  await until("both pictures are drawn", () => pair.locator("img").evaluateAll((images) => images.length === 2 && images.every(({ complete, naturalWidth }) => complete && naturalWidth > 0)));
  assert.equal(await page.getByRole("region", { name: "Already there" }).getByRole("listitem").count(), 2);
  const back = page.url();
  await pair.getByRole("link", { name: "Review b.png in base" }).click();
  await page.locator(".stage img.picture").waitFor();
  note(`a contradiction leads to ${new URL(page.url()).pathname}`);
  await page.goto(back);
});

test("undo takes back what was added, and nothing else", async () => {
  await button(page.getByRole("main"), "Undo").click();
  await page.getByText("It was taken back.").waitFor();
  const names = () => trommel.samples("base").map(({ source }) => source.split("/").slice(-2).join("/")).sort();
  assert.deepEqual(names(), ["base/a.png", "base/b.png", "base/c.png", "base/d.png"]);
  await button(page.getByRole("main"), "Redo").click();
  await button(page.getByRole("main"), "Undo").waitFor();
  await until("they are back", () => names().length === 7);
});

test("only what is selected on the Label page goes", async () => {
  trommel.ask("dataset", "create", "picked", "--type", "cls");
  await page.goto(`${server.url}/ui/datasets/found/label?state=labeled&sort=source`);
  const tile = page.getByRole("grid").getByRole("gridcell").first();
  await tile.waitFor();
  await tile.focus();
  await page.keyboard.press("Space");
  await button(page.getByRole("toolbar", { name: "Selection" }), "Add to training dataset").click();
  await dialog().getByText("Selected (1)").waitFor();
  await button(dialog(), /Training dataset/).click();
  await page.getByRole("option", { name: "picked" }).click();
  await button(dialog(), "Check what will happen").click();
  await button(dialog(), "Add 1 sample").click();
  await page.getByRole("heading", { name: "From found to picked" }).waitFor();
  assert.equal((await server.dataset("picked")).samples, 1);
});

await main(
  async () => {
    trommel = demo("cls", 100);
    dataset("base", [["a.png", 0, "coat"], ["b.png", 1, "boot"], ["c.png", 2, "shirt"], ["d.png", 3, "bag"]]);
    dataset("found", [["same.png", 0, "coat"], ["other.png", 1, "bag"], ["twin.png", 2, "shirt"], ["new0.png", 10, "coat"], ["new1.png", 11, "boot"], ["new2.png", 12, "bag"]]);
    server = await trommel.serve();
  },
  { isWalk: true },
);
