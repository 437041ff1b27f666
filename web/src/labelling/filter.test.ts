// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { conditionsOf, filterOf, queryOf, relaxed, toggledIn, treeOf, urlOf, type Filter } from "./filter";

const whole: Filter = {
  state: "to_be_confirmed",
  sort: "source",
  reasons: [1, 20],
  allReasons: false,
  labels: ["cat, black", "dog"],
  hard: true,
  coefficient: [0.25, 0.5],
  score: [0, 1],
  features: [{ name: "brightness", min: 0.1, max: 1e-7 + 3 }, { name: "clarity", min: undefined, max: -2.5 }],
  name: "00",
  origin: "import",
  task: "0123456789abcdef0123456789abcdef",
  withExcluded: true,
};

describe("a filter", () => {
  it("comes out of the URL as it went in, commas in labels too", () => {
    expect(filterOf(urlOf(whole))).toEqual(whole);
  });
  it("that shows all leaves the URL empty", () => {
    expect(Object.values(urlOf(filterOf({}))).filter((value) => value !== undefined)).toEqual([]);
  });
  it("takes nothing from a URL that makes no sense", () => {
    expect(filterOf({ state: "x", sort: "x", reason: "31,-1,1.5,x,3", hard: "x", coefficient: "0.9..0.1", score: "a", task: "x", feature: "beauty:1..2,clarity,clarity:1,clarity:2..1,clarity:a..,clarity:1..2..3" })).toEqual({ ...filterOf({}), reasons: [3] });
  });
  const conditions = [
    { state: "to_be_confirmed" },
    { or: [{ reason: 1 }, { reason: 20 }] },
    { or: [{ label: "cat, black" }, { label: "dog" }] },
    { hard: true },
    { coefficient: { min: 0.25, max: 0.5 } },
    { score: { min: 0, max: 1 } },
    { feature: { name: "brightness", min: 0.1, max: 1e-7 + 3 } },
    { feature: { name: "clarity", max: -2.5 } },
    { name: "00" },
    { origin: "import" },
    { origin_task: "0123456789abcdef0123456789abcdef" },
  ];
  it("asks the API for any of the reasons and any of the labels", () => {
    expect(queryOf(whole)).toEqual({ filter: { and: conditions }, include_excluded: true });
    expect(queryOf(filterOf({ hard: "false" }))).toEqual({ filter: { and: [{ hard: false }] } });
    expect(queryOf(filterOf({}))).toEqual({});
  });
  it("asks for all of the reasons when it says so, there and back through the URL", () => {
    const all = filterOf({ reason: "1,20", reasons: "all" });
    expect(queryOf(all)).toEqual({ filter: { and: [{ reason: 1 }, { reason: 20 }] } });
    expect(filterOf(urlOf(all))).toEqual(all);
  });
  it("is a target that leaves excluded samples alone unless they are shown", () => {
    expect(treeOf(whole)).toEqual({ and: conditions });
    expect(treeOf(filterOf({}))).toEqual({ and: [{ excluded: false }] });
  });
  it("can be had without any one of its conditions", () => {
    expect(relaxed(whole).map(({ key }) => key)).toEqual(["reasons", "labels", "hard", "coefficient", "score", "features", "name", "origin", "task"]);
    expect(relaxed(filterOf({ state: "labeled" }))).toEqual([]);
  });
  it("takes a label from a URL whose escapes are broken", () => {
    expect(filterOf({ label: "100%" }).labels).toEqual(["100%"]);
  });
  it("counts its conditions, the tab apart", () => {
    expect([conditionsOf(whole), conditionsOf(filterOf({ state: "labeled" }))]).toEqual([13, 0]);
  });
  it("takes a value in and out again", () => {
    expect(toggledIn(toggledIn([1], 2), 1)).toEqual([2]);
  });
});
