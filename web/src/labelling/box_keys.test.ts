// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it, vi } from "vitest";
import { boxById, frameOf, select } from "./boxes";
import { drawing, opened, type Editor } from "./box_editor";
import { boxKeys, labelOfKey, type BoxKeys, type Copied } from "./box_keys";
import { Keymap, type KeyPress } from "./keymap";

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
const labels = ["bag", "coat", "shirt"];

/** A page with the editor in it: presses go through the keymap. */
function desk(first: Editor = opened(came, came, undefined, "bag")) {
  let copied: Copied | null = null;
  const now = { editor: first, confirmed: 0, below: vi.fn() };
  const press = (code: string, held: Partial<KeyPress> = {}) => {
    const map = new Keymap();
    map.add("review", [{ keys: ["f", "r", "ArrowLeft", "Escape", "Ctrl+Z"], name: "", run: now.below }]);
    const keys: BoxKeys = {
      editor: now.editor,
      labels,
      copied,
      change: (editor) => void (now.editor = editor),
      copy: (one) => void (copied = one),
      confirmImage: () => void now.confirmed++,
      easeImage: vi.fn(),
      toggleZoom: vi.fn(),
      takeFromSimilar: vi.fn(),
      openLabelBox: vi.fn(),
      say: (id) => id,
    };
    map.add("detection", boxKeys(keys));
    map.take({ code, key: /^Key./.test(code) ? code.slice(3).toLowerCase() : code, ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...held }, 0)?.();
  };
  return { now, press };
}

describe("the keys of the editor", () => {
  it("confirm box after box and then the image", () => {
    const { now, press } = desk();
    press("KeyJ");
    press("KeyF");
    press("KeyF");
    expect(now.editor.frame.boxes.map(({ state }) => state)).toEqual(["confirmed", "confirmed"]);
    expect(now.confirmed).toBe(0);
    press("KeyF");
    expect(now.confirmed).toBe(1);
    expect(now.below).not.toHaveBeenCalled();
  });
  it("confirm the image at once when no box is selected, and by Shift whatever is", () => {
    const { now, press } = desk();
    press("KeyF");
    press("KeyJ");
    press("KeyF", { shiftKey: true });
    expect(now.confirmed).toBe(2);
  });
  it("leave to the page what means nothing here", () => {
    const { now, press } = desk();
    press("KeyR");
    press("ArrowLeft");
    press("Escape");
    press("KeyZ", { ctrlKey: true });
    expect(now.below).toHaveBeenCalledTimes(4);
    press("KeyJ");
    press("ArrowLeft");
    press("KeyR");
    press("KeyZ", { ctrlKey: true });
    press("Escape");
    expect(now.below).toHaveBeenCalledTimes(4);
  });
  it("draw a box without a mouse", () => {
    const { now, press } = desk();
    press("KeyN");
    press("ArrowRight");
    press("Space", { key: " " });
    press("ArrowRight", { shiftKey: true });
    press("ArrowDown", { shiftKey: true });
    press("Digit3", { key: "3" });
    press("Enter");
    expect(boxById(now.editor.frame, 3)).toMatchObject({ name: "shirt", box: { xmin: 81, ymin: 60, xmax: 91, ymax: 70 } });
    press("Digit2", { key: "2" });
    expect(boxById(now.editor.frame, 3)?.name).toBe("coat");
  });
  it("move, resize, copy and delete the selected box", () => {
    const { now, press } = desk();
    press("KeyJ");
    press("ArrowLeft");
    press("ArrowDown", { shiftKey: true });
    press("ArrowRight", { altKey: true });
    expect(boxById(now.editor.frame, 2)?.box).toEqual({ xmin: 59, ymin: 20, xmax: 90, ymax: 60 });
    press("KeyC", { ctrlKey: true });
    press("Delete");
    expect(boxById(now.editor.frame, 2)).toBeUndefined();
    press("KeyV", { ctrlKey: true });
    expect(boxById(now.editor.frame, now.editor.frame.selected)).toMatchObject({ name: "coat", state: "missed", box: { xmin: 59, ymin: 20 } });
    press("Delete", { shiftKey: true });
    expect(now.editor.frame.boxes).toEqual([]);
  });
  it("name no two things by one key", () => {
    for (const editor of [opened(came, came, undefined, "bag"), { ...opened(came, came), frame: select(came, 1) }, drawing(opened(select(came, 1), came), true)]) {
      const all = boxKeys({ editor, labels: Array.from({ length: 30 }, (_, at) => `c${at}`), copied: { name: "a", box: { xmin: 0, ymin: 0, xmax: 9, ymax: 9 } }, say: (id: string) => id } as unknown as BoxKeys).flatMap(({ keys }) => keys);
      expect(all.filter((key, at) => all.indexOf(key) !== at)).toEqual([]);
    }
  });
});

describe("the class of a digit", () => {
  it("counts from one, the tenth is 0, Shift goes on from eleven", () => {
    const many = Array.from({ length: 19 }, (_, at) => `c${at + 1}`);
    expect(labelOfKey("1", many)).toBe("c1");
    expect(labelOfKey("0", many)).toBe("c10");
    expect(labelOfKey("Shift+9", many)).toBe("c19");
    expect(labelOfKey("4", labels)).toBeUndefined();
  });
});
