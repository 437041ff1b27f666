// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { changing, leftOut, mergeBody, mergeLine, placesFor } from "./merge";

const place = (id: string, dataset_type: string, labeled: number) => ({ id, name: id, dataset_type, labeled });

describe("adding to a training dataset", () => {
  it("offers datasets of the same type but itself, the fullest first", () => {
    const hard = place("hard", "image_classification", 9);
    const all = [hard, place("boxes", "object_detection", 99), place("small", "image_classification", 1), place("big", "image_classification", 50), place("also", "image_classification", 1)];
    expect(placesFor(hard, all).map(({ id }) => id)).toEqual(["big", "also", "small"]);
  });

  it("asks for what was chosen, only for hard ones, or for all", () => {
    expect(mergeBody("big", "labeled", { ids: ["a"] })).toEqual({ into: "big" });
    expect(mergeBody("big", "hard", { ids: ["a"] })).toEqual({ into: "big", hard: true });
    expect(mergeBody("big", "chosen", { ids: ["a"] })).toEqual({ into: "big", ids: ["a"] });
    expect(mergeBody("big", "chosen", { filter: { reason: 7 }, count: 3 })).toEqual({ into: "big", filter: { reason: 7 } });
    expect(mergeBody("big", "chosen", undefined)).toEqual({ into: "big" });
  });

  it("says the same as a line for a shell", () => {
    expect(mergeLine("hard", { into: "big", ids: ["a", "b"] })).toBe("trommel dataset merge hard --into big --ids a --ids b");
    expect(mergeLine("hard", { into: "big", filter: { reason: 7 } })).toBe(`trommel dataset merge hard --into big --filter '{"reason":7}'`);
  });

  it("counts what changes and what is left to a person", () => {
    expect(changing({ added: 3, filled: 2 })).toBe(5);
    expect(leftOut({ contradictions: 1, excluded: 2, unreadable: 4 })).toBe(7);
  });
});
