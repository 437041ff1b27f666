// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { assignedKeys, givenKeys, keyClash, keyedNames, keysByLabel, labelKeys, labelsByKey } from "./label_keys";
import { labelNames, withMore } from "./label_names";
import { colorOf } from "./palette";

const names = (count: number) => Array.from({ length: count }, (_, at) => ({ name: `c${at}`, shortcut: null, samples: count - at }));

describe("the key of a label", () => {
  it("is the digit of its place, or the one that it was given", () => {
    const keys = keysByLabel([{ name: "cat" }, { name: "dog", shortcut: "p" }, { name: "fox" }]);
    expect([...keys].sort()).toEqual([["cat", "1"], ["dog", "p"], ["fox", "3"]]);
  });
  it("goes to the label that was given it before the one of that place", () => {
    const keys = labelsByKey([{ name: "cat" }, { name: "dog", shortcut: "1" }, { name: "fox", shortcut: "1" }]);
    expect([...keys]).toEqual([["1", "dog"]]);
  });
  it("clashes with what the console or its pages have", () => {
    expect(["?", "g", "Ctrl+S", "Escape"].map(keyClash)).toEqual(Array(4).fill("reserved"));
    expect(["f", "r", "l", "Shift+H", "ArrowLeft"].map(keyClash)).toEqual(Array(5).fill("function"));
    expect(["1", "0", "Shift+9", "p", "u"].map(keyClash)).toEqual(Array(5).fill(undefined));
  });
});

describe("keys where one labels", () => {
  const labels = labelNames([{ name: "cat", color: null, shortcut: "f" }, { name: "dog", color: "#112233", shortcut: "p" }], ["fox"]);
  it("are those that were given, unless a function has them", () => {
    expect([...keysByLabel(keyedNames(labels))].sort()).toEqual([["cat", "1"], ["dog", "p"], ["fox", "3"]]);
    expect(givenKeys(labels)).toEqual(["p"]);
  });
  it("and colours stay when labels join", () => {
    const more = withMore(labels, ["owl", "cat"]);
    expect([...more]).toEqual(["cat", "dog", "fox", "owl"]);
    expect([colorOf(more, "dog"), givenKeys(more)]).toEqual(["#112233", ["p"]]);
  });
});

describe("assigning keys", () => {
  it("gives digits to the most frequent, and leaves what was given", () => {
    const keys = assignedKeys([{ name: "rare", samples: 1 }, { name: "often", samples: 9 }, { name: "own", shortcut: "1", samples: 5 }]);
    expect([...keys]).toEqual([["often", "2"], ["rare", "3"]]);
  });
  it("ends when no key is left, and never gives one that clashes", () => {
    const keys = assignedKeys(names(100));
    expect(keys.size).toBe(labelKeys.length);
    expect(new Set(keys.values()).size).toBe(keys.size);
    expect([...keys.values()].map(keyClash).filter(Boolean)).toEqual([]);
  });
});
