// SPDX-License-Identifier: Apache-2.0
// "Collecting Data", step by step as ModelArts describes it, in its words and places. Argument: cls or det.
import assert from "node:assert/strict";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { ARGUMENTS, demo, main, note, openPage, test, until } from "./web.mjs";

const TYPE = ARGUMENTS[0] ?? "cls";
const TYPE_NAME = TYPE === "cls" ? "Image classification" : "Object detection";
const PASSWORD = "rotating sieve 1";
const IMAGES = 100;
let trommel, server, page, input;

const counts = (dataset) => trommel.ask("dataset", "show", dataset);
const kinds = (service) => trommel.ask("sample", "tasks", service).map(({ kind }) => kind);
const dialog = (name) => page.getByRole("dialog", { name });
const button = (name, within = page) => within.getByRole("button", { name, exact: true });
/** The row of a table whose words are these. */
const row = (...words) => words.reduce((found, hasText) => found.filter({ hasText }), page.getByRole("row"));

async function openServices() {
  const navigation = page.getByRole("navigation", { name: "Console" });
  await navigation.getByRole("heading", { name: "Service Deployment" }).waitFor();
  await navigation.getByRole("link", { name: "Batch Services" }).click();
  await page.getByRole("heading", { level: 1, name: "Batch Services" }).waitFor();
}
async function openService(name) {
  await openServices();
  await page.getByRole("link", { name, exact: true }).click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
}
/** The state that the Label page shows, and how many there are. */
const shows = (state, count) => page.getByRole("group", { name: "State" }).getByRole("button", { name: `${state} ${count}`, exact: true, pressed: true }).waitFor();
const openTab = (name) => page.getByRole("tab", { name, exact: true }).click();
/** The newest task of a kind on the Sample tab, when its status is Dataset imported. */
const imported = async (kind, dataset) => {
  const found = row(kind, dataset).filter({ hasText: "Dataset imported" }).first();
  await found.waitFor({ timeout: 60_000 });
  return found;
};
async function fillOutput(form, dataset) {
  const group = form.getByRole("radiogroup", { name: "Hard Example Output" });
  await group.getByRole("radio", { name: "Create" }).check({ force: true });
  await form.getByRole("textbox", { name: "Name", exact: true }).last().fill(dataset);
}

test("log in and choose Service Deployment > Batch Services", async () => {
  page = await openPage(server, "/");
  await page.getByRole("textbox", { name: "User" }).fill("ada");
  await page.getByRole("textbox", { name: "Password" }).fill(PASSWORD);
  await button("Sign in").click();
  await openServices();
  for (const heading of ["Name", "Status", "Operation"]) await page.getByRole("columnheader", { name: heading }).waitFor();
  page.keep = true;
});

test("More > Sample Collection, or the service's name and its Sample tab, lead to the same page", async () => {
  await button("More", row("plain")).click();
  await page.getByRole("menuitem", { name: "Sample Collection" }).click();
  await page.getByRole("tab", { name: "Sample", exact: true, selected: true }).waitFor();
  const url = page.url();
  await openService("plain");
  await openTab("Sample");
  assert.equal(page.url(), url);
});

test("Synchronize Data to Dataset: labeling type, dataset, OK; the data is Unlabeled there", async () => {
  await button("Synchronize Data to Dataset").click();
  const sheet = dialog("Synchronize Data to Dataset");
  assert.ok(await sheet.getByRole("radiogroup", { name: "Labeling type" }).getByRole("radio", { name: TYPE_NAME }).isChecked());
  await sheet.getByRole("radio", { name: "Create" }).check({ force: true });
  await sheet.getByRole("textbox", { name: "Name" }).fill("collected");
  await button("OK", sheet).click();
  const task = await imported("Synchronize", "collected");
  await task.getByRole("link", { name: "collected" }).click();
  await shows("Unlabeled", IMAGES);
  await page.getByRole("gridcell").first().waitFor();
  const { samples, unlabeled, hard } = counts("collected");
  note(`synchronized: ${unlabeled} of ${samples} Unlabeled, ${hard} hard`);
  assert.deepEqual([samples, unlabeled, hard], [IMAGES, IMAGES, 0]);
});

test("without input data nothing is synchronized, and the reason is told", async () => {
  await openService("without-input");
  await openTab("Sample");
  const synchronize = button("Synchronize Data to Dataset");
  await synchronize.waitFor();
  if ((await synchronize.getAttribute("aria-disabled")) === "true" || (await synchronize.isDisabled())) {
    await synchronize.hover({ force: true });
    await page.getByText(/no input data/i).first().waitFor();
    note("refused: the button is off and says that there is no input data");
    return;
  }
  await synchronize.click();
  const sheet = dialog("Synchronize Data to Dataset");
  await sheet.getByRole("radio", { name: "Create" }).check({ force: true });
  await sheet.getByRole("textbox", { name: "Name" }).fill("nothing");
  await button("OK", sheet).click();
  await sheet.getByRole("alert").waitFor();
  const told = await sheet.getByRole("alert").textContent();
  note(`refused: ${told}`);
  assert.match(told, /ModelArts\.3845/);
  await button("Cancel", sheet).click();
});

