// SPDX-License-Identifier: Apache-2.0
// The editor of one frame: which tool is in the hand, where the cross-hair is, what can be taken back. Like the frame, it is never
// changed but made anew.
import {
  added,
  boxById,
  confirmed,
  confirmedAll,
  isInAnswer,
  rejected,
  relabelled,
  removed,
  removedAll,
  reshaped,
  select,
  stepped,
  toUnconfirmed,
  type Frame,
} from "./boxes";
import { moved, resized, spanned, type Box, type Handle, type Point } from "./geometry";

export type Tool = { kind: "select" } | { kind: "draw"; isExtreme: boolean; points: readonly Point[] };

/** What the pointer holds since it was pressed. */
export interface Press {
  from: Point;
  hasMoved: boolean;
  grip: { id: number; handle: Handle | "move"; base: Frame } | null;
  /** What a press that does not move does when it is let go. */
  click: { kind: "select"; id: number | null } | { kind: "accept"; id: number } | null;
}

export interface Editor {
  frame: Frame;
  /** As the sample came. */
  came: Frame;
  past: readonly Frame[];
  future: readonly Frame[];
  /** What the newest step was: steps of a kind in a row are taken back together. */
  last: string;
  tool: Tool;
  /** The class of what is drawn next. */
  label: string;
  cursor: Point | null;
  press: Press | null;
}

const STEPS_MAX = 200;
const SELECT: Tool = { kind: "select" };
export const POINTS_OF_BOX = 2;
export const EXTREME_POINTS = 4;

/** A frame in the editor; tool and class stay as they were in the hand. What was done before is one step to take back. */
export function opened(frame: Frame, came: Frame, before?: Pick<Editor, "tool" | "label">, label = ""): Editor {
  const tool: Tool = before?.tool.kind === "draw" ? { ...before.tool, points: [] } : SELECT;
  return { frame, came, past: frame.boxes === came.boxes ? [] : [came], future: [], last: "", tool, label: before?.label || label, cursor: null, press: null };
}

/** Every frame of the editor learns something that is no step. */
export function informed(editor: Editor, learn: (frame: Frame) => Frame): Editor {
  return { ...editor, frame: learn(editor.frame), came: learn(editor.came), past: editor.past.map(learn), future: editor.future.map(learn) };
}

/** A step that can be taken back, if it changed a box. */
export function did(editor: Editor, frame: Frame, kind = ""): Editor {
  if (frame.boxes === editor.frame.boxes) return { ...editor, frame, last: "" };
  if (kind !== "" && kind === editor.last) return { ...editor, frame, future: [] };
  return { ...editor, frame, past: [...editor.past, editor.frame].slice(-STEPS_MAX), future: [], last: kind };
}
/** null: there is nothing to take back. */
export function undone(editor: Editor): Editor | null {
  if (editor.tool.kind === "draw" && editor.tool.points.length > 0) return escaped(editor);
  const before = editor.past.at(-1);
  if (!before) return null;
  return { ...editor, frame: before, past: editor.past.slice(0, -1), future: [editor.frame, ...editor.future], last: "", press: null };
}
export function redone(editor: Editor): Editor | null {
  const [next, ...future] = editor.future;
  return next ? { ...editor, frame: next, past: [...editor.past, editor.frame], future, last: "", press: null } : null;
}

// ---- tools ----

/** No box is selected then: a digit that follows is the class of what will be drawn. */
export const drawing = (editor: Editor, isExtreme: boolean): Editor => ({ ...editor, frame: select(editor.frame, null), tool: { kind: "draw", isExtreme, points: [] }, press: null });
export const selecting = (editor: Editor): Editor => ({ ...editor, tool: SELECT, press: null });

/** One point of the box that is being drawn; the last one makes the box. */
export function pointed(editor: Editor, at: Point): Editor {
  if (editor.tool.kind !== "draw" || editor.label === "") return editor;
  const points = [...editor.tool.points, at];
  const isWhole = points.length >= (editor.tool.isExtreme ? EXTREME_POINTS : POINTS_OF_BOX);
  const next: Editor = { ...editor, cursor: at, tool: { ...editor.tool, points: isWhole ? [] : points } };
  return isWhole ? did(next, added(editor.frame, editor.label, spanned(points, editor.frame.image))) : next;
}
/** What the points so far and the cross-hair would make; null: no point is set. */
export function drawn({ tool, cursor, frame }: Editor): Box | null {
  if (tool.kind !== "draw" || tool.points.length === 0) return null;
  return spanned(cursor ? [...tool.points, cursor] : tool.points, frame.image);
}

