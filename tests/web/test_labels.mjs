// SPDX-License-Identifier: Apache-2.0
// The label set of a dataset: made, renamed, merged and deleted, each undone; keys and colours reach where one labels.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { demo, hardOnes, main, note, openPage, openReview, test, until } from "./web.mjs";

let trommel, server, queue;

const dialog = (page) => page.locator('[role="dialog"], [role="alertdialog"]');
const button = (within, name) => within.getByRole("button", { name, exact: true });
const labels = async (dataset = trommel.training) => (await server.ask("GET", `/datasets/${dataset}/labels`)).labels;
const named = async (name, dataset) => (await labels(dataset)).find((label) => label.name === name);
const open = (dataset = trommel.training, options) => openPage(server, `/datasets/${dataset}?tab=labels`, options);
const more = async (page, name, item) => {
  await button(page, `More: ${name}`).click();
  await page.getByRole("menuitem", { name: item }).click();
};

test("a label is made with a colour, a key and attributes, and changed", async () => {
  const page = await open();
  await button(page, "Create label").click();
  await dialog(page).getByRole("textbox", { name: "Name" }).first().fill("scarf");
  await button(dialog(page), "#56b4e9").click();
  await dialog(page).getByRole("textbox", { name: "Key" }).focus();
  await page.keyboard.press("f");
  await dialog(page).getByText("a function of Label, Review or boxes has it").waitFor();
  await page.keyboard.press("p");
  await button(dialog(page), "Add attribute").click();
  const attribute = dialog(page).getByRole("group", { name: "Attribute 1" });
  await attribute.getByRole("textbox", { name: "Name" }).fill("material");
  await button(dialog(page), "Create").click();
  await dialog(page).waitFor({ state: "hidden" });
  const made = await named("scarf");
  assert.deepEqual([made.color, made.shortcut, made.samples, made.attributes.map(({ name, type }) => [name, type])], ["#56b4e9", "p", 0, [["material", "text"]]]);
  await button(page, "Modify scarf").click();
  await button(dialog(page), "#e69f00").click();
  await button(dialog(page), "Save").click();
  await dialog(page).waitFor({ state: "hidden" });
  assert.equal((await named("scarf")).color, "#e69f00");
});

test("a key that another label has is refused before it is sent", async () => {
  const page = await open();
  await button(page, "Modify coat").click();
  await dialog(page).getByRole("textbox", { name: "Key" }).focus();
  await page.keyboard.press("p");
  await dialog(page).getByText("scarf has this key").waitFor();
  assert.ok(await button(dialog(page), "Save").isDisabled());
});

test("a label is renamed in its place, by keyboard, and that is undone", async () => {
  const before = (await named("coat")).samples;
  const page = await open();
  await page.getByRole("row", { name: /^coat/ }).focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("Enter");
  const field = page.getByRole("textbox", { name: "New name of coat" });
  await field.fill("jacket");
  await page.keyboard.press("Enter");
  await until("it is renamed", async () => (await named("jacket"))?.samples === before && !(await named("coat")));
  await button(page, "Rename jacket").waitFor();
  await button(page, "Undo").click();
  await until("it is as before", async () => (await named("coat"))?.samples === before);
  await button(page, "Rename coat").waitFor();
});

test("Escape leaves a name as it was", async () => {
  const page = await open();
  await button(page, "Rename coat").click();
  await page.getByRole("textbox", { name: "New name of coat" }).fill("nothing");
  await page.keyboard.press("Escape");
  await button(page, "Rename coat").waitFor();
  assert.ok(await named("coat"));
});

test("a merge tells how many change before, and is undone", async () => {
  const [coat, shirt] = [(await named("coat")).samples, (await named("shirt")).samples];
  const page = await open();
  await more(page, "coat", "Merge into…");
  await dialog(page).getByRole("button", { name: /Into/ }).click();
  await page.getByRole("option", { name: "shirt", exact: true }).click();
  await dialog(page).getByText(new RegExp(`^${coat.toLocaleString("en")} samples change`)).waitFor();
  assert.equal((await named("coat")).samples, coat, "a preview changes nothing");
  await button(dialog(page), "Merge").click();
  await until("it is merged", async () => (await named("shirt")).samples === coat + shirt && !(await named("coat")));
  await button(page, "Undo").click();
  await until("it is as before", async () => (await named("coat"))?.samples === coat && (await named("shirt")).samples === shirt);
  note(`${coat} samples merged and back`);
});

