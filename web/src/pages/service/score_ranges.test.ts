// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { binRange, scoreRangeOf } from "./score_ranges";

describe("ranges of scores", () => {
  it("are read from a URL", () => {
    expect(scoreRangeOf("0.5..0.7")).toEqual([0.5, 0.7]);
    for (const bad of [undefined, "", "0.7..0.5", "0..2", "x", "0.5"]) expect(scoreRangeOf(bad)).toBeUndefined();
  });
  it("drawn over a histogram end at the edges of its bins, either way", () => {
    expect(binRange(0.52, 0.68, 20)).toBe("0.5..0.7");
    expect(binRange(0.68, 0.52, 20)).toBe("0.5..0.7");
    expect(binRange(0.3, 0.5, 20)).toBe("0.3..0.5");
    expect(binRange(1, 1, 20)).toBe("0.95..1");
    expect(binRange(0.99, 1, 20)).toBe("0.95..1");
    expect(scoreRangeOf(binRange(0, 0, 20))).toEqual([0, 0.05]);
  });
});
