// SPDX-License-Identifier: Apache-2.0
// axe over every page, light and dark, with data and without; and what no checker sees by itself: narrow, zoomed, without motion, headings.
import assert from "node:assert/strict";
import { demo, main, note, openPage, temporary, test, Trommel, violations } from "./web.mjs";

const THEMES = ["light", "dark"];
let full, empty, detection;

async function settled(page) {
  await page.locator("main").first().waitFor();
  await page.waitForLoadState("networkidle", { timeout: 4000 }).catch(() => undefined); // the event stream never ends
  await page.waitForFunction(() => !document.querySelector(".skeleton"), undefined, { timeout: 20_000 });
  await page.waitForTimeout(200);
}

/** Every page of the console over a demo, by what it is called. */
function pagesOf(server) {
  const { service, hard, training, task, merge, model } = server.about;
  return {
    Home: "/",
    "Batch Services": "/services",
    Deploy: "/deploy",
    Overview: `/services/${service}`,
    Sample: `/services/${service}?tab=sample`,
    Events: `/services/${service}?tab=events`,
    Predictions: `/services/${service}?tab=predictions`,
    Datasets: "/datasets",
    Dataset: `/datasets/${hard}`,
    Versions: `/datasets/${training}?tab=versions`,
    Compare: `/datasets/${training}/compare`,
    Duplicates: `/datasets/${training}/duplicates`,
    Publish: `/datasets/${training}?publish=1`,
    "Data Features": `/datasets/${training}?tab=features`,
    "Data Features compared": `/datasets/${training}?tab=features&against=service:${service}`,
    Labels: `/datasets/${training}?tab=labels`,
    Sources: `/datasets/${hard}?tab=sources`,
    Activity: `/datasets/${hard}?tab=activity`,
    "Label by feature": `/datasets/${training}/label?feature=brightness:40..80`,
    "Quick Review": `/datasets/${hard}/quick-review`,
    "Quick Review of boxes": `/datasets/${training}/quick-review`,
    Label: `/datasets/${hard}/label`,
    "To Be Confirmed": `/datasets/${hard}/label?state=to_be_confirmed`,
    Review: `/datasets/${hard}/review?state=labeled`,
    Models: "/models",
    Model: `/models/${model}`,
    Tasks: "/tasks",
    Report: `/tasks/${task}`,
    Merged: `/tasks/${merge}`,
    Settings: "/settings",
    Shortcuts: "/settings?tab=shortcuts",
    "Nothing here": "/no/such/page",
    "No such dataset": "/datasets/none/label",
  };
}
const emptyPages = { Home: "/", "Batch Services": "/services", Deploy: "/deploy", Datasets: "/datasets", Label: "/datasets/bare/label", "Data Features": "/datasets/bare?tab=features", Labels: "/datasets/bare?tab=labels", Sources: "/datasets/bare?tab=sources", Activity: "/datasets/bare?tab=activity", "Quick Review": "/datasets/bare/quick-review", Review: "/datasets/bare/review", Dataset: "/datasets/bare", Compare: "/datasets/bare/compare", Duplicates: "/datasets/bare/duplicates", Models: "/models", Tasks: "/tasks", Settings: "/settings" };

async function check(server, pages, theme) {
  const found = [];
  const page = await openPage(server, "/", { theme });
  for (const [name, path] of Object.entries(pages)) {
    await page.goto(`${server.url}/ui${path}`);
    await settled(page);
    const headings = await page.locator("h1").count();
    if (headings !== 1) found.push(`${name}: ${headings} headings of the first level`);
    if (!(await page.title()).includes("Trommel")) found.push(`${name}: its title is "${await page.title()}"`);
    found.push(...(await violations(page)).map((one) => `${name}: ${one}`));
  }
  note(`${Object.keys(pages).length} pages, ${theme}: ${found.length} violations`);
  assert.deepEqual(found, []);
}

for (const theme of THEMES) {
  test(`pages with data, ${theme}`, () => check(full, pagesOf(full), theme));
  test(`pages with boxes, ${theme}`, () => {
    const { Label, Review, Overview, "Data Features compared": Features, "Quick Review of boxes": Quick } = pagesOf(detection);
    return check(detection, { Label, Review, Overview, Features, Quick }, theme);
  });
  test(`pages without data, ${theme}`, () => check(empty, emptyPages, theme));
}

