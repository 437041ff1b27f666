// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { featureRows, resultOf } from "./sample_features";

const usual = (feature: string, reference = "training") => ({ feature, reference, low: 10, median: 20, high: 30, run_median: 1, share_outside: 0 });

describe("features of a sample", () => {
  it("stand beside training, and say on which side they fall out", () => {
    const rows = featureRows({ brightness: 5, sharpness: 31, saturation: 30 }, [usual("brightness"), usual("sharpness"), usual("saturation")]);
    expect(rows.map(({ feature, side, median }) => [feature, side, median])).toEqual([
      ["brightness", "below", 20],
      ["sharpness", "above", 20],
      ["saturation", "within", 20],
    ]);
  });
  it("without a training set stand alone", () => {
    expect(featureRows({ brightness: 5 }, [usual("brightness", "run")])[0]).toMatchObject({ value: 5, median: null, side: "unknown" });
    expect(featureRows({ brightness: 5 }, undefined)[0]?.side).toBe("unknown");
  });
  it("that were not measured are left out", () => {
    expect(featureRows({ box_count: null, brightness: 1 }, [])).toHaveLength(1);
    expect(featureRows(null, [])).toEqual([]);
  });
  it("are found by the path of what the model said", () => {
    expect(resultOf("/api/v1/services/nightly/results/abc-12")).toEqual({ service: "nightly", result: "abc-12" });
    expect(resultOf(null)).toBeNull();
    expect(resultOf("/elsewhere")).toBeNull();
  });
});
