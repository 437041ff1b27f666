// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { fitted, moved, panned, pick, resized, spanned, toImage, toScreen, unionOf, zoomed, zoomedTo, BOX_MIN_PX, type Box } from "./geometry";

const image = { width: 100, height: 80 };
const box: Box = { xmin: 10, ymin: 20, xmax: 30, ymax: 50 };

describe("a box", () => {
  it("is what two corners span, in whichever order they are clicked", () => {
    expect(spanned([{ x: 30.4, y: 49.6 }, { x: 9.6, y: 20 }], image)).toEqual(box);
  });
  it("is what four extreme points span", () => {
    expect(spanned([{ x: 20, y: 20 }, { x: 30, y: 33 }, { x: 18, y: 50 }, { x: 10, y: 41 }], image)).toEqual(box);
  });
  it("ends at the image's edge", () => {
    expect(spanned([{ x: -50, y: -3 }, { x: 500, y: 90 }], image)).toEqual({ xmin: 0, ymin: 0, xmax: 100, ymax: 80 });
  });
  it("is never too small to be seen, also in the last corner", () => {
    for (const at of [{ x: 40, y: 40 }, { x: 100, y: 80 }, { x: 0, y: 0 }]) {
      const small = spanned([at, at], image);
      expect([small.xmax - small.xmin, small.ymax - small.ymin]).toEqual([BOX_MIN_PX, BOX_MIN_PX]);
      expect(small.xmax <= 100 && small.ymax <= 80 && small.xmin >= 0 && small.ymin >= 0).toBe(true);
    }
  });
  it("keeps its size when it is moved against an edge", () => {
    expect(moved(box, -100, 100, image)).toEqual({ xmin: 0, ymin: 50, xmax: 20, ymax: 80 });
  });
  it("follows a corner, and turns over past the other side", () => {
    expect(resized(box, "se", { x: 40, y: 60 }, image)).toEqual({ xmin: 10, ymin: 20, xmax: 40, ymax: 60 });
    expect(resized(box, "e", { x: 4, y: 0 }, image)).toEqual({ xmin: 4, ymin: 20, xmax: 10, ymax: 50 });
  });
  it("that lies within another is the one that is picked", () => {
    const inner = { box: { xmin: 15, ymin: 25, xmax: 20, ymax: 30 } };
    expect(pick([{ box }, inner], { x: 17, y: 27 })).toBe(inner);
    expect(pick([{ box }, inner], { x: 30, y: 27 })).toBeUndefined();
  });
});

describe("several boxes", () => {
  it("have one around them", () => {
    expect(unionOf([box, { xmin: 5, ymin: 30, xmax: 12, ymax: 70 }])).toEqual({ xmin: 5, ymin: 20, xmax: 30, ymax: 70 });
    expect(unionOf([])).toBeUndefined();
  });
});

describe("the view", () => {
  const screen = { width: 500, height: 500 };
  it("shows the whole image in the middle at first", () => {
    expect(fitted(image, screen)).toEqual({ scale: 5, x: 0, y: 50 });
  });
  it("does not blow a tiny image up without end", () => {
    expect(fitted({ width: 28, height: 28 }, { width: 1000, height: 1000 }).scale).toBe(8);
  });
  it("keeps what is under the pointer where it is", () => {
    const at = { x: 120, y: 300 };
    const before = fitted(image, screen);
    const after = zoomed(before, 2, at, image, screen);
    expect(after.scale).toBe(10);
    expect(toImage(after, at).x).toBeCloseTo(toImage(before, at).x);
    expect(toImage(after, at).y).toBeCloseTo(toImage(before, at).y);
  });
  it("cannot be moved off the image, nor zoomed out of it", () => {
    const near = zoomed(fitted(image, screen), 4, { x: 0, y: 0 }, image, screen);
    expect(panned(near, 9999, 9999, image, screen)).toEqual({ scale: 20, x: 0, y: 0 });
    expect(zoomed(near, 0.0001, { x: 0, y: 0 }, image, screen)).toEqual({ scale: 1, x: 200, y: 210 });
  });
  it("brings a box to the middle", () => {
    const view = zoomedTo({ xmin: 40, ymin: 30, xmax: 50, ymax: 40 }, image, screen);
    expect(toScreen(view, { x: 45, y: 35 })).toEqual({ x: 250, y: 250 });
  });
});
