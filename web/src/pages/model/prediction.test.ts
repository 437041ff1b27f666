// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { predictionOf } from "./prediction";

describe("a result as a run writes it", () => {
  it("has scores as texts", () => {
    expect(predictionOf({ predicted_label: "cat", scores: [["cat", "0.9"], ["dog", "0.1"]] }).scores).toEqual([
      { label: "cat", score: 0.9 },
      { label: "dog", score: 0.1 },
    ]);
  });
  it("has boxes from the top: y before x", () => {
    const written = { detection_classes: ["cat"], detection_boxes: [[10, 20, 30, 60]], detection_scores: [0.5] };
    expect(predictionOf(written).boxes).toEqual([{ label: "cat", score: 0.5, xmin: 20, ymin: 10, xmax: 60, ymax: 30 }]);
  });
  it("may hold nothing", () => expect(predictionOf(null)).toEqual({ scores: [], boxes: [] }));
});
