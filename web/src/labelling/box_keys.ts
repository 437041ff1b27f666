// SPDX-License-Identifier: Apache-2.0
// The keys of the detection editor. Keys that mean nothing as things are (arrows without a box, Esc with nothing to leave) are left to
// the page below.
import { keyedNames, labelsByKey } from "./label_keys";
import type { LabelNames } from "./label_names";
import { boxById } from "./boxes";
import {
  confirming,
  confirmingAll,
  drawing,
  escaped,
  grown,
  labelling,
  nudged,
  pasting,
  pointedHere,
  redone,
  rejecting,
  removing,
  removingAll,
  selecting,
  stepping,
  undone,
  type Editor,
} from "./box_editor";
import type { Box } from "./geometry";
import type { Binding } from "./keymap";

export interface Copied {
  name: string;
  box: Box;
}
export interface BoxKeys {
  editor: Editor;
  labels: LabelNames;
  copied: Copied | null;
  /** The editor as it is now; `looks` when the box that is selected now should be seen. */
  change: (editor: Editor, looks?: boolean) => void;
  copy: (copied: Copied) => void;
  /** The image as its boxes are. */
  confirmImage: (editor: Editor) => void;
  /** The same, and it was not hard. */
  easeImage: (editor: Editor) => void;
  toggleZoom: () => void;
  takeFromSimilar: () => void;
  openLabelBox: () => void;
  /** English text to the person's own. */
  say: (id: string) => string;
}

const FAR_PX = 10;
const arrows: readonly [string, number, number][] = [
  ["ArrowLeft", -1, 0],
  ["ArrowRight", 1, 0],
  ["ArrowUp", 0, -1],
  ["ArrowDown", 0, 1],
];

/** The class that was given this key; else "3" is the third class, "0" the tenth, "Shift+1" the eleventh. */
export function labelOfKey(press: string, labels: LabelNames): string | undefined {
  return labelsByKey(keyedNames(labels)).get(press);
}

export function boxKeys(keys: BoxKeys): Binding[] {
  const { editor, labels, copied, change, say } = keys;
  const selected = boxById(editor.frame, editor.frame.selected);
  const isDrawing = editor.tool.kind === "draw";
  const isBegun = editor.tool.kind === "draw" && editor.tool.points.length > 0;
  const perhaps = (next: Editor | null, looks = false) => next && change(next, looks);
  const bindings: (Binding | false)[] = [
    { keys: ["n"], name: say(/*i18n*/ "Draw boxes by two clicks"), run: () => change(drawing(editor, false)) },
    { keys: ["Shift+N"], name: say(/*i18n*/ "Draw boxes by four extreme points"), run: () => change(drawing(editor, true)) },
    { keys: ["v"], name: say(/*i18n*/ "Select and move boxes"), run: () => change(selecting(editor)) },
    { keys: ["j"], name: say(/*i18n*/ "Next box, the least sure first"), run: () => change(stepping(editor, 1), true), repeats: true },
    { keys: ["k"], name: say(/*i18n*/ "Previous box"), run: () => change(stepping(editor, -1), true), repeats: true },
    { keys: ["z"], name: say(/*i18n*/ "Zoom to boxes on and off"), run: keys.toggleZoom },
    { keys: ["f"], name: selected ? say(/*i18n*/ "Confirm the box, next one") : say(/*i18n*/ "Confirm the image, next"), run: () => confirm(keys) },
    { keys: ["Shift+F"], name: say(/*i18n*/ "Confirm all boxes, next image"), run: () => keys.confirmImage(confirmingAll(editor)) },
    { keys: ["w"], name: say(/*i18n*/ "Right, but not hard, next"), run: () => keys.easeImage(editor) },
    selected !== undefined && { keys: ["r"], name: say(/*i18n*/ "False detection, next box"), run: () => perhaps(rejecting(editor), true) },
    selected !== undefined && { keys: ["Delete", "Backspace"], name: say(/*i18n*/ "Delete the box"), run: () => perhaps(removing(editor)) },
    { keys: ["Shift+Delete"], name: say(/*i18n*/ "Delete all boxes"), run: () => change(removingAll(editor)) },
    { keys: [...new Set([...digits(labels.length), ...labelsByKey(keyedNames(labels)).keys()])], name: say(/*i18n*/ "Class of the box, and of the next ones"), run: (press) => setLabel(keys, press) },
    { keys: ["l"], name: say(/*i18n*/ "Choose the class by name"), run: keys.openLabelBox },
    selected !== undefined && { keys: ["Ctrl+C"], name: say(/*i18n*/ "Copy the box"), run: () => keys.copy({ name: selected.name, box: selected.box }) },
    copied !== null && { keys: ["Ctrl+V"], name: say(/*i18n*/ "Paste the box"), run: () => change(pasting(editor, copied)) },
    { keys: ["t"], name: say(/*i18n*/ "Copy boxes from the most similar labeled image"), run: keys.takeFromSimilar },
    isDrawing && { keys: ["Space", "Enter"], name: say(/*i18n*/ "Set a point at the cross-hair"), run: () => perhaps(pointedHere(editor)) },
    (isBegun || editor.past.length > 0) && { keys: ["Ctrl+Z"], name: say(/*i18n*/ "Undo"), run: () => perhaps(undone(editor)), repeats: true },
    editor.future.length > 0 && { keys: ["Ctrl+Shift+Z", "Ctrl+Y"], name: say(/*i18n*/ "Redo"), run: () => perhaps(redone(editor)), repeats: true },
    escaped(editor) !== null && { keys: ["Escape"], name: say(/*i18n*/ "Undo the point, leave drawing, select nothing"), run: () => perhaps(escaped(editor)) },
    (selected !== undefined || isDrawing) && { keys: arrowKeys(["", "Shift+"]), name: isDrawing ? say(/*i18n*/ "Move the cross-hair, by 10 px with Shift") : say(/*i18n*/ "Move the box, by 10 px with Shift"), run: (press) => perhaps(byArrow(editor, press, nudged)), repeats: true },
    selected !== undefined && !isDrawing && { keys: arrowKeys(["Alt+", "Alt+Shift+"]), name: say(/*i18n*/ "Resize the box, by 10 px with Shift"), run: (press) => perhaps(byArrow(editor, press, grown)), repeats: true },
  ];
  return bindings.filter((binding) => binding !== false);
}

function confirm({ editor, change, confirmImage }: BoxKeys): void {
  const next = confirming(editor);
  if (next) change(next, true);
  else confirmImage(editor);
}
function setLabel({ editor, labels, change }: BoxKeys, press: string): void {
  const label = labelOfKey(press, labels);
  if (label !== undefined) change(labelling(editor, label));
}
function byArrow(editor: Editor, press: string, move: (editor: Editor, dx: number, dy: number) => Editor | null): Editor | null {
  const [, dx = 0, dy = 0] = arrows.find(([key]) => press.endsWith(key)) ?? [];
  const px = press.includes("Shift+") ? FAR_PX : 1;
  return move(editor, dx * px, dy * px);
}
const arrowKeys = (prefixes: readonly string[]) => prefixes.flatMap((prefix) => arrows.map(([key]) => prefix + key));
const digits = (count: number) => [..."1234567890"].slice(0, count).concat([..."123456789"].slice(0, Math.max(count - 10, 0)).map((digit) => `Shift+${digit}`));
