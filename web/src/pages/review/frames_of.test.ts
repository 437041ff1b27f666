// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { framesOf } from "./frames_of";

describe("the frames beside an image", () => {
  it("come in their order, with what is known of each", () => {
    const frames = [
      { place: 1, source: "/c.png", bits: 3, label: "dog", score: 0.9 },
      { place: -1, source: "/a.png", bits: 4, boxes_kept: 2 },
    ];
    const pictures = [
      { place: -1, image: "/api/a" },
      { place: 1, image: null },
    ];
    expect(framesOf({ frames }, pictures)).toEqual([
      { place: -1, source: "/a.png", image: "/api/a", label: undefined, score: undefined, boxes: 2 },
      { place: 1, source: "/c.png", image: undefined, label: "dog", score: 0.9, boxes: undefined },
    ]);
  });
  it("are none where the evidence has none", () => {
    expect([framesOf({}), framesOf({ frames: [{}] })]).toEqual([[], []]);
  });
});
