// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { found, JUMPS_MAX, RECENT_MAX, scoreOf, withRecent, type Jump } from "./jump_match";

const jumps: Jump[] = [
  { id: "p", kind: "page", name: "Datasets" },
  { id: "d", kind: "dataset", name: "garments-hard", also: "dataset" },
  { id: "s", kind: "service", name: "garments-nightly" },
  { id: "t", kind: "task", name: "Import", also: "135d6436" },
  { id: "a", kind: "action", name: "Publish garments-hard" },
];
const ids = (typed: string, recent: string[] = []) => found(jumps, typed, recent).map(({ id }) => id);

describe("the jump box", () => {
  it("finds by beginnings before middles, and by letters in their order", () => {
    expect(ids("garments")).toEqual(["d", "s", "a"]);
    expect(ids("gnight")).toEqual(["s"]);
    expect(ids("hard pub")).toEqual(["a"]);
    expect(ids("zzz")).toEqual([]);
  });
  it("finds a task by its id", () => {
    expect(ids("135d")).toEqual(["t"]);
  });
  it("shows actions only after >", () => {
    expect(ids(">")).toEqual(["a"]);
    expect(ids("> gar")).toEqual(["a"]);
  });
  it("begins with what was chosen last, and without tasks", () => {
    expect(ids("", ["s", "d"])).toEqual(["s", "d", "p", "a"]);
  });
  it("shows no endless list, and remembers none", () => {
    expect(found(Array.from({ length: 50 }, (_, at) => ({ id: `${at}`, kind: "page", name: "x" })), "x", [])).toHaveLength(JUMPS_MAX);
    expect(["a", "b", "c", "d", "e", "f", "a"].reduce<readonly string[]>(withRecent, [])).toEqual(["a", "f", "e", "d", "c"].slice(0, RECENT_MAX));
  });
  it("prefers the beginning of a word to its middle", () => {
    expect(scoreOf("garments-hard", "hard")).toBeGreaterThan(scoreOf("shards", "hard"));
  });
});
