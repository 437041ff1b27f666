// SPDX-License-Identifier: Apache-2.0
// The whole loop by keys alone: deployed, run, filtered, imported, confirmed, published. A pointer is never touched, and the page swears to it.
import assert from "node:assert/strict";
import { join } from "node:path";
import { ARGUMENTS, demo, main, note, openPage, test, until } from "./web.mjs";

const TYPE = ARGUMENTS[0] ?? "cls";
const IMAGES = 100;
const STOPS_MAX = 150; // of Tab, from one place of a page to another
let trommel, server, page, input, presses = 0;

const counts = (dataset) => trommel.ask("dataset", "show", dataset);
const press = (key) => {
  presses++;
  return page.keyboard.press(key);
};
const type = (text) => page.keyboard.type(text);
const isHere = (locator) => locator.evaluateAll((found) => found.some((one) => one === document.activeElement));
const where = () => page.evaluate(() => document.activeElement?.outerHTML.slice(0, 160));

/** Goes on by a key until the focus is there. */
async function go(locator, key = "Tab") {
  await locator.first().waitFor({ state: "attached" });
  for (let stop = 0; stop < STOPS_MAX; stop++) {
    if (await isHere(locator)) return;
    await press(key);
  }
  throw new Error(`${STOPS_MAX} times ${key} did not lead to ${locator}; the focus is at ${await where()}`);
}
async function write(name, text, last = false) {
  const field = page.getByRole("textbox", { name, exact: typeof name === "string" });
  await go(last ? field.last() : field.first());
  await press("Control+a");
  await type(text);
}
async function push(role, name) {
  await go(page.getByRole(role, { name, exact: true }));
  await press("Enter");
}
/** In a table: its row by up and down, what stands in the row by left and right. */
async function openInTable(label, words, link) {
  const table = page.getByRole("grid", { name: label, exact: true });
  await go(table.getByRole("row"), "Tab");
  await go(words.reduce((found, hasText) => found.filter({ hasText }), table.getByRole("row")).first(), "ArrowDown");
  await go(table.getByRole("link", { name: link, exact: true }), "ArrowRight");
  await press("Enter");
}

test("a service with filtering is deployed", async () => {
  page = await openPage(server, "/");
  page.keep = true;
  await page.evaluate(() => {
    window.pointed = [];
    for (const kind of ["pointerdown", "mousedown", "mousemove", "touchstart", "wheel"]) window.addEventListener(kind, () => window.pointed.push(kind), true);
  });
  await page.getByRole("heading", { level: 1 }).first().waitFor();
  await press("g");
  await press("b");
  await page.getByRole("heading", { level: 1, name: "Batch Services" }).waitFor();
  await push("link", "Deploy");
  await page.getByRole("heading", { level: 1, name: "Deploy" }).waitFor();
  await write("Name", "by-keys");
  await go(page.getByRole("button", { name: /Model and Version/ }));
  await press("Enter");
  await go(page.getByRole("option", { name: new RegExp(trommel.model) }).first(), "ArrowDown");
  await press("Enter");
  await page.getByRole("listbox").waitFor({ state: "hidden" });
  await write("Input Path", input);
  await write("Output Path", join(trommel.folder, "out-by-keys"));
  await go(page.getByRole("switch", { name: "Hard Example Filtering" }));
  await press("Space");
  await write(/^Existing Training Dataset Path/, trommel.train);
  const create = page.getByRole("radiogroup", { name: "Hard Example Output" }).getByRole("radio", { name: "Create" });
  await go(page.getByRole("radiogroup", { name: "Hard Example Output" }).getByRole("radio"));
  if (!(await create.isChecked())) await go(create, "ArrowDown");
  await write("Name", "found", true);
  await push("button", "Deploy");
  await page.getByRole("heading", { level: 1, name: "by-keys" }).waitFor();
});

test("it runs, and its task ends as Dataset imported", async () => {
  await page.getByText("Completed").first().waitFor({ timeout: 120_000 });
  await go(page.getByRole("tab"));
  await go(page.getByRole("tab", { name: "Sample", exact: true }), "ArrowRight");
  await page.getByRole("tab", { name: "Sample", exact: true, selected: true }).waitFor();
  await page.getByRole("row").filter({ hasText: "Dataset imported" }).first().waitFor({ timeout: 120_000 });
});

test("its dataset opens at To Be Confirmed", async () => {
  const grid = page.getByRole("grid").filter({ hasText: "Dataset imported" });
  await openInTable(await grid.first().getAttribute("aria-label"), ["Hard Example Filtering", "Dataset imported"], "found");
  const { to_be_confirmed: waiting } = counts("found");
  await page.getByRole("group", { name: "State" }).getByRole("button", { name: `To Be Confirmed ${waiting}`, exact: true, pressed: true }).waitFor();
});

test("everything is confirmed from the grid on", async () => {
  const { to_be_confirmed: waiting } = counts("found");
  await page.getByRole("gridcell").first().waitFor();
  await go(page.getByRole("gridcell"));
  await press("Enter");
  await page.locator(".stage img.picture").waitFor();
  for (let at = 0; at < waiting; at++) {
    await page.getByRole("progressbar", { name: "Reviewed" }).waitFor();
    await press(TYPE === "cls" ? "f" : "Shift+F");
    await until(`${at + 1} are labeled`, () => counts("found").labeled === at + 1);
  }
  await page.getByRole("heading", { name: new RegExp(`All ${waiting} reviewed`) }).waitFor();
});

test("the dataset is published, and no pointer was used", async () => {
  await push("button", "Publish");
  const dialog = page.getByRole("dialog");
  await dialog.waitFor();
  await go(dialog.getByRole("button", { name: "Publish", exact: true }));
  await press("Enter");
  await until("V001 is published", () => counts("found").current_version === "V001");
  await dialog.waitFor({ state: "hidden" });
  const { labeled } = counts("found");
  note(`${labeled} of ${IMAGES} images confirmed and published with ${presses} presses of keys`);
  assert.deepEqual(await page.evaluate(() => window.pointed), []);
});

await main(async () => {
  trommel = demo(TYPE, IMAGES);
  input = join(trommel.folder, TYPE === "cls" ? "images/stream" : "scenes/stream");
  server = await trommel.serve();
}, { isWalk: true });
