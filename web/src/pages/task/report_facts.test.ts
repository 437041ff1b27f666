// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { funnelOf, shifts, spoken } from "./report_facts";

describe("the funnel of a filtering", () => {
  it("says at each step how many are left and how many went", () => {
    const report = { images: { total: 1204, analysed: 1198 }, list: { from_threshold: 181, listed: 169 } };
    expect(funnelOf(report, { added: 160, updated: 5, unchanged: 4 })).toEqual([
      { id: "collected", count: 1204, lost: 0 },
      { id: "readable", count: 1198, lost: 6 },
      { id: "hard", count: 181, lost: 1017 },
      { id: "kept", count: 169, lost: 12 },
      { id: "imported", count: 169, lost: 0 },
    ]);
  });
  it("leaves out what an older report does not know", () => {
    expect(funnelOf({ images: { total: 10, hard: 3 } }, {}).map(({ id, lost }) => [id, lost])).toEqual([["collected", 0], ["kept", 7]]);
    expect(funnelOf({}, {})).toEqual([]);
  });
});

describe("reasons and features", () => {
  it("that spoke come first by how often", () => {
    const reason = (id: number, hard: number) => ({ id, code: `C${id}`, name: "", hard });
    expect(spoken({ reasons: [reason(1, 2), reason(2, 0), reason(3, 9), reason(0, 2)] }).map(({ id }) => id)).toEqual([3, 0, 1]);
  });
  it("that are farthest from training come first, unknown ones last", () => {
    const feature = (name: string, share_outside: number | null) => ({ feature: name, reference: "training", low: 0, median: 0, high: 0, run_median: 0, share_outside });
    expect(shifts({ features: [feature("a", null), feature("b", 0.1), feature("c", 0.5)] }).map(({ feature: name }) => name)).toEqual(["c", "b", "a"]);
  });
});
