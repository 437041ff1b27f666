// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { fitted, toImage, zoomed } from "./geometry";
import { alike } from "./view_pair";

const [one, other, screen] = [{ width: 200, height: 100 }, { width: 1000, height: 400 }, { width: 500, height: 500 }];

describe("two images side by side", () => {
  it("are both whole when one is", () => {
    expect(alike(fitted(one, screen), one, screen, other, screen)).toEqual(fitted(other, screen));
  });
  it("show the same part, as much larger", () => {
    const view = zoomed(fitted(one, screen), 3, { x: 100, y: 240 }, one, screen);
    const pair = alike(view, one, screen, other, screen);
    const middle = { x: 250, y: 250 };
    expect(toImage(pair, middle).x / other.width).toBeCloseTo(toImage(view, middle).x / one.width);
    expect(toImage(pair, middle).y / other.height).toBeCloseTo(toImage(view, middle).y / one.height);
    expect(pair.scale / fitted(other, screen).scale).toBeCloseTo(3);
  });
});
