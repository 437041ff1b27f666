// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { SampleRow } from "../../api/samples";
import { itemsOf, planOf, stepped } from "./wall";

const box = (name: string, at: number) => ({ name, score: 0.5, state: "confirmed", annotated_by: "human", shape: { "@modelarts:shape": "bndbox", "@modelarts:feature": [[at, at], [at + 10, at + 10]] } });
const whole = (name: string) => ({ name, score: 0.9, state: "suggested", annotated_by: "model" });
const sample = (id: string, labels: unknown[]) => ({ id, labels }) as unknown as SampleRow;

describe("a wall of images", () => {
  const items = itemsOf([sample("a", [whole("coat")]), sample("b", [whole("coat"), whole("bag")])], "coat", false);

  it("says what else an image shows", () => {
    expect(items.map(({ others }) => others)).toEqual([[], ["bag"]]);
  });

  it("confirms the rest of what waits and rejects what is marked", () => {
    expect(planOf(items, new Set(["b"]), true, false)).toEqual({ confirm: ["a"], reject: ["b"], keep: [] });
    expect(planOf(items, new Set(["b"]), false, false)).toEqual({ confirm: [], reject: ["b"], keep: [] });
  });
});

describe("a wall of boxes", () => {
  const samples = [sample("a", [box("cat", 1), box("dog", 20), box("cat", 40)]), sample("b", [box("cat", 5)])];
  const items = itemsOf(samples, "cat", true);

  it("has one item a box, numbered as the server numbers them", () => {
    expect(items.map(({ key, box: at }) => [key, at])).toEqual([["a:0", 0], ["a:2", 2], ["b:0", 0]]);
  });

  it("takes marked boxes out and keeps the others of the image, of whatever class", () => {
    const { keep } = planOf(items, new Set(["a:0", "b:0"]), false, true);
    expect(keep.map(({ sample: { id }, boxes }) => [id, boxes])).toEqual([["a", ["dog:20,20,30,30", "cat:40,40,50,50"]], ["b", []]]);
  });

  it("leaves out images whose other shapes would be lost", () => {
    const polygon = { ...box("cat", 3), shape: { "@modelarts:shape": "polygon", "@modelarts:feature": [[0, 0], [9, 0], [9, 9]] } };
    expect(itemsOf([sample("c", [polygon, box("cat", 30)])], "cat", true)).toEqual([]);
  });
});

it("arrows stay on the wall", () => {
  expect([stepped(0, "ArrowLeft", 4, 10), stepped(1, "ArrowDown", 4, 10), stepped(8, "ArrowDown", 4, 10), stepped(5, "ArrowUp", 4, 10), stepped(3, "End", 4, 10)]).toEqual([0, 5, 8, 1, 9]);
});
