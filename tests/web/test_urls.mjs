// SPDX-License-Identifier: Apache-2.0
// Every filter, order and tab is in the address: reloading shows the same, and back goes back.
import assert from "node:assert/strict";
import { demo, main, note, openPage, test, until } from "./web.mjs";

let trommel, server;

const state = (page) => page.getByRole("group", { name: "State" }).getByRole("button", { pressed: true });
const shown = async (page) => {
  await page.getByRole("gridcell").first().waitFor();
  await page.waitForTimeout(500);
  return { state: await state(page).textContent(), total: await page.getByText(/^\d+ samples?$/).first().textContent(), sort: await page.getByRole("button", { name: /Sort/ }).first().textContent() };
};
const tick = (page, name) => page.getByRole("complementary", { name: "Filter" }).locator("label").filter({ hasText: name }).first().click();

test("the Label page's tab, conditions and order survive a reload", async () => {
  const page = await openPage(server, `/datasets/${trommel.hard}/label`);
  await page.getByRole("gridcell").first().waitFor();
  const steps = {
    state: () => page.getByRole("group", { name: "State" }).getByRole("button", { name: /^Labeled/ }).click(),
    hard: () => tick(page, /^Hard/),
    reason: () => tick(page, "Low confidence"),
    sort: async () => {
      await page.getByRole("button", { name: /Sort/ }).first().click();
      await page.getByRole("option", { name: "Name, A to Z" }).click();
    },
    name: () => page.getByRole("searchbox", { name: "Name or path contains" }).fill("0"),
  };
  for (const [name, step] of Object.entries(steps)) {
    await step();
    await until(`${name} is in the address`, () => new URL(page.url()).searchParams.has(name));
    const before = await shown(page);
    await page.reload();
    assert.deepEqual(await shown(page), before, `${name}: ${page.url()}`);
  }
  note(`${Object.keys(steps).length} conditions: ${new URL(page.url()).search}`);
});

test("an address that somebody sent opens the same samples elsewhere", async () => {
  const search = "?state=labeled&sort=source&reason=1&hard=true";
  const [one, other] = [await openPage(server, `/datasets/${trommel.hard}/label${search}`), await openPage(server, `/datasets/${trommel.hard}/label${search}`)];
  const names = async (page) => (await shown(page), page.getByRole("gridcell").evaluateAll((cells) => cells.slice(0, 10).map((cell) => cell.getAttribute("aria-label") ?? cell.textContent)));
  assert.deepEqual(await names(one), await names(other));
});

test("tabs, search and order of lists are in the address", async () => {
  const page = await openPage(server, "/services");
  await page.getByRole("searchbox", { name: "Search by name" }).fill("night");
  await until("the search", () => page.url().includes("night"));
  await page.getByRole("columnheader", { name: "Name" }).click();
  await until("the order", () => page.url().includes("sort"));
  await page.reload();
  await page.getByRole("link", { name: trommel.service }).waitFor();
  assert.equal(await page.getByRole("searchbox", { name: "Search by name" }).inputValue(), "night");
  assert.match((await page.getByRole("columnheader", { name: "Name" }).getAttribute("aria-sort")) ?? "", /ascending|descending/);
  await page.getByRole("link", { name: trommel.service }).click();
  const tabs = await page.getByRole("tab").allTextContents();
  for (const tab of tabs.slice(1)) {
    await page.getByRole("tab", { name: tab, exact: true }).click();
    await page.reload();
    await page.getByRole("tab", { name: tab, exact: true, selected: true }).waitFor();
  }
  note(`tabs ${tabs.join(", ")}: each survives a reload`);
});

test("back goes back, forward goes forward", async () => {
  const page = await openPage(server, "/services");
  await page.getByRole("link", { name: trommel.service }).click();
  await page.getByRole("heading", { level: 1, name: trommel.service }).waitFor();
  await page.getByRole("navigation", { name: "Console" }).getByRole("link", { name: "Datasets" }).click();
  await page.getByRole("heading", { level: 1, name: "Datasets" }).waitFor();
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: trommel.service }).waitFor();
  await page.goBack();
  await page.getByRole("heading", { level: 1, name: "Batch Services" }).waitFor();
  await page.goForward();
  await page.getByRole("heading", { level: 1, name: trommel.service }).waitFor();
});

await main(async () => {
  trommel = demo("cls", 200);
  server = await trommel.serve();
});
