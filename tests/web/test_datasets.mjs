// SPDX-License-Identifier: Apache-2.0
// What one does with a dataset beside labelling: it is published with a split, imported, exported, compared, searched for duplicates.
import assert from "node:assert/strict";
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { demo, main, note, openPage, test, until } from "./web.mjs";

let trommel, server, files;

const dialog = (page) => page.getByRole("dialog");
const button = (within, name) => within.getByRole("button", { name, exact: true });
const more = async (page, dataset, item) => {
  await page.goto(`${server.url}/ui/datasets/${dataset}`);
  await button(page.getByRole("main"), "More").click();
  await page.getByRole("menuitem", { name: item }).click();
};
const turnOn = (page, name) => page.locator("label").filter({ has: page.getByRole("switch", { name }) }).click();

test("a split that is impossible is refused in words at its field, and another is published", async () => {
  trommel.ask("dataset", "create", "few", "--type", "cls");
  const rows = ["path,label", ...trommel.images().slice(0, 9).map((path, at) => `${path},${at < 3 ? "boot" : "coat"}`)];
  writeFileSync(join(files, "few.csv"), rows.join("\n"));
  trommel.ask("dataset", "import", "few", join(files, "few.csv"), "--wait");
  const page = await openPage(server, "/datasets/few?publish=1");
  await turnOn(page, /^Splitting/);
  await button(dialog(page), "Publish").click();
  const ratio = dialog(page).getByRole("textbox", { name: "Training set ratio" });
  await until("the field is marked", async () => (await ratio.getAttribute("aria-invalid")) === "true");
  const told = await dialog(page).locator(".field-error").first().textContent();
  note(`refused: ${told}`);
  assert.match(told, /at least 5 labeled samples of each label, and 'boot' has 3/);
  await turnOn(page, /^Splitting/);
  await button(dialog(page), "Publish").click();
  await dialog(page).waitFor({ state: "hidden" });
  assert.equal((await server.dataset("few")).current_version, "V001");
});

test("a split that is possible says its ratio and seed in the list of versions", async () => {
  const page = await openPage(server, `/datasets/${trommel.training}?publish=1`, { size: { width: 1600, height: 900 } });
  await turnOn(page, /^Splitting/);
  await dialog(page).getByRole("textbox", { name: "Seed" }).fill("7");
  await dialog(page).getByRole("textbox", { name: "Description" }).click();
  await button(dialog(page), "Publish").click();
  await dialog(page).waitFor({ state: "hidden" });
  const [{ train_ratio: ratio, seed }] = trommel.ask("dataset", "versions", trommel.training).filter(({ name }) => name === "V002");
  assert.deepEqual([ratio, seed], [0.8, 7]);
});

test("an import tells each bad line by its number", async () => {
  writeFileSync(join(files, "bad.csv"), ["path,label,usage", `${trommel.images()[20]},coat,TRAIN`, ",coat,TRAIN", `${trommel.images()[21]},coat,SOMETIMES`].join("\n"));
  const page = await openPage(server, "/");
  await more(page, "few", "Import…");
  await button(dialog(page), "Browse…").first().click();
  await page.getByRole("option").first().click();
  await page.getByRole("option", { name: "files" }).click();
  await page.getByRole("option", { name: /bad\.csv/ }).click();
  await button(dialog(page), "Import").click();
  await page.getByRole("button", { name: "Task", exact: true }).click();
  const table = page.getByRole("grid", { name: "Lines that were refused" });
  const told = table.getByRole("row").filter({ hasText: "SOMETIMES" });
  await told.waitFor();
  assert.match(await told.textContent(), /^4/);
  await table.getByRole("row").filter({ hasText: "names no image" }).getByText("3", { exact: true }).waitFor();
  assert.equal((await server.dataset("few")).samples, 10);
});

