// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import {
  added,
  addedFrom,
  answerOf,
  boxById,
  confirmed,
  frameOf,
  hasOtherShapes,
  hiddenNear,
  inOrder,
  NEAR_ID,
  rectangleOf,
  rejected,
  relabelled,
  removed,
  removedAll,
  reshaped,
  select,
  stepped,
  toUnconfirmed,
  withFound,
  type Frame,
} from "./boxes";

const image = { width: 160, height: 120 };
const shape = (xmin: number, ymin: number, xmax: number, ymax: number) => ({ "@modelarts:shape": "bndbox", "@modelarts:feature": [[xmin, ymin], [xmax, ymax]] });
const label = (name: string, score: number | null, at: [number, number, number, number], state = "suggested") => ({ name, score, state, shape: shape(...at) });
const found = {
  boxes: [
    { label: "bag", score: 0.8, xmin: 24.3, ymin: 32.7, xmax: 126.6, ymax: 81.9 },
    { label: "shirt", score: 0.4, xmin: 0.2, ymin: 9.3, xmax: 99.4, ymax: 96.7 },
  ],
  near: [
    { label: "coat", score: 0.2, xmin: 5.5, ymin: 5.5, xmax: 20.4, ymax: 20.4 },
    { label: "coat", score: 0.25, xmin: 100.2, ymin: 90.7, xmax: 160.4, ymax: 130 },
  ],
  reasons: [{ code: "C1", indices: [1, 2] }],
};
const came = frameOf(image, [label("bag", 0.8, [24, 33, 127, 82]), label("shirt", 0.4, [0, 9, 99, 97])], found);
const NEAR = NEAR_ID;
const box = (frame: Frame, id: number) => boxById(frame, id) as NonNullable<ReturnType<typeof boxById>>;

describe("a frame", () => {
  it("takes boxes and leaves other shapes alone", () => {
    const polygon = { shape: { "@modelarts:shape": "polygon", "@modelarts:feature": [[1, 2], [3, 4], [5, 6]] } };
    expect(rectangleOf({ shape: shape(1.5, 2, 3, 4) })).toEqual({ xmin: 1.5, ymin: 2, xmax: 3, ymax: 4 });
    expect(rectangleOf(polygon)).toBeUndefined();
    expect(hasOtherShapes([{ shape: shape(1, 2, 3, 4) }, { shape: null }])).toBe(false);
    expect(hasOtherShapes([polygon])).toBe(true);
  });
  it("has suggestions, near misses within the image, and the reasons of single boxes", () => {
    expect(came.boxes.map(({ name, state, reasons }) => [name, state, ...reasons])).toEqual([
      ["bag", "suggested"],
      ["shirt", "suggested", "C1"],
      ["coat", "ignored", "C1"],
      ["coat", "ignored"],
    ]);
    expect(box(came, NEAR + 1).box).toEqual({ xmin: 100, ymin: 91, xmax: 160, ymax: 120 });
  });
  it("learns later what the model nearly said, and shows nothing of it twice", () => {
    const bare = frameOf(image, [label("bag", 0.8, [24, 33, 127, 82]), label("shirt", 0.4, [0, 9, 99, 97])]);
    expect(withFound(bare, found).boxes).toEqual(came.boxes);
    const worked = withFound(confirmed(relabelled(came, 2, "coat"), NEAR), found);
    expect(worked.boxes.map(({ name, state, reasons }) => [name, state, ...reasons])).toEqual([
      ["bag", "suggested"],
      ["coat", "edited", "C1"],
      ["coat", "missed", "C1"],
      ["coat", "ignored"],
    ]);
  });
  it("shows no near miss twice that was accepted before", () => {
    const again = frameOf(image, [label("coat", null, [6, 6, 20, 20], "confirmed")], found);
    expect(again.boxes.map(({ name, state, box: { xmin } }) => [name, state, xmin])).toEqual([
      ["coat", "confirmed", 6],
      ["coat", "ignored", 100],
    ]);
  });
});

describe("the order of boxes", () => {
  it("begins with the least sure, drawn ones follow, near misses end it", () => {
    const frame = added(came, "bag", { xmin: 1, ymin: 1, xmax: 9, ymax: 9 });
    expect(inOrder(frame).map(({ id }) => id)).toEqual([2, 1, 3, NEAR + 1, NEAR]);
  });
  it("stays when a box is decided, and goes around both ways", () => {
    const frame = confirmed(select(came, 2), 2);
    expect(stepped(frame, 1).selected).toBe(1);
    expect(stepped(frame, -1).selected).toBe(NEAR);
    expect(stepped(select(came, null), 1).selected).toBe(2);
    expect(stepped(select(came, null), -1).selected).toBe(NEAR);
  });
  it("passes over what is hidden", () => {
    expect(inOrder(hiddenNear(came, true)).map(({ id }) => id)).toEqual([2, 1]);
  });
  it("leads from one suggestion to the next and ends", () => {
    const first = toUnconfirmed(came);
    expect(first.selected).toBe(2);
    const second = toUnconfirmed(confirmed(first, 2));
    expect(second.selected).toBe(1);
    expect(toUnconfirmed(confirmed(second, 1)).selected).toBeNull();
  });
});