test("deleting offers three ways, counts each, and is undone where it can be", async () => {
  const before = (await server.dataset(trommel.training)).samples;
  const { samples } = await named("bag");
  const page = await open();
  await more(page, "bag", "Delete…");
  const counts = dialog(page).getByRole("status");
  await counts.getByText(`${samples.toLocaleString("en")} become unlabeled, 0 leave`).waitFor();
  await dialog(page).getByText("The label, and samples that have only this one").click();
  await counts.getByText(`${samples.toLocaleString("en")} leave the dataset`).waitFor();
  await dialog(page).getByText("The label, these samples, and their source files").click();
  assert.ok(await button(dialog(page), "Delete").isDisabled(), "files want the name typed");
  await dialog(page).getByText("The label, and samples that have only this one").click();
  await button(dialog(page), "Delete").click();
  await until("they are gone", async () => (await server.dataset(trommel.training)).samples === before - samples && !(await named("bag")));
  await button(page, "Undo").click();
  await until("they are back", async () => (await server.dataset(trommel.training)).samples === before && (await named("bag"))?.samples === samples);
});

test("keys and colours reach Review and the Label page", async () => {
  const [first] = await labels(queue);
  await server.ask("PATCH", `/datasets/${queue}/labels/${encodeURIComponent(first.name)}`, { shortcut: "p", color: "#112233" });
  const grid = await openPage(server, `/datasets/${queue}/label`);
  const line = grid.getByRole("button", { name: new RegExp(`^${first.name}`) }).first();
  await until("its key stands beside it", async () => (await line.locator("kbd").textContent()) === "p");
  assert.equal(await line.locator(".label-dot").evaluate((dot) => getComputedStyle(dot).backgroundColor), "rgb(17, 34, 51)");
  const page = await openReview(server, queue);
  const waiting = (await server.dataset(queue)).to_be_confirmed;
  const given = page.getByRole("group", { name: "Classes" }).getByRole("button").filter({ hasText: first.name }).first();
  assert.equal((await given.locator("kbd").textContent()).toLowerCase(), "p");
  await page.keyboard.press("p");
  await until("one is confirmed by its key", async () => (await server.dataset(queue)).to_be_confirmed === waiting - 1);
  assert.equal(trommel.samples(queue, "--state", "labeled").filter(({ labels: own }) => own.some(({ name }) => name === first.name)).length > 0, true);
});

test("keys are assigned to all labels at once", async () => {
  const page = await open();
  await button(page, "Assign keys automatically").click();
  await until("each has one", async () => (await labels()).every(({ shortcut }) => shortcut));
  const keys = (await labels()).map(({ shortcut }) => shortcut);
  assert.equal(new Set(keys).size, keys.length);
});

test("who only reads sees the labels and changes none", async () => {
  const password = join(trommel.folder, "password");
  writeFileSync(password, "correct horse 7");
  for (const [name, role] of [["root", "admin"], ["rita", "read"]]) trommel.ask("user", "add", name, "--role", role, "--password-file", password);
  await server.stop();
  server = await trommel.serve("--auth", "password");
  const page = await open();
  await page.getByRole("textbox", { name: "User" }).fill("rita");
  await page.getByRole("textbox", { name: "Password" }).fill("correct horse 7");
  await button(page, "Sign in").click();
  for (const name of ["Create label", "Assign keys automatically", "Modify coat", "Rename coat", "More: coat"]) {
    await button(page, name).waitFor();
    assert.equal(await button(page, name).getAttribute("aria-disabled"), "true", name);
  }
});

await main(async () => {
  trommel = demo("cls");
  queue = hardOnes(trommel, 10);
  server = await trommel.serve();
});
