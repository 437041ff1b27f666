// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { countOf, everything, inverted, isSelected, nothing, put, targetOf, toggled } from "./selection";

describe("a selection", () => {
  it("starts with nothing and takes what is put into it", () => {
    const some = put(nothing, ["a", "b"], true);
    expect([isSelected(some, "a"), isSelected(some, "c"), countOf(some, 100)]).toEqual([true, false, 2]);
    expect(countOf(nothing, 100)).toBe(0);
  });
  it("of all that match is all but those that are taken out, without knowing them", () => {
    const most = toggled(everything, "a");
    expect([isSelected(most, "a"), isSelected(most, "z"), countOf(most, 1_000_000)]).toEqual([false, true, 999_999]);
    expect(toggled(most, "a")).toEqual(everything);
  });
  it("turned over twice is what it was", () => {
    const some = put(nothing, ["a"], true);
    expect(inverted(inverted(some))).toEqual(some);
    expect(countOf(inverted(some), 10)).toBe(9);
  });
  it("is told to the server by names, or by the filter and the exceptions", () => {
    const query = { state: "labeled" };
    expect(targetOf(put(nothing, ["a"], true), query)).toEqual({ ids: ["a"] });
    expect(targetOf(toggled(everything, "b"), query)).toEqual({ query, except: ["b"] });
  });
});