test("Hard Example Filtering is enabled on the Deploy page", async () => {
  await openServices();
  await page.getByRole("link", { name: "Deploy", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Deploy" }).waitFor();
  await page.getByRole("textbox", { name: "Name", exact: true }).fill("filtered");
  await page.getByRole("button", { name: /Model and Version/ }).click();
  await page.getByRole("option", { name: new RegExp(trommel.model) }).click();
  await page.getByRole("textbox", { name: "Input Path" }).fill(input);
  await page.getByRole("textbox", { name: "Output Path" }).fill(join(trommel.folder, "out-filtered"));
  const filtering = page.getByRole("switch", { name: "Hard Example Filtering" });
  assert.ok(!(await filtering.isChecked()));
  await page.locator("label").filter({ has: filtering }).click();
  assert.ok(await filtering.isChecked());
  assert.ok(await page.getByRole("radiogroup", { name: "Model Type" }).getByRole("radio", { name: TYPE_NAME }).isChecked());
  await page.getByRole("textbox", { name: /Existing Training Dataset Path/ }).fill(trommel.train);
  await fillOutput(page.getByRole("main"), "found");
  await button("Deploy").click();
  await until("the service runs", () => trommel.ask("service", "list").some(({ name }) => name === "filtered"));
  await openService("filtered");
  await page.getByText("Completed").first().waitFor({ timeout: 60_000 });
  await openTab("Sample");
});

test("the task ends as Dataset imported, and its dataset's link opens To Be Confirmed", async () => {
  const task = await imported("Hard Example Filtering", "found");
  await task.getByRole("link", { name: "found" }).click();
  const { to_be_confirmed: waiting, samples } = counts("found");
  await shows("To Be Confirmed", waiting);
  await page.getByRole("gridcell").first().waitFor();
  note(`filtered: ${waiting} of ${IMAGES} images are hard examples, To Be Confirmed`);
  assert.ok(waiting > 0 && waiting === samples && waiting < IMAGES);
});

test("a finished service with filtering off filters nothing, also when it is enabled by the edit icon, until it is restarted", async () => {
  await openService("plain");
  await button("Edit Hard Example Filtering").click();
  const sheet = dialog("Hard Example Filtering");
  await sheet.getByRole("textbox", { name: /Existing Training Dataset Path/ }).fill(trommel.train);
  await fillOutput(sheet, "later");
  await button("Save", sheet).click();
  await sheet.waitFor({ state: "hidden" });
  await openTab("Sample");
  await page.getByText(/restart it/i).first().waitFor();
  await page.waitForTimeout(1500);
  assert.deepEqual(kinds("plain").filter((kind) => kind === "mine_hard"), []);
  await button("Restart").click();
  await imported("Hard Example Filtering", "later");
  note(`after the restart: ${counts("later").to_be_confirmed} To Be Confirmed`);
});

test("stored results are filtered again without a restart", async () => {
  await openService("plain");
  await button("Edit Hard Example Filtering").click();
  const sheet = dialog("Hard Example Filtering");
  await sheet.getByText(new RegExp(`About \\d+ of ${IMAGES}`)).waitFor();
  await fillOutput(sheet, "again");
  const runs = trommel.ask("service", "runs", "plain").length;
  await button("Save and filter stored results now", sheet).click();
  await sheet.waitFor({ state: "hidden" });
  await openTab("Sample");
  await imported("Hard Example Filtering", "again");
  const after = trommel.ask("service", "runs", "plain").length;
  note(`filtered the stored results: ${counts("again").to_be_confirmed} To Be Confirmed, ${after - runs} runs more`);
  assert.equal(after, runs);
});

test("what is confirmed is Labeled, and the dataset is published", async () => {
  await page.goto(`${server.url}/ui/datasets/found/label?state=to_be_confirmed`);
  const waiting = counts("found").to_be_confirmed;
  await button("Review").click();
  for (let at = 0; at < waiting; at++) {
    await page.getByRole("progressbar", { name: "Reviewed" }).waitFor();
    await page.keyboard.press(TYPE === "cls" ? "f" : "Shift+F");
    await until(`${at + 1} are labeled`, () => counts("found").labeled === at + 1);
  }
  await page.getByRole("heading", { name: new RegExp(`All ${waiting} reviewed`) }).waitFor();
  await page.goto(`${server.url}/ui/datasets/found/label?state=labeled`);
  await shows("Labeled", waiting);
  await page.goto(`${server.url}/ui/datasets/found`);
  await button("Publish").click();
  await button("Publish", page.getByRole("dialog")).click();
  await until("V001 is published", () => counts("found").current_version === "V001");
  await openTab("Versions");
  await page.getByText("V001").first().waitFor();
  const [version] = trommel.ask("dataset", "versions", "found");
  note(`confirmed ${waiting}, published ${version.name} with ${version.labeled} labeled`);
  assert.equal(version.labeled, waiting);
});

await main(async () => {
  trommel = demo(TYPE, 100);
  input = join(trommel.folder, TYPE === "cls" ? "images/stream" : "scenes/stream");
  const deploy = (name, from) => trommel.ask("service", "deploy", "--name", name, "--model", trommel.model, "--input", from, "--output", join(trommel.folder, `out-${name}`), "--wait");
  deploy("plain", input);
  const empty = join(trommel.folder, "empty");
  mkdirSync(empty);
  writeFileSync(join(trommel.folder, "password"), PASSWORD);
  try {
    deploy("without-input", empty);
  } catch {
    // It has nothing to run over.
  }
  trommel.ask("user", "add", "ada", "--role", "admin", "--password-file", join(trommel.folder, "password"));
  server = await trommel.serve("--auth", "password");
}, { isWalk: true });
