// SPDX-License-Identifier: Apache-2.0
// A session at Review beside its keys: samples that join, everything taken back, the next dataset; keys of one's own.
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { demo, hardOnes, main, note, openPage, openReview, sent, test, until } from "./web.mjs";

let trommel, server;
const counts = (dataset) => server.dataset(dataset);
const place = (page) => page.getByRole("progressbar", { name: "Reviewed" }).getAttribute("aria-valuetext");
const pictured = (page) => page.locator(".stage img.picture").getAttribute("src");

test("samples that join while one works are told, move nothing, and come at the end when asked for", async () => {
  hardOnes(trommel, 4, "joins");
  const page = await openReview(server, "joins");
  await page.keyboard.press("f");
  await until("the second is shown", async () => (await place(page)) === "2 / 4");
  await sent(page);
  const before = await pictured(page);
  const free = trommel.images().filter((path) => !trommel.samples("joins").some(({ source }) => source === path));
  writeFileSync(join(trommel.folder, "more.csv"), ["path,label", ...free.slice(0, 2).map((path) => `${path},bag`)].join("\n"));
  await server.ask("POST", "/datasets/joins/import-tasks?wait=30", { manifest: join(trommel.folder, "more.csv"), to_be_confirmed: true });
  const pill = page.locator(".joined-pill button");
  await pill.waitFor();
  assert.deepEqual([await place(page), await pictured(page)], ["2 / 4", before]);
  await pill.click();
  await until("they are in the list", async () => (await place(page)) === "2 / 6");
  assert.equal(await pictured(page), before);
  await pill.waitFor({ state: "detached" });
});

test("a whole session is taken back from its end, and nothing that was before it", async () => {
  hardOnes(trommel, 3, "session");
  hardOnes(trommel, 5, "waits");
  const [first] = trommel.samples("session", "--state", "to_be_confirmed");
  await server.ask("POST", "/datasets/session/samples:decide", { target: { ids: [first.id] }, action: "confirm" });
  const page = await openReview(server, "session");
  for (let at = 0; at < 2; at++) await page.keyboard.press("f");
  await page.locator(".review-end").waitFor();
  await sent(page);
  assert.equal((await counts("session")).labeled, 3);
  await page.getByRole("link", { name: /^Next dataset/ }).waitFor();
  await page.locator(".review-end button").filter({ hasText: /^Undo all/ }).click();
  await until("they wait again", async () => (await counts("session")).to_be_confirmed === 2);
  await until("it begins again", async () => (await place(page)) === "1 / 2");
  assert.equal((await counts("session")).labeled, 1);
});

test("the features of the image and its raw JSON are shown when they are opened", async () => {
  const page = await openReview(server, "waits");
  await page.getByText("Features against training").click();
  await page.locator(".features-table").getByText("Brightness").waitFor();
  assert.ok((await page.locator(".features-table tbody tr").count()) >= 6);
  await page.getByText("Raw JSON").click();
  const { sample } = JSON.parse(await page.locator(".raw-sample pre").textContent());
  assert.equal(sample.state, "to_be_confirmed");
});

test("a key is changed, one that is taken is refused, and the new one works", async () => {
  const page = await openPage(server, "/settings?tab=shortcuts");
  const key = (name) => page.locator("section").filter({ has: page.getByRole("heading", { name: "Review", exact: true }) }).locator("dl > div").filter({ hasText: name }).locator("button").first();
  await key("Confirm and next").click();
  await page.keyboard.press("r");
  await page.locator(".shortcut-fault").waitFor();
  await key("Confirm and next").click();
  await page.keyboard.press("u");
  await until("it shows the new key", async () => /U/.test(await key("Confirm and next").textContent()));
  const { labeled } = await counts("waits");
  await page.goto(`${server.url}/ui/datasets/waits/review?state=to_be_confirmed`);
  await page.locator(".stage img.picture").waitFor();
  await page.keyboard.press("f");
  await page.keyboard.press("u");
  await until("one is decided", async () => (await counts("waits")).labeled === labeled + 1);
  await sent(page);
  assert.equal((await counts("waits")).labeled, labeled + 1);
  note("U confirms, F does nothing");
});

test("single keys can be switched off", async () => {
  const page = await openPage(server, "/settings?tab=shortcuts");
  await page.locator("label").filter({ has: page.getByRole("switch", { name: "Single keys work" }) }).click();
  const { labeled } = await counts("waits");
  await page.goto(`${server.url}/ui/datasets/waits/review?state=to_be_confirmed`);
  await page.locator(".stage img.picture").waitFor();
  for (const key of ["f", "r", "1", "w"]) await page.keyboard.press(key);
  await page.keyboard.press("ArrowRight");
  await until("arrows still move", async () => /^2 /.test((await place(page)) ?? ""));
  assert.equal((await counts("waits")).labeled, labeled);
});

await main(async () => {
  trommel = demo("cls", 100);
  server = await trommel.serve();
});
