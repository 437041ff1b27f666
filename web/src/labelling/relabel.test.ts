// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { relabelled, tallyOf, type Labelled } from "./relabel";

const samples: Labelled[] = [
  { id: "a", labels: [{ name: "cat", state: "suggested" }] },
  { id: "b", labels: [{ name: "cat", state: "confirmed" }, { name: "cat", state: "confirmed" }, { name: "dog", state: "suggested" }] },
  { id: "c", labels: [{ name: "dog", state: "confirmed" }] },
  { id: "d", labels: [{ name: "cat", state: "confirmed" }] },
  { id: "e", labels: [] },
];

describe("labels of several samples", () => {
  it("are counted once a sample, the most frequent first", () => {
    expect(tallyOf(samples)).toEqual([
      { name: "cat", samples: 3, confirmed: 2 },
      { name: "dog", samples: 2, confirmed: 1 },
    ]);
  });
  it("change together where the outcome is the same", () => {
    expect(relabelled(samples, "cat", "fox")).toEqual([
      { ids: ["a", "d"], labels: ["fox"] },
      { ids: ["b"], labels: ["fox", "dog"] },
    ]);
  });
  it("become one when the other is there already", () => {
    expect(relabelled(samples, "cat", "dog")).toEqual([{ ids: ["a", "b", "d"], labels: ["dog"] }]);
  });
  it("go, and a sample may end without any", () => {
    expect(relabelled(samples, "cat", null)).toEqual([
      { ids: ["a", "d"], labels: [] },
      { ids: ["b"], labels: ["dog"] },
    ]);
  });
});
