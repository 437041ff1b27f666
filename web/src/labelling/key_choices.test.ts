// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { choicesOf, chosenKey, clashOf, defaultChoices, isReserved, withKey } from "./key_choices";

describe("keys of one's own", () => {
  it("stand in place of the usual ones, in their group only", () => {
    const mine = withKey(defaultChoices, "review", "f", "Enter");
    expect(chosenKey(mine, "review", "f")).toBe("Enter");
    expect(chosenKey(mine, "label", "f")).toBe("f");
    expect(withKey(mine, "review", "f", "f").own).toEqual({});
  });
  it("clash with what has the key now, not with what had it", () => {
    const mine = withKey(defaultChoices, "review", "r", "t");
    expect(clashOf(mine, "review", ["f", "r", "w"], "f", "t")).toBe("r");
    expect(clashOf(mine, "review", ["f", "r", "w"], "f", "r")).toBeUndefined();
    expect(clashOf(mine, "review", ["f", "r", "w"], "r", "t")).toBeUndefined();
  });
  it("are not those of every page or of the browser", () => {
    expect(["?", "g", "Ctrl+W", "Tab", "Escape"].every(isReserved)).toBe(true);
    expect(["f", "Ctrl+Z", "Enter", "G"].some(isReserved)).toBe(false);
  });
});

describe("ModelArts' keys", () => {
  const choices = { ...defaultChoices, preset: "modelarts" as const };
  it("give 1 to the rectangle, and classes Shift and a digit, in the box editor", () => {
    expect(chosenKey(choices, "detection", "n")).toBe("1");
    expect(chosenKey(choices, "detection", "3")).toBe("Shift+3");
    expect(chosenKey(choices, "detection", "Shift+3")).toBe("");
    expect(chosenKey(choices, "review", "3")).toBe("3");
    expect(chosenKey(choices, "review", "d")).toBe("d");
  });
  it("leave no key with two meanings", () => {
    const defaults = ["n", "v", ..."1234567890", ...[..."123456789"].map((digit) => `Shift+${digit}`)];
    const keys = defaults.map((key) => chosenKey(choices, "detection", key)).filter(Boolean);
    expect(new Set(keys).size).toBe(keys.length);
  });
});

describe("CVAT's keys", () => {
  const choices = { ...defaultChoices, preset: "cvat" as const };
  it("go from image to image by D and F, and confirm by A", () => {
    expect(["a", "d", "f", "n"].map((key) => chosenKey(choices, "review", key))).toEqual(["d", "f", "a", "n"]);
    expect(["f", "Shift+F", "n"].map((key) => chosenKey(choices, "detection", key))).toEqual(["a", "Shift+A", "n"]);
    expect(clashOf(choices, "review", ["f", "d", "a"], "r", "f")).toBe("d");
  });
});

describe("left-handed keys", () => {
  const choices = { ...defaultChoices, preset: "lefthanded" as const };
  it("lie under the right hand, letter for letter and back", () => {
    expect(["f", "d", "a", "r", "Shift+F", "j", "1", "Ctrl+Z", "z"].map((key) => chosenKey(choices, "review", key))).toEqual(["j", "k", "h", "u", "Shift+J", "f", "1", "Ctrl+Z", "z"]);
  });
});

describe("single keys", () => {
  it("can be switched off, and leave what is held or has a name", () => {
    const off = { ...defaultChoices, hasSingles: false };
    expect(["f", "Shift+F", "1", "+"].map((key) => chosenKey(off, "review", key))).toEqual(["", "", "", ""]);
    expect(["Ctrl+Z", "ArrowLeft", "Delete"].map((key) => chosenKey(off, "review", key))).toEqual(["Ctrl+Z", "ArrowLeft", "Delete"]);
  });
});

it("what was kept is read as far as it makes sense", () => {
  expect(choicesOf(null)).toEqual(defaultChoices);
  expect(choicesOf("{")).toEqual(defaultChoices);
  expect(choicesOf('{"preset":"emacs","own":{"review f":"x","review r":3},"hasSingles":false}')).toEqual({ preset: "trommel", own: { "review f": "x" }, hasSingles: false });
});
