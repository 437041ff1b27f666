// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { tallyOf } from "./tallies";

const near = (label: string, at = 0) => ({ source: `/${label}${at}.png`, label, cosine: 0.9 });

describe("the labels of near training samples", () => {
  it("are counted, most first, the predicted one marked", () => {
    const [looks] = tallyOf({ predicted_label: "cat", appearance: { neighbours: [near("cat"), near("dog"), near("dog", 1)] } });
    expect(looks).toEqual({
      space: "appearance",
      total: 3,
      sources: ["/cat0.png", "/dog0.png", "/dog1.png"],
      counts: [
        { label: "dog", count: 2, isPredicted: false },
        { label: "cat", count: 1, isPredicted: true },
      ],
    });
  });
  it("are nothing where a reason knows of none", () => {
    expect([tallyOf({}), tallyOf({ appearance: { neighbours: [] } }), tallyOf({ appearance: { neighbours: ["x"] } })]).toEqual([[], [], []]);
  });
});
