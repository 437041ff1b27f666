// SPDX-License-Identifier: Apache-2.0
// What cannot be done says what, why and what to do, with ModelArts' code; and what is not allowed says who may.
import assert from "node:assert/strict";
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { demo, main, note, openPage, test, until } from "./web.mjs";

const PASSWORD = "rotating sieve 1";
let trommel, server;

const dialog = (page, name) => page.getByRole("dialog", { name });
const button = (page, name) => page.getByRole("button", { name, exact: true });
async function openFiltering(page) {
  await page.goto(`${server.url}/ui/services/${trommel.service}?tab=sample`);
  await button(page, "Edit Hard Example Filtering").click();
  return dialog(page, "Hard Example Filtering");
}
async function create(sheet, group, name) {
  await sheet.getByRole("radiogroup", { name: group }).getByRole("radio", { name: "Create" }).check({ force: true });
  await sheet.getByRole("textbox", { name: "Name", exact: true }).last().fill(name);
}

test("a dataset of the other type cannot be chosen, and says so", async () => {
  trommel.ask("dataset", "create", "boxes", "--type", "det");
  const page = await openPage(server, `/services/${trommel.service}?tab=sample`);
  await button(page, "Synchronize Data to Dataset").click();
  const sheet = dialog(page, "Synchronize Data to Dataset");
  await sheet.getByRole("button", { name: /Dataset/ }).last().click();
  const option = page.getByRole("option", { name: "boxes" });
  assert.equal(await option.getAttribute("aria-disabled"), "true");
  const told = (await option.textContent()) ?? "";
  note(`the option says: ${told}`);
  assert.match(told, /another type/);
});

test("a name that is taken by a dataset of the other type is refused with code 3842", async () => {
  const page = await openPage(server);
  const sheet = await openFiltering(page);
  await create(sheet, "Hard Example Output", "boxes");
  await button(sheet, "Save").click();
  const told = await sheet.getByRole("alert").textContent();
  note(told);
  assert.match(told, /ModelArts\.(3842|4353|4352)|exists|taken/);
});

test("a training manifest that is not there is refused with its path", async () => {
  const page = await openPage(server);
  const sheet = await openFiltering(page);
  await sheet.getByRole("textbox", { name: /Existing Training Dataset Path/ }).fill(join(trommel.folder, "no.manifest"));
  await create(sheet, "Hard Example Output", "later");
  await button(sheet, "Save").click();
  const told = await sheet.getByRole("alert").textContent();
  note(told);
  assert.match(told, /no\.manifest/);
  assert.match(told, /(ModelArts|Trommel)\.\d{4}/);
});

test("a limit that makes no sense is told at its field", async () => {
  const page = await openPage(server);
  const sheet = await openFiltering(page);
  await sheet.getByRole("textbox", { name: "At most" }).fill("many");
  await create(sheet, "Hard Example Output", "limited");
  await button(sheet, "Save").click();
  await sheet.getByRole("alert").waitFor();
  assert.equal(await sheet.getByRole("textbox", { name: "At most" }).getAttribute("aria-invalid"), "true");
  note(await sheet.getByRole("alert").textContent());
});

test("input that was deleted meanwhile is told by the task", async () => {
  const folder = join(trommel.folder, "images/stream");
  renameSync(folder, `${folder}.gone`);
  try {
    const page = await openPage(server, `/services/${trommel.service}?tab=sample`);
    await button(page, "Synchronize Data to Dataset").click();
    const sheet = dialog(page, "Synchronize Data to Dataset");
    await create(sheet, "Dataset", "gone");
    await button(sheet, "OK").click();
    const told = sheet.getByRole("alert").or(page.getByRole("row").filter({ hasText: /Failed|No samples|gone/ })).first();
    await told.waitFor();
    await until("it says what came of it", async () => /Failed|No samples|Dataset imported|Trommel|ModelArts/.test((await told.textContent()) ?? ""));
    note(await told.textContent());
  } finally {
    renameSync(`${folder}.gone`, folder);
  }
});

test("images that are gone or broken are told with their name, and keys still work", async () => {
  trommel.ask("sample", "filter", trommel.service, "--create", "broken", "--algo-hard-threshold", 0, "--top", 3, "--wait");
  const rows = trommel.samples("broken").sort((a, b) => b.hard_coefficient - a.hard_coefficient);
  const content = rows[0].source;
  renameSync(content, `${content}.away`);
  writeFileSync(content, "no image");
  try {
    const page = await openPage(server, "/datasets/broken/label");
    const tile = page.getByRole("gridcell").filter({ hasText: content.split("/").at(-1) });
    await tile.getByRole("button", { name: "Try again" }).or(tile.getByText("Try again")).first().waitFor();
    await page.goto(`${server.url}/ui/datasets/broken/review`);
    await page.getByText(/cannot be shown/).first().waitFor();
    await page.keyboard.press("f");
    await until("it is labeled", () => trommel.samples("broken", "--state", "labeled").length === 1);
    note("a broken image: named in grid and Review, confirmed by F");
  } finally {
    renameSync(`${content}.away`, content);
  }
});

test("who only reads sees everything and is told why nothing can be changed", async () => {
  writeFileSync(join(trommel.folder, "password"), PASSWORD);
  for (const [name, role] of [["root", "admin"], ["rita", "read"]]) trommel.ask("user", "add", name, "--role", role, "--password-file", join(trommel.folder, "password"));
  await server.stop();
  server = await trommel.serve("--auth", "password");
  const page = await openPage(server, `/services/${trommel.service}?tab=sample`);
  await page.getByRole("textbox", { name: "User" }).fill("rita");
  await page.getByRole("textbox", { name: "Password" }).fill("wrong password");
  await button(page, "Sign in").click();
  note(await page.getByRole("alert").textContent());
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await button(page, "Sign in").click();
  for (const name of ["Synchronize Data to Dataset", "Restart"]) {
    const off = button(page, name);
    await off.waitFor();
    assert.equal(await off.getAttribute("aria-disabled"), "true", name);
    await off.hover();
    await page.getByText(/Only an administrator/).first().waitFor();
  }
  await page.goto(`${server.url}/ui/datasets/${trommel.hard}/review`);
  await page.locator(".stage img.picture").waitFor();
  const before = trommel.samples(trommel.hard, "--state", "labeled").length;
  await page.keyboard.press("r");
  await page.waitForTimeout(500);
  assert.equal(trommel.samples(trommel.hard, "--state", "labeled").length, before);
  note("a reader: buttons off with the reason, keys decide nothing");
});

await main(async () => {
  trommel = demo("cls", 200);
  server = await trommel.serve();
});