/** One thing less: what is dragged, the newest point, the drawing, the selection. null: there is nothing to leave. */
export function escaped(editor: Editor): Editor | null {
  const { press, tool, frame } = editor;
  if (press?.grip && press.hasMoved) return { ...editor, frame: press.grip.base, press: null };
  if (tool.kind === "draw" && tool.points.length > 0) return { ...editor, tool: { ...tool, points: tool.points.slice(0, -1) } };
  if (tool.kind === "draw") return selecting(editor);
  if (frame.selected !== null) return { ...editor, frame: select(frame, null), last: "" };
  return null;
}

// ---- keys ----

/** The cross-hair while drawing, else the selected box; null: there is nothing to move. */
export function nudged(editor: Editor, dx: number, dy: number): Editor | null {
  const { frame, tool } = editor;
  if (tool.kind === "draw") {
    const { width, height } = frame.image;
    const from = editor.cursor ?? { x: Math.round(width / 2), y: Math.round(height / 2) };
    return { ...editor, cursor: { x: Math.min(Math.max(from.x + dx, 0), width), y: Math.min(Math.max(from.y + dy, 0), height) } };
  }
  const box = boxById(frame, frame.selected);
  return box ? did(editor, reshaped(frame, box.id, moved(box.box, dx, dy, frame.image)), `nudge ${box.id}`) : null;
}
/** The selected box, by its right and lower edge. */
export function grown(editor: Editor, dx: number, dy: number): Editor | null {
  const { frame } = editor;
  const box = boxById(frame, frame.selected);
  if (!box) return null;
  const { xmin, ymin, xmax, ymax } = box.box;
  const to = resized(box.box, "se", { x: Math.max(xmax + dx, xmin + 1), y: Math.max(ymax + dy, ymin + 1) }, frame.image);
  return did(editor, reshaped(frame, box.id, to), `grow ${box.id}`);
}
/** A point where the cross-hair is. */
export const pointedHere = (editor: Editor): Editor | null => (editor.tool.kind === "draw" && editor.cursor ? pointed(editor, editor.cursor) : null);

export const stepping = (editor: Editor, step: 1 | -1): Editor => ({ ...editor, frame: stepped(editor.frame, step), last: "" });

/** "Confirm": the selected suggestion, and on to the next; null: no box is in the way of confirming the image. */
export function confirming(editor: Editor): Editor | null {
  const { frame } = editor;
  const box = boxById(frame, frame.selected);
  if (!box) return null;
  const next = toUnconfirmed(confirmed(frame, box.id));
  const isSettled = isInAnswer(box) && box.state !== "suggested";
  return isSettled && next.selected === null ? null : did(editor, next);
}
export const confirmingAll = (editor: Editor): Editor => did(editor, confirmedAll(editor.frame));

/** "False detection" of the selected box, and on to the next suggestion; null: no box is selected. */
export function rejecting(editor: Editor): Editor | null {
  const { frame } = editor;
  const box = boxById(frame, frame.selected);
  if (!box) return null;
  const after = rejected(frame, box.id);
  return did(editor, boxById(after, box.id)?.state === "false" ? toUnconfirmed(after) : after);
}
export function removing(editor: Editor): Editor | null {
  const { frame } = editor;
  return frame.selected === null ? null : did(editor, removed(frame, frame.selected));
}
export const removingAll = (editor: Editor): Editor => did(editor, removedAll(editor.frame));

/** The class of the selected box and of what is drawn next; of this alone while a box is begun. */
export function labelling(editor: Editor, name: string): Editor {
  const isBegun = editor.tool.kind === "draw" && editor.tool.points.length > 0;
  const { frame } = editor;
  const next: Editor = { ...editor, label: name };
  return isBegun || frame.selected === null ? next : did(next, relabelled(frame, frame.selected, name));
}

/** A copy of a box, a little aside when it would cover one of its kind. */
export function pasting(editor: Editor, copy: { name: string; box: Box }): Editor {
  const { frame } = editor;
  const isTaken = frame.boxes.some(({ name, box }) => name === copy.name && box.xmin === copy.box.xmin && box.ymin === copy.box.ymin);
  const inside = spanned([{ x: copy.box.xmin, y: copy.box.ymin }, { x: copy.box.xmax, y: copy.box.ymax }], frame.image);
  return did(editor, added(frame, copy.name, isTaken ? moved(inside, PASTE_PX, PASTE_PX, frame.image) : inside));
}
const PASTE_PX = 10;