test("an import takes only the labels that are wanted", async () => {
  const page = await openPage(server, "/");
  trommel.ask("dataset", "create", "chosen", "--type", "cls");
  await more(page, "chosen", "Import…");
  await dialog(page).getByRole("textbox", { name: "Path", exact: true }).fill(join(files, "few.csv"));
  await dialog(page).getByRole("button", { name: /Format/ }).click();
  await page.getByRole("option", { name: /CSV/ }).click();
  await dialog(page).getByRole("textbox", { name: "Excluded labels" }).fill("boot");
  await button(dialog(page), "Import").click();
  await until("they are there", async () => (await server.dataset("chosen")).labeled === 6);
});

test("an export lists the samples that its format cannot hold", async () => {
  const page = await openPage(server, "/");
  trommel.ask("dataset", "create", "mixed", "--type", "cls");
  writeFileSync(join(files, "mixed.csv"), ["path,label", `${trommel.images()[30]},coat`, `${trommel.images()[31]},`].join("\n"));
  trommel.ask("dataset", "import", "mixed", join(files, "mixed.csv"), "--wait");
  await more(page, "mixed", "Export…");
  await dialog(page).getByRole("textbox", { name: "Folder" }).fill(join(files, "out"));
  await dialog(page).getByRole("button", { name: /Format/ }).click();
  await page.getByRole("option", { name: /ImageNet/ }).click();
  await dialog(page).getByRole("radio", { name: "All", exact: true }).check({ force: true });
  await dialog(page).getByRole("radio", { name: /Linked/ }).check({ force: true });
  await button(dialog(page), "Export").click();
  await page.getByRole("button", { name: "Task", exact: true }).click();
  await page.getByRole("grid", { name: "Samples that were left out" }).getByText("unlabeled images").first().waitFor();
  assert.ok(readdirSync(join(files, "out")).length > 0);
});

test("two versions are compared by what changed", async () => {
  const before = await server.dataset("few");
  await server.ask("POST", "/datasets/few/samples:decide", { target: { query: { label: "boot" } }, action: "confirm", labels: ["coat"] });
  trommel.ask("dataset", "publish", "few", "--wait");
  const page = await openPage(server, "/datasets/few?tab=versions");
  await page.getByRole("link", { name: "Compare versions" }).click();
  await page.getByRole("heading", { level: 1, name: "Compare versions" }).waitFor();
  await page.getByRole("radio", { name: /3 Relabelled/ }).waitFor();
  await page.getByRole("row", { name: /coat/ }).filter({ hasText: "+4" }).waitFor();
  await page.getByRole("radio", { name: /1 Added/ }).click();
  await until("only those are listed", async () => (await page.locator(".change").count()) === 1);
  assert.match(page.url(), /kind=added/);
  assert.equal(before.current_version, "V001");
});

test("duplicates are found, those on both sides of a split first", async () => {
  const [image] = trommel.images();
  const bytes = readFileSync(image);
  for (const name of ["a.png", "b.png"]) writeFileSync(join(files, name), bytes);
  writeFileSync(join(files, "twins.csv"), ["path,label,usage", `${join(files, "a.png")},coat,TRAIN`, `${join(files, "b.png")},boot,EVAL`].join("\n"));
  trommel.ask("dataset", "create", "twins", "--type", "cls");
  trommel.ask("dataset", "import", "twins", join(files, "twins.csv"), "--wait");
  const page = await openPage(server, "/");
  await more(page, "twins", "Duplicates");
  await button(page.getByRole("main"), "Find duplicates").first().click();
  await button(dialog(page), "Find").click();
  await page.getByText(/^Leak/).first().waitFor();
  await page.getByText(/^Contradiction:/).waitFor();
  await page.getByRole("link", { name: /b\.png|Review/ }).last().click();
  await page.locator(".stage img.picture").waitFor();
});

await main(async () => {
  trommel = demo("cls", 100);
  files = join(trommel.folder, "files");
  mkdirSync(files);
  server = await trommel.serve();
});
