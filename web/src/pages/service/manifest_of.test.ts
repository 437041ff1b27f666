// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { manifestOf } from "./manifest_of";

it("a manifest has a line for each image, whatever its name", () => {
  const names = ['/a/"quoted".png', "/a/two\nlines.png", "/a/图.png"];
  const lines = manifestOf(names).split("\n");
  expect(lines).toHaveLength(4);
  expect(lines.slice(0, 3).map((line) => (JSON.parse(line) as { source: string }).source)).toEqual(names);
  expect(manifestOf([])).toBe("");
});