describe("what becomes of a box", () => {
  it("a suggestion: confirmed, edited by a move or another class, false and back", () => {
    expect(box(confirmed(came, 1), 1).state).toBe("confirmed");
    expect(box(reshaped(came, 1, { xmin: 20, ymin: 33, xmax: 127, ymax: 82 }), 1).state).toBe("edited");
    expect(box(relabelled(came, 1, "coat"), 1)).toMatchObject({ name: "coat", state: "edited" });
    const rejectedOnce = rejected(came, 1);
    expect(box(rejectedOnce, 1).state).toBe("false");
    expect(box(rejected(rejectedOnce, 1), 1).state).toBe("suggested");
    expect(box(confirmed(rejectedOnce, 1), 1).state).toBe("confirmed");
  });
  it("one that is left where it is was not edited", () => {
    expect(box(reshaped(came, 1, { xmin: 24, ymin: 33, xmax: 127, ymax: 82 }), 1).state).toBe("suggested");
    expect(box(relabelled(came, 1, "bag"), 1).state).toBe("suggested");
  });
  it("a near miss: accepted it was missed, rejected or deleted it is a near miss again", () => {
    const accepted = confirmed(came, NEAR);
    expect(box(accepted, NEAR).state).toBe("missed");
    expect(box(rejected(accepted, NEAR), NEAR).state).toBe("ignored");
    expect(box(removed(accepted, NEAR), NEAR).state).toBe("ignored");
    expect(box(reshaped(came, NEAR, { xmin: 0, ymin: 0, xmax: 30, ymax: 30 }), NEAR).state).toBe("missed");
  });
  it("a drawn one is missed whatever is done to it, and goes when it is rejected", () => {
    const drawn = added(came, "bag", { xmin: -5, ymin: 3, xmax: 3, ymax: 3 });
    expect(box(drawn, 3)).toMatchObject({ state: "missed", box: { xmin: 0, ymin: 3, xmax: 3, ymax: 5 } });
    expect(box(relabelled(drawn, 3, "coat"), 3).state).toBe("missed");
    const gone = rejected(drawn, 3);
    expect(boxById(gone, 3)).toBeUndefined();
    expect(gone.selected).toBeNull();
  });
  it("keeps to the image and to the least size", () => {
    expect(box(reshaped(came, 1, { xmin: -30, ymin: 50, xmax: 500, ymax: 50 }), 1).box).toEqual({ xmin: 0, ymin: 50, xmax: 160, ymax: 52 });
  });
  it("boxes of another frame come in, but for those that are here", () => {
    const next = addedFrom(came, [
      { name: "bag", box: { xmin: 25, ymin: 33, xmax: 126, ymax: 82 } },
      { name: "coat", box: { xmin: 150, ymin: 100, xmax: 300, ymax: 300 } },
      { name: "coat", box: { xmin: 200, ymin: 10, xmax: 210, ymax: 20 } },
    ]);
    expect(next.boxes.slice(came.boxes.length).map(({ name, state, box: at }) => [name, state, at])).toEqual([["coat", "missed", { xmin: 150, ymin: 100, xmax: 160, ymax: 120 }]]);
  });
});

describe("the answer", () => {
  it("names no box when the suggestions are right: they are confirmed as they lie", () => {
    expect(answerOf(came, came, "to_be_confirmed")).toEqual({});
    expect(answerOf(confirmed(came, 1), came, "to_be_confirmed")).toEqual({});
  });
  it("names every box once one is changed, false, new or accepted", () => {
    expect(answerOf(rejected(came, 1), came, "to_be_confirmed")).toEqual({ boxes: ["shirt:0,9,99,97"] });
    expect(answerOf(relabelled(came, 2, "a:b"), came, "to_be_confirmed").boxes).toEqual(["bag:24,33,127,82", "a:b:0,9,99,97"]);
    expect(answerOf(confirmed(came, NEAR), came, "to_be_confirmed").boxes).toEqual(["bag:24,33,127,82", "shirt:0,9,99,97", "coat:6,6,20,20"]);
    expect(answerOf(added(came, "coat", { xmin: 1, ymin: 2, xmax: 3, ymax: 4 }), came, "to_be_confirmed").boxes?.at(-1)).toBe("coat:1,2,3,4");
  });
  it("is that nothing is there when none is left, but not of an image that waits without boxes", () => {
    expect(answerOf(removedAll(came), came, "to_be_confirmed")).toEqual({ nothing: true });
    const empty = frameOf(image, [], { boxes: [], near: found.near, reasons: [] });
    expect(answerOf(empty, empty, "to_be_confirmed")).toEqual({});
    expect(answerOf(empty, empty, "unlabeled")).toEqual({ nothing: true });
  });
  it("names the boxes of a labeled sample, as there is no suggestion to confirm, in whole pixels", () => {
    const labeled = frameOf(image, [label("bag", null, [1.4, 2.6, 30.5, 40.2], "confirmed")], { boxes: [], near: [], reasons: [] });
    expect(answerOf(labeled, labeled, "labeled")).toEqual({ boxes: ["bag:1,3,31,40"] });
  });
});
