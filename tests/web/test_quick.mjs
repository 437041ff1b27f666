// SPDX-License-Identifier: Apache-2.0
// Quick Review by keys alone: what is marked loses its label or its box, all the rest of images that wait is confirmed, and it is taken back.
import assert from "node:assert/strict";
import { demo, hardOnes, main, note, openPage, test, until } from "./web.mjs";

let garments, scenes, images, boxes;

const boxesOf = (trommel, dataset) => new Map(trommel.samples(dataset).map(({ id, labels }) => [id, labels.length]));
const wall = (page) => page.locator("button.crop");

test("one key confirms a class but for what is marked, and Ctrl+Z takes it back", async () => {
  const queue = hardOnes(garments, 60);
  const page = await openPage(images, `/datasets/${queue}/quick-review`);
  await wall(page).first().waitFor();
  const count = await wall(page).count();
  assert.ok(count > 2, "the class has some images");
  await wall(page).first().focus();
  await page.keyboard.press("ArrowRight");
  await page.keyboard.press("x");
  assert.deepEqual(await wall(page).evaluateAll((items) => items.map((item) => item.getAttribute("aria-pressed")).slice(0, 3)), ["false", "true", "false"]);
  await page.keyboard.press("f");
  await until("all but one are labeled", async () => (await images.dataset(queue)).labeled === count - 1);
  await until("what was marked does not wait any more", async () => (await images.dataset(queue)).to_be_confirmed === 60 - count);
  await page.keyboard.press("Control+z");
  await until("all wait again", async () => (await images.dataset(queue)).to_be_confirmed === 60);
  note(`${count} images of a class by three keys`);
});

test("a box that is marked goes, and the others of its image stay", async () => {
  const { training } = scenes;
  const before = boxesOf(scenes, training);
  const page = await openPage(boxes, `/datasets/${training}/quick-review`);
  await wall(page).first().waitFor();
  await until("crops are drawn", () => wall(page).first().locator("img").evaluate((image) => image.complete && image.naturalWidth > 0));
  await wall(page).first().focus();
  await page.keyboard.press("x");
  await page.keyboard.press("f");
  const changed = () => [...boxesOf(scenes, training)].filter(([id, count]) => before.get(id) !== count).map(([id, count]) => before.get(id) - count);
  await until("one image has a box less", () => changed().length === 1);
  assert.deepEqual(changed(), [1]);
  await page.keyboard.press("Control+z");
  await until("the box is back", () => changed().length === 0);
});

await main(async () => {
  [garments, scenes] = [demo("cls", 300), demo("det", 100)];
  [images, boxes] = [await garments.serve(), await scenes.serve()];
});
