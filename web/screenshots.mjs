// SPDX-License-Identifier: Apache-2.0
// Pictures of the console's main pages, over the demo's data: npm run screenshots -- PROGRAM [FOLDER]. FOLDER: docs/images.
import { mkdirSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const source = join(dirname(fileURLToPath(import.meta.url)), "..");
const [program, folder = join(source, "docs/images")] = process.argv.slice(2);
process.argv = [process.argv[0], process.argv[1], resolve(program ?? join(source, "build/trommel")), source];
const { demo, hardOnes, openBrowser, openPage } = await import("../tests/web/web.mjs");

const shots = [
  ["console-home", "cls", "/"],
  ["console-services", "cls", "/services"],
  ["console-deploy", "cls", "/deploy"],
  ["console-service", "cls", "/services/garments-nightly"],
  ["console-sample", "cls", "/services/garments-nightly?tab=sample"],
  ["console-dataset", "cls", "/datasets/queue"],
  ["console-label", "cls", "/datasets/queue/label?state=to_be_confirmed"],
  ["console-review", "cls", "/datasets/queue/review?state=to_be_confirmed"],
  ["console-review-dark", "cls", "/datasets/queue/review?state=to_be_confirmed", "dark"],
  ["console-boxes", "det", "/datasets/queue/review?state=to_be_confirmed"],
  ["console-models", "cls", "/models"],
  ["console-report", "cls", "/tasks/TASK"],
];

mkdirSync(folder, { recursive: true });
const servers = {};
for (const [type, images] of [["cls", 2000], ["det", 400]]) {
  const trommel = demo(type, images);
  hardOnes(trommel, Math.round(images / 5));
  const [task] = trommel.ask("sample", "tasks", trommel.service);
  servers[type] = Object.assign(await trommel.serve(), { task: task.id });
}
for (const [name, type, path, theme = "light"] of shots) {
  const server = servers[type];
  const page = await openPage(server, path.replace("TASK", server.task), { theme });
  await page.waitForFunction(() => !document.querySelector(".skeleton"));
  await page.waitForTimeout(1200);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  await page.context().close();
  console.log(join(folder, `${name}.png`));
}
await (await openBrowser()).close();
process.exit(0);
