// SPDX-License-Identifier: Apache-2.0
// The console asks the server for nothing that docs/openapi.json does not know: the client's types see to its calls, this to all else.
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const source = join(__dirname, "..");
const files = readdirSync(source, { recursive: true, encoding: "utf8" }).filter((name) => /\.tsx?$/.test(name) && !/\.test\.|schema\.d\.ts$/.test(name));
const codeOf = (name: string) => readFileSync(join(source, name), "utf8").replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, "");
const document = JSON.parse(readFileSync(join(source, "../../docs/openapi.json"), "utf8")) as { paths: Record<string, unknown> };
const templates = Object.keys(document.paths).map((path) => path.replaceAll(/\{\w+\}/g, "*"));

it("what stands in a link or a picture's address is a path of the document", () => {
  const found = files.flatMap((name) => [...codeOf(name).matchAll(/["'`](\/api\/v1[^"'`\n]*)["'`]/g)].map(([, path = ""]) => ({ name, path })));
  expect(found.length).toBeGreaterThan(50);
  const bare = (path: string) => path.replaceAll(/\$\{[^}]*\}|\{\w+\}/g, "*").replace(/(\?|\*\*).*$/, "");
  expect(found.filter(({ path }) => !templates.includes(bare(path)))).toEqual([]);
});
it("only pictures are fetched past the client, to tell why one does not come", () => {
  const past = files.filter((name) => /(?<![\w.])fetch\(/.test(codeOf(name)));
  expect(past.sort()).toEqual(["pages/label/tile_picture.tsx", "pages/review/loaded.ts"]);
});
