// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { exportBody, importBody, newExport, newImport, optionsOf } from "./transfer";

describe("import", () => {
  it("says no more than was chosen", () => {
    expect(importBody({ ...newImport, path: "/data/a.json" })).toEqual({ manifest: "/data/a.json" });
  });
  it("says everything that was chosen", () => {
    const draft = { path: "/data/a", format: "coco", images: "/data/i", included: "cat, dog\ncat", excluded: "fox", onlyDifficult: true, state: "to_be_confirmed", stops: true };
    expect(importBody(draft)).toEqual({
      manifest: "/data/a",
      format: "coco",
      images: "/data/i",
      include_labels: ["cat", "dog"],
      exclude_labels: ["fox"],
      difficult_only: true,
      to_be_confirmed: true,
      stop_at_bad_line: true,
    });
  });
});

describe("export", () => {
  it("splits only when asked", () => {
    expect(exportBody({ ...newExport, folder: "/out" })).toEqual({ folder: "/out", format: "modelarts", state: "labeled", layout: "tree", images: "copy" });
    expect(exportBody({ ...newExport, folder: "/out", version: "V001", splits: true, seed: 3 })).toMatchObject({ version: "V001", split: 0.8, seed: 3 });
  });
  it("leaves words out of the options", () => {
    expect(optionsOf({ folder: "/out", format: "csv" }, "folder")).toEqual({ format: "csv" });
  });
});
