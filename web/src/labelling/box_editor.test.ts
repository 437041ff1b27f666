// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { boxById, frameOf, select, withFound } from "./boxes";
import {
  confirming,
  drawing,
  drawn,
  escaped,
  grown,
  informed,
  labelling,
  nudged,
  opened,
  pasting,
  pointed,
  pointedHere,
  redone,
  rejecting,
  removingAll,
  stepping,
  undone,
  type Editor,
} from "./box_editor";

const image = { width: 160, height: 120 };
const shape = (xmin: number, ymin: number, xmax: number, ymax: number) => ({ "@modelarts:shape": "bndbox", "@modelarts:feature": [[xmin, ymin], [xmax, ymax]] });
const came = frameOf(
  image,
  [
    { name: "bag", score: 0.8, state: "suggested", shape: shape(10, 10, 50, 50) },
    { name: "coat", score: 0.4, state: "suggested", shape: shape(60, 10, 90, 50) },
  ],
  { boxes: [], near: [], reasons: [] },
);
const fresh = opened(came, came, undefined, "bag");
const on = (editor: Editor | null): Editor => {
  if (!editor) throw new Error("nothing was done");
  return editor;
};
const selected = (editor: Editor) => boxById(editor.frame, editor.frame.selected);
const chosen = (id: number): Editor => ({ ...fresh, frame: select(came, id) });

describe("drawing", () => {
  it("takes two clicks, selects the box and stays in the hand", () => {
    const begun = pointed(drawing(fresh, false), { x: 100, y: 100 });
    expect(begun.frame).toBe(came);
    const done = pointed(begun, { x: 120, y: 70 });
    expect(selected(done)).toMatchObject({ name: "bag", state: "missed", box: { xmin: 100, ymin: 70, xmax: 120, ymax: 100 } });
    expect(done.tool).toEqual({ kind: "draw", isExtreme: false, points: [] });
  });
  it("takes four extreme points in any order", () => {
    const points = [{ x: 30, y: 60 }, { x: 55, y: 80 }, { x: 10, y: 71 }, { x: 31, y: 99 }];
    const done = points.reduce(pointed, drawing(fresh, true));
    expect(selected(done)?.box).toEqual({ xmin: 10, ymin: 60, xmax: 55, ymax: 99 });
  });
  it("goes back point by point, then is left, then selects nothing, then has nothing to leave", () => {
    let editor = [{ x: 1, y: 1 }, { x: 5, y: 5 }].reduce(pointed, drawing(chosen(1), true));
    const points = () => (editor.tool.kind === "draw" ? editor.tool.points.length : -1);
    expect(points()).toBe(2);
    editor = on(escaped(editor));
    expect(points()).toBe(1);
    editor = on(escaped(editor));
    expect(points()).toBe(0);
    editor = on(escaped(editor));
    expect(editor.tool.kind).toBe("select");
    editor = on(escaped({ ...editor, frame: select(editor.frame, 1) }));
    expect(editor.frame.selected).toBeNull();
    expect(escaped(editor)).toBeNull();
  });
  it("is possible by keys alone", () => {
    let editor = on(nudged(drawing(fresh, false), 0, 0));
    expect(editor.cursor).toEqual({ x: 80, y: 60 });
    editor = on(pointedHere(editor));
    editor = on(nudged(on(nudged(editor, 10, 0)), 0, 500));
    expect(drawn(editor)).toEqual({ xmin: 80, ymin: 60, xmax: 90, ymax: 120 });
    editor = on(pointedHere(editor));
    expect(selected(editor)?.box).toEqual({ xmin: 80, ymin: 60, xmax: 90, ymax: 120 });
  });
  it("gives the class to what is begun, and after it to what is selected", () => {
    const begun = labelling(pointed(labelling(drawing(chosen(1), false), "hat"), { x: 100, y: 70 }), "coat");
    expect(boxById(begun.frame, 1)?.name).toBe("bag");
    const done = pointed(begun, { x: 120, y: 90 });
    expect(selected(done)?.name).toBe("coat");
    const again = labelling(done, "shirt");
    expect(selected(again)?.name).toBe("shirt");
    expect(again.label).toBe("shirt");
  });
  it("keeps tool and class for the next image, but no half of a box", () => {
    const next = opened(came, came, labelling(pointed(drawing(fresh, true), { x: 1, y: 1 }), "coat"), "bag");
    expect(next.tool).toEqual({ kind: "draw", isExtreme: true, points: [] });
    expect(next.label).toBe("coat");
  });
  it("makes no box without a class", () => {
    const none = drawing(opened(came, came), false);
    expect(pointed(pointed(none, { x: 1, y: 1 }), { x: 9, y: 9 }).frame).toBe(came);
  });
});

