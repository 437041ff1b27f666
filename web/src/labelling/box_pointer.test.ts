// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { boxById, frameOf, select } from "./boxes";
import { drawing, escaped, opened, undone, type Editor } from "./box_editor";
import { boxesAt, dragged, handleAt, isHeld, pressed, released, snapped } from "./box_pointer";
import type { Point } from "./geometry";

const image = { width: 200, height: 100 };
const shape = (xmin: number, ymin: number, xmax: number, ymax: number) => ({ "@modelarts:shape": "bndbox", "@modelarts:feature": [[xmin, ymin], [xmax, ymax]] });
const came = frameOf(
  image,
  [
    { name: "coat", score: 0.8, state: "suggested", shape: shape(10, 10, 90, 90) },
    { name: "bag", score: 0.4, state: "suggested", shape: shape(30, 30, 60, 60) },
  ],
  { boxes: [], near: [{ label: "hat", score: 0.2, xmin: 120, ymin: 20, xmax: 150, ymax: 50 }, { label: "shoe", score: 0.1, xmin: 40, ymin: 40, xmax: 48, ymax: 48 }], reasons: [] },
);
const fresh = opened(came, came, undefined, "bag");
const REACH = 3;
const click = (editor: Editor, at: Point) => released(pressed(editor, at, REACH), at, REACH);
const drag = (editor: Editor, from: Point, to: Point) => released(dragged(pressed(editor, from, REACH), to, REACH), to, REACH);
const chosen = (id: number): Editor => ({ ...fresh, frame: select(came, id) });

describe("a click", () => {
  it("selects the smallest box there, and once more what lies beneath", () => {
    const once = click(fresh, { x: 35, y: 50 });
    expect(once.frame.selected).toBe(2);
    expect(click(once, { x: 35, y: 50 }).frame.selected).toBe(1);
    expect(boxesAt(came, { x: 44, y: 44 }).map(({ id }) => id)).toEqual([2, 1]);
  });
  it("beside all boxes selects none and leaves the picture to be moved", () => {
    const press = pressed(chosen(1), { x: 180, y: 80 }, REACH);
    expect(isHeld(press)).toBe(false);
    expect(released(press, { x: 180, y: 80 }, REACH).frame.selected).toBeNull();
    const moved = released(dragged(press, { x: 150, y: 80 }, REACH), { x: 150, y: 80 }, REACH);
    expect(moved.frame.selected).toBe(1);
  });
  it("accepts a near miss that stands alone, and by its line one that lies within a box", () => {
    expect(boxById(click(fresh, { x: 135, y: 35 }).frame, 1_000_000)?.state).toBe("missed");
    expect(boxById(click(fresh, { x: 40, y: 44 }).frame, 1_000_001)?.state).toBe("missed");
    expect(boxById(click(fresh, { x: 44, y: 44 }).frame, 1_000_001)?.state).toBe("ignored");
  });
  it("changes nothing that could be taken back unless it accepts", () => {
    expect(undone(click(fresh, { x: 44, y: 44 }))).toBeNull();
    expect(undone(click(fresh, { x: 135, y: 35 }))).not.toBeNull();
  });
});

describe("a drag", () => {
  it("moves a box, one step to take back", () => {
    const done = drag(fresh, { x: 35, y: 50 }, { x: 55, y: 45 });
    expect(boxById(done.frame, 2)).toMatchObject({ state: "edited", box: { xmin: 50, ymin: 25, xmax: 80, ymax: 55 } });
    expect(undone(done)?.frame.boxes).toBe(came.boxes);
  });
  it("that hardly moves is a click", () => {
    const done = drag(fresh, { x: 35, y: 50 }, { x: 36, y: 50 });
    expect(done.frame.boxes).toBe(came.boxes);
    expect(done.frame.selected).toBe(2);
  });
  it("at a handle resizes, also inside another box", () => {
    const done = drag(chosen(1), { x: 91, y: 89 }, { x: 120, y: 70 });
    expect(boxById(done.frame, 1)?.box).toEqual({ xmin: 10, ymin: 10, xmax: 120, ymax: 70 });
    expect(handleAt({ xmin: 10, ymin: 10, xmax: 90, ymax: 90 }, { x: 50, y: 11 }, REACH)).toBe("n");
    expect(handleAt({ xmin: 10, ymin: 10, xmax: 20, ymax: 20 }, { x: 15, y: 11 }, REACH)).toBeUndefined();
  });
  it("snaps to the border of the image", () => {
    expect(boxById(drag(chosen(1), { x: 90, y: 90 }, { x: 150, y: 98 }).frame, 1)?.box.ymax).toBe(100);
    expect(boxById(drag(chosen(1), { x: 50, y: 70 }, { x: 42, y: 70 }).frame, 1)?.box).toMatchObject({ xmin: 0, xmax: 80, ymin: 10 });
    expect(snapped({ x: 2, y: 50 }, image, REACH)).toEqual({ x: 0, y: 50 });
  });
  it("that is broken off leaves the box as it was", () => {
    const held = dragged(pressed(fresh, { x: 35, y: 50 }, REACH), { x: 80, y: 80 }, REACH);
    const off = escaped(held);
    expect(off?.frame.boxes).toBe(came.boxes);
    expect(off && undone(off)).toBeNull();
  });
});

describe("drawing by pointer", () => {
  it("takes two clicks, over boxes too", () => {
    const done = click(click(drawing(fresh, false), { x: 20, y: 20 }), { x: 50, y: 70 });
    expect(boxById(done.frame, done.frame.selected)).toMatchObject({ state: "missed", box: { xmin: 20, ymin: 20, xmax: 50, ymax: 70 } });
    expect(done.frame.boxes).toHaveLength(5);
  });
  it("takes one drag", () => {
    const done = drag(drawing(fresh, false), { x: 120, y: 60 }, { x: 199, y: 80 });
    expect(boxById(done.frame, done.frame.selected)?.box).toEqual({ xmin: 120, ymin: 60, xmax: 200, ymax: 80 });
  });
  it("a click with a trembling hand is no drag", () => {
    const once = drag(drawing(fresh, false), { x: 120, y: 60 }, { x: 122, y: 61 });
    expect(once.frame.boxes).toHaveLength(4);
    expect(once.tool).toMatchObject({ points: [{ x: 120, y: 60 }] });
  });
  it("takes four clicks at the extremes, and no drag", () => {
    let editor = drag(drawing(fresh, true), { x: 130, y: 20 }, { x: 150, y: 60 });
    expect(editor.frame.boxes).toHaveLength(4);
    for (const at of [{ x: 110, y: 40 }, { x: 130, y: 70 }, { x: 160, y: 50 }]) editor = click(editor, at);
    expect(boxById(editor.frame, editor.frame.selected)?.box).toEqual({ xmin: 110, ymin: 20, xmax: 160, ymax: 70 });
  });
});
