// SPDX-License-Identifier: Apache-2.0
// The editor under the pointer, in pixels of the image. `reach` is how far off a press still counts there: a few pixels of the screen.
import { boxById, confirmed, reshaped, select, type Frame, type LabelBox } from "./boxes";
import { did, pointed, type Editor } from "./box_editor";
import { area, handlePoint, handles, holds, moved, resized, type Box, type Handle, type Point, type Size } from "./geometry";

const distance = (a: Point, b: Point) => Math.max(Math.abs(a.x - b.x), Math.abs(a.y - b.y));

/** Near the image's border is on it. */
export function snapped({ x, y }: Point, image: Size, reach: number): Point {
  const along = (value: number, size: number) => (value <= reach ? 0 : value >= size - reach ? size : value);
  return { x: along(x, image.width), y: along(y, image.height) };
}

/** Which corner or edge of a box is there. Edges of a small box are left to its corners, so that it can be taken in the middle. */
export function handleAt(box: Box, at: Point, reach: number): Handle | undefined {
  const isSmall = { x: box.xmax - box.xmin < 6 * reach, y: box.ymax - box.ymin < 6 * reach };
  const usable = handles.filter((handle) => handle.length === 2 || !(handle === "n" || handle === "s" ? isSmall.x : isSmall.y));
  const near = usable.filter((handle) => distance(handlePoint(box, handle), at) <= reach);
  return near.sort((a, b) => distance(handlePoint(box, a), at) - distance(handlePoint(box, b), at))[0];
}

function isOnBorder(box: Box, at: Point, reach: number): boolean {
  const outer = { xmin: box.xmin - reach, ymin: box.ymin - reach, xmax: box.xmax + reach, ymax: box.ymax + reach };
  const inner = { xmin: box.xmin + reach, ymin: box.ymin + reach, xmax: box.xmax - reach, ymax: box.ymax - reach };
  return holds(outer, at) && !holds(inner, at);
}

/** What lies under the pointer, the smallest first. */
export function boxesAt(frame: Frame, at: Point): LabelBox[] {
  return frame.boxes.filter(({ box, state, isHidden }) => state !== "ignored" && !isHidden && holds(box, at)).sort((a, b) => area(a.box) - area(b.box));
}
/** A near miss is taken by its line, or where nothing else lies. */
export function nearMissAt(frame: Frame, at: Point, reach: number): LabelBox | undefined {
  const near = frame.boxes.filter(({ state, isHidden }) => state === "ignored" && !isHidden).sort((a, b) => area(a.box) - area(b.box));
  const isFree = boxesAt(frame, at).length === 0;
  return near.find(({ box }) => isOnBorder(box, at, reach)) ?? (isFree ? near.find(({ box }) => holds(box, at)) : undefined);
}

/** Whether the press is the editor's; else it moves the picture. */
export const isHeld = ({ press, tool }: Editor) => tool.kind === "draw" || Boolean(press?.grip);

export function pressed(editor: Editor, at: Point, reach: number): Editor {
  const { frame, tool } = editor;
  const from = at;
  if (tool.kind === "draw") return { ...pointed(editor, snapped(at, frame.image, reach)), press: { from, hasMoved: false, grip: null, click: null } };
  const selected = boxById(frame, frame.selected);
  const handle = selected && !selected.isHidden ? handleAt(selected.box, at, reach) : undefined;
  if (selected && handle) return { ...editor, press: { from, hasMoved: false, grip: { id: selected.id, handle, base: frame }, click: null } };
  const under = boxesAt(frame, at);
  const place = under.findIndex(({ id }) => id === frame.selected);
  const target = under[Math.max(place, 0)];
  const near = nearMissAt(frame, at, reach / 2);
  if (near && !under.some(({ box }) => isOnBorder(box, at, reach / 2))) return { ...editor, press: { from, hasMoved: false, grip: null, click: { kind: "accept", id: near.id } } };
  if (!target) return { ...editor, press: { from, hasMoved: false, grip: null, click: { kind: "select", id: null } } };
  // Pressed again without moving, the next one beneath is selected.
  const click = { kind: "select" as const, id: (place >= 0 ? under[(place + 1) % under.length] : target)?.id ?? target.id };
  const chosen = select(frame, target.id);
  return { ...editor, frame: chosen, last: "", press: { from, hasMoved: false, grip: { id: target.id, handle: "move", base: chosen }, click } };
}

export function dragged(editor: Editor, at: Point, reach: number): Editor {
  const { press, frame, tool } = editor;
  const cursor = tool.kind === "draw" ? snapped(at, frame.image, reach) : at;
  if (!press) return { ...editor, cursor };
  const hasMoved = press.hasMoved || distance(press.from, at) > reach / 2;
  if (!press.grip || !hasMoved) return { ...editor, cursor, press: { ...press, hasMoved } };
  const { id, handle, base } = press.grip;
  const box = boxById(base, id)?.box;
  if (!box) return editor;
  const to = handle === "move" ? movedBy(box, at.x - press.from.x, at.y - press.from.y, frame.image, reach) : resized(box, handle, snapped(at, frame.image, reach), frame.image);
  return { ...editor, cursor, frame: reshaped(base, id, to), press: { ...press, hasMoved } };
}
function movedBy(box: Box, dx: number, dy: number, image: Size, reach: number): Box {
  const low = snapped({ x: box.xmin + dx, y: box.ymin + dy }, image, reach);
  const high = snapped({ x: box.xmax + dx, y: box.ymax + dy }, image, reach);
  const along = (step: number, from: number, lowSnap: number, to: number, highSnap: number) => (lowSnap !== from + step ? lowSnap - from : highSnap !== to + step ? highSnap - to : step);
  return moved(box, along(dx, box.xmin, low.x, box.xmax, high.x), along(dy, box.ymin, low.y, box.ymax, high.y), image);
}

export function released(editor: Editor, at: Point, reach: number): Editor {
  const { press, tool, frame } = editor;
  if (!press) return editor;
  const free: Editor = { ...editor, press: null };
  if (tool.kind === "draw") {
    const isDrag = tool.points.length === 1 && !tool.isExtreme && distance(press.from, at) > reach;
    return isDrag ? pointed(free, snapped(at, frame.image, reach)) : free;
  }
  if (press.grip && press.hasMoved) return did({ ...free, frame: press.grip.base }, frame);
  if (press.hasMoved || !press.click) return free;
  if (press.click.kind === "accept") return did(free, select(confirmed(frame, press.click.id), press.click.id));
  return { ...free, frame: select(frame, press.click.id), last: "" };
}
