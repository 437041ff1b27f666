// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { tagPlaces, TAG_PX } from "./tag_places";

const view = { scale: 2, x: 0, y: 0 };
const screen = { width: 400, height: 300 };
const tag = (xmin: number, ymin: number, xmax: number, ymax: number) => ({ box: { xmin, ymin, xmax, ymax }, width: 60 });

describe("the tags of boxes", () => {
  it("stand above their boxes", () => {
    expect(tagPlaces([tag(50, 50, 90, 90)], view, screen)).toEqual([{ x: 100, y: 100 - TAG_PX }]);
  });
  it("do not cover one another: the later one goes below, then within", () => {
    const all = tagPlaces([tag(50, 50, 90, 90), tag(51, 52, 90, 92), tag(52, 50, 90, 92)], view, screen);
    expect(all).toEqual([
      { x: 100, y: 84 },
      { x: 102, y: 184 },
      { x: 104, y: 100 },
    ]);
  });
  it("stay on the screen, and are none for a box that is off it", () => {
    expect(tagPlaces([tag(190, 0, 200, 40), tag(300, 10, 320, 40)], view, screen)).toEqual([{ x: 340, y: 0 }, undefined]);
  });
});
