// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { boxOf, boxText, shapeOf } from "./shape";

const label = (kind: string, feature: unknown) => ({ shape: { "@modelarts:shape": kind, "@modelarts:feature": feature } });

describe("a label's shape", () => {
  it("is a box by two corners", () => {
    expect(boxOf(label("bndbox", [[115, 16], [137, 75]]))).toEqual({ xmin: 115, ymin: 16, xmax: 137, ymax: 75 });
  });
  it("has a box around all its points", () => {
    expect(boxOf(label("polygon", [[10, 5], [2, 40], [30, 20]]))).toEqual({ xmin: 2, ymin: 5, xmax: 30, ymax: 40 });
  });
  it("of one point has no box", () => {
    expect(shapeOf(label("point", [[3, 4]]))).toEqual({ kind: "point", points: [{ x: 3, y: 4 }] });
    expect(boxOf(label("point", [3, 4]))).toBeUndefined();
  });
  it("is none where there is none, or what makes no sense", () => {
    expect([boxOf({}), boxOf({ shape: null }), boxOf(label("bndbox", "x")), boxOf(label("bndbox", [["a", 1]]))]).toEqual([undefined, undefined, undefined, undefined]);
  });
  it("is told to the server in whole px, colons in the name too", () => {
    expect(boxText("a:b", { xmin: 1.4, ymin: 2.6, xmax: 30, ymax: 40 })).toBe("a:b:1,3,30,40");
  });
});