test("dialogs", async () => {
  const { service, hard, training } = full.about;
  const page = await openPage(full, `/services/${service}?tab=sample`);
  const found = [];
  const look = async (name) => {
    await page.getByRole("dialog").or(page.getByRole("menu")).first().waitFor();
    await page.waitForTimeout(400);
    found.push(...(await violations(page)).map((one) => `${name}: ${one}`));
    await page.keyboard.press("Escape");
    await page.getByRole("dialog").or(page.getByRole("menu")).first().waitFor({ state: "hidden" });
  };
  await page.getByRole("button", { name: "Synchronize Data to Dataset" }).click();
  await look("Synchronize Data to Dataset");
  await page.getByRole("button", { name: "Edit Hard Example Filtering" }).click();
  await look("Hard Example Filtering");
  await page.goto(`${full.url}/ui/datasets/${hard}`);
  await page.getByRole("button", { name: "Publish", exact: true }).click();
  await look("Publish");
  await page.goto(`${full.url}/ui/datasets/${training}`);
  await page.getByRole("button", { name: "Add to training dataset" }).click();
  await page.getByRole("button", { name: "Check what will happen" }).click();
  await page.getByText("What will happen", { exact: true }).waitFor();
  await look("Add to training dataset");
  await page.goto(`${full.url}/ui/services`);
  await page.getByRole("button", { name: "More" }).first().click();
  await look("More");
  await page.keyboard.press("?");
  await look("Shortcuts");
  note(`6 dialogs and menus: ${found.length} violations`);
  assert.deepEqual(found, []);
});

test("signing in", async () => {
  const locked = await new Trommel(temporary()).serve("--auth", "password");
  for (const theme of THEMES) {
    const page = await openPage(locked, "/", { theme });
    await page.getByRole("button", { name: "Sign in", exact: true }).waitFor();
    assert.deepEqual(await violations(page), []);
  }
  note("signing in, light and dark: 0 violations");
});

test("at 320 px and at 200 % nothing is cut off sideways", async () => {
  const found = [];
  for (const [size, scale] of [
    [{ width: 320, height: 700 }, 1],
    [{ width: 700, height: 450 }, 2],
  ]) {
    const page = await openPage(full, "/", { size, deviceScaleFactor: scale });
    for (const [name, path] of Object.entries(pagesOf(full))) {
      await page.goto(`${full.url}/ui${path}`);
      await settled(page);
      const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (over > 0) found.push(`${name} is ${over} px too wide at ${size.width} px`);
    }
  }
  note(`${found.length} of ${2 * Object.keys(pagesOf(full)).length} pages scroll sideways`);
  assert.deepEqual(found, []);
});

test("who wants no motion gets none", async () => {
  const page = await openPage(full, `/datasets/${full.about.hard}/label`, { reducedMotion: "reduce" });
  await settled(page);
  const moving = await page.evaluate(() => document.getAnimations().filter((one) => one.effect.getComputedTiming().duration > 10).length);
  note(`${moving} animations with reduced motion`);
  assert.equal(moving, 0);
});

test("Tab walks through a page in its order and shows where it is", async () => {
  const page = await openPage(full, "/services");
  await settled(page);
  const seen = [];
  for (let at = 0; at < 14; at++) {
    await page.keyboard.press("Tab");
    seen.push(
      await page.evaluate(() => {
        const element = document.activeElement;
        const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(element);
        return { name: element.getAttribute("aria-label") ?? element.textContent.trim().slice(0, 30), isShown: (outlineStyle !== "none" && outlineWidth !== "0px") || boxShadow !== "none" };
      }),
    );
  }
  note(seen.map(({ name }) => name).join(" > "));
  assert.equal(seen[0].name, "Skip to the page");
  assert.deepEqual(seen.filter(({ isShown }) => !isShown), []);
});

await main(async () => {
  const trommel = demo("cls", 300);
  const boxes = demo("det", 100);
  const bare = new Trommel(temporary());
  bare.ask("dataset", "create", "bare", "--type", "cls");
  for (const one of [trommel, boxes]) {
    const [task] = one.ask("sample", "tasks", one.service);
    // Merged twice: the second time all of it is there already.
    one.ask("dataset", "create", "more", "--type", one === boxes ? "det" : "cls");
    const [, merged] = [1, 2].map(() => one.ask("dataset", "merge", one.training, "--into", "more", "--wait"));
    one.ask("dataset", "features", one.training, "--service", one.service, "--wait");
    Object.assign(one, { task: task.id, merge: merged.task });
  }
  [full, detection, empty] = [await trommel.serve(), await boxes.serve(), await bare.serve()];
  trommel.ask("dataset", "publish", trommel.training, "--train-ratio", 0.8, "--wait");
  await full.ask("POST", `/datasets/${trommel.training}/duplicate-tasks?wait=60`, {});
  full.about = trommel;
  detection.about = boxes;
});
