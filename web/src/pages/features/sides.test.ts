// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { asked, measured, outline, rangeOf, sharesOf, sidesOf } from "./sides";

describe("two sets of images", () => {
  it("are what the URL says, and nonsense is left out", () => {
    expect(sidesOf({ version: "V002", usage: "TRAIN", against_usage: "SOMETIMES", label: "" })).toEqual({ version: "V002", against: undefined, usage: "TRAIN", againstUsage: undefined, label: undefined });
  });

  it("are a version and another version, or what a service saw", () => {
    const sides = sidesOf({ against: "base@V001", usage: "TRAIN", against_usage: "EVAL" });
    expect(measured(sides)).toEqual({ against: "base@V001" });
    expect(asked(sides)).toEqual({ against: "base@V001", usage: "TRAIN", against_usage: "EVAL" });
    expect(asked({ ...sides, against: "service:nightly" })).toEqual({ service: "nightly", usage: "TRAIN" });
    expect(asked({ ...sides, against: undefined })).toEqual({ usage: "TRAIN" });
  });

  it("have the same scale whatever their size", () => {
    expect(sharesOf({ bins: [1, 3], count: 4 })).toEqual(sharesOf({ bins: [100, 300], count: 400 }));
    expect(sharesOf({ bins: [0, 0], count: 0 })).toEqual([0, 0]);
  });

  it("are outlined step by step", () => {
    expect(outline([0.5, 0.25], 0.5, 100, 40)).toBe("M0 40V0H50V20H100V40");
    expect(outline([0, 0], 0, 100, 40)).toBe("M0 40V40H50V40H100V40");
  });
});

describe("a range of bins", () => {
  const edges = [0, 1, 2, 3, 4];
  it("is open where the histogram ends, as values may lie beyond it", () => {
    expect(rangeOf("clarity", edges, [0, 2])).toEqual({ name: "clarity", min: undefined, max: 2 });
    expect(rangeOf("clarity", edges, [3, 4])).toEqual({ name: "clarity", min: 3, max: undefined });
    expect(rangeOf("clarity", edges, [1, 3])).toEqual({ name: "clarity", min: 1, max: 3 });
  });
});