describe("deciding by keys", () => {
  it("confirms box by box, the least sure first, then leaves the image to be confirmed", () => {
    let editor = stepping(fresh, 1);
    expect(selected(editor)?.name).toBe("coat");
    editor = on(confirming(editor));
    expect(selected(editor)?.name).toBe("bag");
    editor = on(confirming(editor));
    expect(editor.frame.boxes.map(({ state }) => state)).toEqual(["confirmed", "confirmed"]);
    expect(editor.frame.selected).toBeNull();
    expect(confirming(editor)).toBeNull();
  });
  it("needs no key more once all are settled, though a drawn box is still selected", () => {
    let editor = on(confirming(on(confirming(stepping(fresh, 1)))));
    editor = pointed(pointed(drawing(editor, false), { x: 100, y: 70 }), { x: 120, y: 90 });
    expect(confirming(editor)).toBeNull();
  });
  it("goes from a drawn box to a suggestion that still waits", () => {
    const editor = pointed(pointed(drawing(fresh, false), { x: 100, y: 70 }), { x: 120, y: 90 });
    expect(selected(on(confirming(editor)))?.name).toBe("coat");
  });
  it("marks false and goes on", () => {
    const editor = on(rejecting(stepping(fresh, 1)));
    expect(editor.frame.boxes.map(({ state }) => state)).toEqual(["suggested", "false"]);
    expect(selected(editor)?.name).toBe("bag");
    expect(rejecting(fresh)).toBeNull();
  });
});

describe("taking back", () => {
  it("goes step by step, back and forth, until nothing is left", () => {
    const done = removingAll(on(rejecting(chosen(1))));
    const once = on(undone(done));
    expect(once.frame.boxes.map(({ state }) => state)).toEqual(["false", "suggested"]);
    const twice = on(undone(once));
    expect(twice.frame.boxes).toBe(came.boxes);
    expect(undone(twice)).toBeNull();
    expect(on(redone(on(redone(twice)))).frame.boxes).toEqual(done.frame.boxes);
  });
  it("counts moves of one box in a row as one, and looking around as none", () => {
    let editor = on(nudged(on(nudged(chosen(1), 1, 0)), 1, 0));
    expect(selected(editor)).toMatchObject({ state: "edited", box: { xmin: 12, xmax: 52 } });
    editor = stepping(stepping(editor, 1), 1);
    expect(on(undone(editor)).frame.boxes).toBe(came.boxes);
  });
  it("counts a move after something else anew", () => {
    const editor = on(nudged(stepping(stepping(on(nudged(chosen(1), 1, 0)), 1), -1), 1, 0));
    expect(boxById(on(undone(editor)).frame, 1)?.box.xmin).toBe(11);
  });
  it("goes back to how it came in one step when it was left and shown again", () => {
    const again = opened(on(rejecting(chosen(1))).frame, came);
    expect(on(undone(again)).frame).toBe(came);
  });
  it("keeps what was learned meanwhile", () => {
    const found = { boxes: [], near: [{ label: "hat", score: 0.2, xmin: 100, ymin: 60, xmax: 140, ymax: 100 }], reasons: [] };
    const editor = informed(on(rejecting(chosen(1))), (frame) => withFound(frame, found));
    expect(on(undone(editor)).frame.boxes.map(({ state }) => state)).toEqual(["suggested", "suggested", "ignored"]);
  });
  it("a new step forgets what was taken back", () => {
    const editor = on(rejecting({ ...on(undone(on(rejecting(chosen(1))))), frame: select(came, 2) }));
    expect(redone(editor)).toBeNull();
  });
});

describe("a selected box", () => {
  it("stops at the edges when it is moved or resized", () => {
    expect(selected(on(nudged(chosen(1), -100, 0)))?.box).toEqual({ xmin: 0, ymin: 10, xmax: 40, ymax: 50 });
    expect(selected(on(grown(chosen(1), 500, -500)))?.box).toEqual({ xmin: 10, ymin: 10, xmax: 160, ymax: 12 });
  });
  it("pasted over itself lies aside, into another image where it was", () => {
    const copy = { name: "bag", box: { xmin: 10, ymin: 10, xmax: 50, ymax: 50 } };
    expect(selected(pasting(fresh, copy))?.box).toEqual({ xmin: 20, ymin: 20, xmax: 60, ymax: 60 });
    const empty = frameOf({ width: 40, height: 40 }, [], { boxes: [], near: [], reasons: [] });
    expect(selected(pasting(opened(empty, empty), copy))?.box).toEqual({ xmin: 10, ymin: 10, xmax: 40, ymax: 40 });
  });
});
