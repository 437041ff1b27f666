// SPDX-License-Identifier: Apache-2.0
// Boxes by two clicks and by four extreme points, over others and zoomed in; and a sitting over many images of boxes without one dialog.
import assert from "node:assert/strict";
import { demo, hardOnes, main, note, openReview, test, until } from "./web.mjs";

const SITTING = Number(process.env.TROMMEL_WEB_SITTING ?? 200);
const SITTING_MS = 240_000;
const SITTING_LEAST = 20;
let trommel, server, labels;

async function review(dataset) {
  const page = await openReview(server, dataset);
  await page.evaluate(() => {
    window.dialogs = 0;
    new MutationObserver(() => (window.dialogs += document.querySelectorAll("[role=dialog], [role=alertdialog]").length)).observe(document.body, { subtree: true, childList: true });
  });
  return page;
}
/** Where a point of the image is on the screen. */
async function placed(page) {
  const picture = page.locator(".stage img.picture");
  const box = await picture.boundingBox();
  const width = await picture.evaluate((image) => image.naturalWidth);
  return (x, y) => [box.x + (x * box.width) / width, box.y + (y * box.width) / width];
}
const shownBoxes = (page) => page.locator(".edit-box");
const shapes = (row) =>
  row.labels.map(({ name, shape }) => {
    const [[xmin, ymin], [xmax, ymax]] = shape["@modelarts:feature"];
    return { name, xmin, ymin, xmax, ymax };
  });
const first = (dataset) => [...trommel.samples(dataset, "--state", "tbc")].sort((a, b) => b.hard_coefficient - a.hard_coefficient)[0].id;
const sampleOf = (dataset, id) => trommel.samples(dataset).find((row) => row.id === id);

function isNear(box, [xmin, ymin, xmax, ymax], reach) {
  return Math.abs(box.xmin - xmin) <= reach && Math.abs(box.ymin - ymin) <= reach && Math.abs(box.xmax - xmax) <= reach && Math.abs(box.ymax - ymax) <= reach;
}

test("30 boxes are drawn by two clicks each, over others too, and no dialog asks anything", async () => {
  const name = hardOnes(trommel, 10, "drawn");
  const id = first(name);
  const page = await review(name);
  const before = await shownBoxes(page).count();
  await page.keyboard.press("n");
  await page.keyboard.press("2");
  const at = await placed(page);
  const wanted = [];
  const start = performance.now();
  for (let place = 0; place < 30; place++) {
    const [xmin, ymin] = [5 + (place % 6) * 22, 5 + Math.floor(place / 6) * 26];
    wanted.push([xmin, ymin, xmin + 30, ymin + 34]); // each lies over its neighbours
    await page.mouse.click(...at(xmin, ymin));
    await page.mouse.click(...at(xmin + 30, ymin + 34));
  }
  const seconds = (performance.now() - start) / 1000;
  await until("they are there", async () => (await shownBoxes(page).count()) === before + 30);
  await page.keyboard.press("Shift+F");
  await until("it is labeled", () => sampleOf(name, id).state === "labeled");
  const drawn = shapes(sampleOf(name, id)).filter((box) => box.name === labels[1]);
  const found = wanted.filter((one) => drawn.some((box) => isNear(box, one, 1)));
  const dialogs = await page.evaluate(() => window.dialogs);
  note(`30 boxes in ${seconds.toFixed(1)} s, ${found.length} stored within 1 px, ${dialogs} dialogs`);
  assert.deepEqual([found.length, dialogs], [30, 0]);
});

test("zoomed in eight times a box is exact, and four extreme points make one", async () => {
  const name = hardOnes(trommel, 10, "zoomed");
  const id = first(name);
  const page = await review(name);
  const fitted = (await page.locator(".stage img.picture").boundingBox()).width;
  const [x, y] = (await placed(page))(80, 80);
  await page.mouse.move(x, y);
  await until("it is eight times as large", async () => {
    await page.mouse.wheel(0, -300);
    return (await page.locator(".stage img.picture").boundingBox()).width >= 8 * fitted;
  });
  const zoom = (await page.locator(".stage img.picture").boundingBox()).width / fitted;
  await page.keyboard.press("n");
  await page.keyboard.press("1");
  const at = await placed(page);
  await page.mouse.click(...at(76, 77));
  await page.mouse.click(...at(83, 84));
  await page.keyboard.press("Shift+N");
  await page.keyboard.press("3");
  for (const point of [[78, 75], [84, 80], [80, 85], [75, 79]]) await page.mouse.click(...at(...point));
  await page.keyboard.press("Shift+F");
  await until("it is labeled", () => sampleOf(name, id).state === "labeled");
  const boxes = shapes(sampleOf(name, id));
  const isExact = boxes.some((box) => box.name === labels[0] && isNear(box, [76, 77, 83, 84], 0));
  const isExtreme = boxes.some((box) => box.name === labels[2] && isNear(box, [75, 75, 84, 85], 0));
  note(`at ${zoom.toFixed(1)} times: two clicks ${isExact ? "exact to the pixel" : "off"}, four extreme points ${isExtreme ? "exact to the pixel" : "off"}`);
  assert.ok(isExact && isExtreme, JSON.stringify(boxes));
});

test("a sitting: images of boxes are confirmed and corrected by keys and two-click boxes, and nothing gets in the way", async () => {
  const name = hardOnes(trommel, SITTING, "sitting");
  const page = await review(name);
  const start = performance.now();
  let [done, drawn, rejected, presses] = [0, 0, 0, 0];
  const press = (key) => ((presses += 1), page.keyboard.press(key));
  for (; done < SITTING && performance.now() - start < SITTING_MS; done++) {
    const source = await page.locator(".stage img.picture").getAttribute("src");
    if (done % 2 === 1) {
      await press("n");
      await press(String((done % 3) + 1));
      const at = await placed(page);
      await page.mouse.click(...at(10 + (done % 50), 12));
      await page.mouse.click(...at(60 + (done % 50), 70));
      await press("v");
      drawn += 1;
    } else if ((await shownBoxes(page).count()) > 0) {
      await press("j");
      await press("r");
      rejected += 1;
    }
    await press("Shift+F");
    if (done + 1 < SITTING) await page.waitForFunction((before) => ![null, undefined, before].includes(document.querySelector(".stage img.picture")?.getAttribute("src")), source);
  }
  const seconds = (performance.now() - start) / 1000;
  await until("all are sent", async () => (await server.dataset(name)).labeled >= done, 60_000);
  const dialogs = await page.evaluate(() => window.dialogs);
  note(`${done} images in ${seconds.toFixed(0)} s (${(seconds / done).toFixed(2)} s each): ${drawn} boxes drawn, ${rejected} rejected, ${presses} keys, ${dialogs} dialogs`);
  assert.equal(dialogs, 0);
  assert.equal((await server.dataset(name)).labeled, done);
  assert.ok(done >= Math.min(SITTING, SITTING_LEAST));
});

await main(async () => {
  trommel = demo("det", 250);
  server = await trommel.serve();
  hardOnes(trommel, 1, "any");
  labels = (await server.dataset("any")).labels.map((label) => label.name);
});
