// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { newPublish, publishBody, shares, tooRare } from "./split";

describe("a split before it is asked for", () => {
  it("names the labels that are too rare, the rarest first, and none that nobody uses", () => {
    const labels = [
      { name: "coat", samples: 5 },
      { name: "bag", samples: 4 },
      { name: "boot", samples: 1 },
      { name: "shirt", samples: 0 },
      { name: "ankle", samples: 1 },
    ];
    expect(tooRare(labels).map(({ name }) => name)).toEqual(["ankle", "boot", "bag"]);
  });

  it("deals every sample to one side", () => {
    expect(shares(0.8, 101)).toEqual({ train: 81, evaluation: 20 });
    expect(shares(0, 3)).toEqual({ train: 0, evaluation: 3 });
  });

  it("asks for a split only when one is wanted", () => {
    expect(publishBody({ ...newPublish, seed: 7, keepsUsage: true })).toEqual({});
    expect(publishBody({ ...newPublish, name: "V9", splits: true, seed: 7, keepsUsage: true, writesHard: true })).toEqual({ name: "V9", hard_attributes: true, train_ratio: 0.8, seed: 7, keep_usage: true });
  });
});
