// SPDX-License-Identifier: Apache-2.0
// @vitest-environment jsdom
import { beforeEach, describe, expect, it } from "vitest";
import { DecisionStore } from "./decision_store";
import type { Decision } from "./queue";

const decision = (key: string): Decision => ({ key, dataset: "d", sample: key, revision: 1, action: "confirm" });
beforeEach(() => localStorage.clear());

describe("decisions in the browser", () => {
  it("come out in the order they were put in, after a reload too", () => {
    const store = new DecisionStore(localStorage, () => 5);
    for (const key of ["b", "a", "c"]) store.put(decision(key));
    store.drop("a");
    expect(new DecisionStore(localStorage).load().map(({ key }) => key)).toEqual(["b", "c"]);
    expect(DecisionStore.holdsAny(localStorage)).toBe(true);
  });
  it("of another tab stay when one's own go", () => {
    const [one, other] = [new DecisionStore(localStorage, () => 1), new DecisionStore(localStorage, () => 2)];
    one.put(decision("a"));
    other.put(decision("b"));
    one.drop("a");
    expect(new DecisionStore(localStorage).load().map(({ key }) => key)).toEqual(["b"]);
  });
  it("keep their place when they change", () => {
    const store = new DecisionStore(localStorage);
    store.put(decision("a"));
    store.put(decision("b"));
    store.put({ ...decision("a"), revision: 7 });
    expect(new DecisionStore(localStorage).load().map(({ key, revision }) => `${key}${revision}`)).toEqual(["a7", "b1"]);
  });
  it("that cannot be read are thrown away, other things are left alone", () => {
    localStorage.setItem("trommel.decision.1", "{");
    localStorage.setItem("trommel.decision.2", '{"key":"a"}');
    localStorage.setItem("trommel.theme", "dark");
    expect(new DecisionStore(localStorage).load()).toEqual([]);
    expect(Object.keys(localStorage)).toEqual(["trommel.theme"]);
  });
});
