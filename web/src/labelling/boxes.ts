// SPDX-License-Identifier: Apache-2.0
// The boxes of one sample while a person looks at them: what the model suggested, what became of it, what was drawn, what the answer is.
// Nothing here changes what it is given: each function makes the frame as it is afterwards.
import { area, spanned, type Box, type Point, type Size } from "./geometry";
import { boxOf, boxText, shapeOf } from "./shape";

/**
 * suggested: the model says so. confirmed: it is a label. edited: moved, resized or given another class. false: no such thing is there; it
 * goes when the image is confirmed. missed: the model did not see it. ignored: below the model's threshold; it counts when it is accepted.
 */
export type BoxState = "suggested" | "confirmed" | "edited" | "false" | "missed" | "ignored";

export interface LabelBox {
  id: number;
  name: string;
  box: Box;
  state: BoxState;
  score: number | null;
  /** Codes of the reasons that name this very box. */
  reasons: readonly string[];
  isHidden: boolean;
  /** As it came; null: drawn here. */
  first: { name: string; box: Box; state: BoxState } | null;
}

export interface Frame {
  image: Size;
  boxes: readonly LabelBox[];
  selected: number | null;
}

/** A label that is a box; undefined: it has another shape, or none. */
export const rectangleOf = (label: { shape?: unknown }): Box | undefined => (shapeOf(label)?.kind === "bndbox" ? boxOf(label) : undefined);
/** Polygons and the like, which are kept as they are as long as no boxes are sent. */
export const hasOtherShapes = (labels: readonly { shape?: unknown }[]): boolean => labels.some((label) => shapeOf(label) !== undefined && rectangleOf(label) === undefined);

export interface GivenLabel {
  name: string;
  score: number | null;
  state: string;
  shape?: unknown;
}
export interface FoundBox extends Box {
  label: string;
  score: number;
}
/** What a reason says about single boxes: the model's own, by their number among answers and near misses together. */
export interface BoxReason {
  code: string;
  indices: readonly number[];
}

export interface Found {
  boxes: readonly FoundBox[];
  near: readonly FoundBox[];
  reasons: readonly BoxReason[];
}

/** Near misses are numbered from here, so that they can come later than the rest. */
export const NEAR_ID = 1_000_000;

/** A sample's labels. */
export function frameOf(image: Size, labels: readonly GivenLabel[], found?: Found): Frame {
  const boxes: LabelBox[] = [];
  for (const { name, score, state: given, shape } of labels) {
    const box = rectangleOf({ shape });
    const state: BoxState = given === "suggested" ? "suggested" : "confirmed";
    if (box) boxes.push({ id: boxes.length + 1, name, box, state, score, reasons: [], isHidden: false, first: { name, box, state } });
  }
  const frame: Frame = { image, boxes, selected: null };
  return found ? withFound(frame, found) : frame;
}

/** With what the model nearly said, and what the reasons say about single boxes. */
export function withFound(frame: Frame, found: Found): Frame {
  const codesOf = (index: number) => found.reasons.filter(({ indices }) => index >= 0 && indices.includes(index)).map(({ code }) => code);
  const own = frame.boxes.map((box): LabelBox => {
    const { first } = box;
    if (first === null || first.state === "ignored") return box;
    return { ...box, reasons: codesOf(found.boxes.findIndex((one) => one.label === first.name && isNear(one, first.box))) };
  });
  const near = found.near.flatMap(({ label, score, ...box }, at): LabelBox[] => {
    const whole = spanned(corners(box), frame.image);
    const isKnown = own.some(({ id, first }) => id === NEAR_ID + at || (first !== null && first.name === label && overlap(first.box, whole) > SAME_OVERLAP));
    const first = { name: label, box: whole, state: "ignored" as const };
    return isKnown ? [] : [{ id: NEAR_ID + at, ...first, score, reasons: codesOf(found.boxes.length + at), isHidden: false, first }];
  });
  return { ...frame, boxes: [...own, ...near] };
}
const SAME_OVERLAP = 0.8;
const corners = ({ xmin, ymin, xmax, ymax }: Box): Point[] => [
  { x: xmin, y: ymin },
  { x: xmax, y: ymax },
];
const isNear = (a: Box, b: Box) => Math.max(Math.abs(a.xmin - b.xmin), Math.abs(a.ymin - b.ymin), Math.abs(a.xmax - b.xmax), Math.abs(a.ymax - b.ymax)) <= 1;

/** Intersection over union. */
export function overlap(a: Box, b: Box): number {
  const both = Math.max(0, Math.min(a.xmax, b.xmax) - Math.max(a.xmin, b.xmin)) * Math.max(0, Math.min(a.ymax, b.ymax) - Math.max(a.ymin, b.ymin));
  return both / (area(a) + area(b) - both || 1);
}

// ---- which box ----

export const boxById = (frame: Frame, id: number | null): LabelBox | undefined => frame.boxes.find((box) => box.id === id);
export const isInAnswer = ({ state }: LabelBox) => state !== "false" && state !== "ignored";

/** The least sure of the model's boxes first, then what has no score, at last what it nearly said, the likeliest first. */
export function allInOrder(frame: Frame): LabelBox[] {
  const rank = ({ state, score, first }: LabelBox) => ((first?.state ?? state) === "ignored" ? 2 : score === null ? 1 : 0);
  const within = (box: LabelBox) => (rank(box) === 2 ? -(box.score ?? 0) : rank(box) === 0 ? (box.score ?? 0) : box.id);
  return [...frame.boxes].sort((a, b) => rank(a) - rank(b) || within(a) - within(b));
}
export const inOrder = (frame: Frame): LabelBox[] => allInOrder(frame).filter(({ isHidden }) => !isHidden);

export const select = (frame: Frame, id: number | null): Frame => (frame.selected === id ? frame : { ...frame, selected: id });

/** The next or the one before, around; from none to the first or the last. */
export function stepped(frame: Frame, step: 1 | -1): Frame {
  const order = inOrder(frame);
  if (order.length === 0) return select(frame, null);
  const at = order.findIndex(({ id }) => id === frame.selected);
  const next = at < 0 ? (step > 0 ? 0 : order.length - 1) : (at + step + order.length) % order.length;
  return select(frame, order[next]?.id ?? null);
}

/** The next suggestion that nobody looked at, beginning after the selected box; none is selected when there is none. */
export function toUnconfirmed(frame: Frame): Frame {
  const order = inOrder(frame);
  const at = order.findIndex(({ id }) => id === frame.selected);
  const next = [...order.slice(at + 1), ...order.slice(0, at + 1)].find(({ state }) => state === "suggested");
  return select(frame, next?.id ?? null);
}

// ---- what becomes of it ----

function changed(frame: Frame, id: number, change: (box: LabelBox) => LabelBox): Frame {
  return { ...frame, boxes: frame.boxes.map((box) => (box.id === id ? change(box) : box)) };
}
/** What a box is once a person changed it. */
const afterEdit = ({ state, first }: LabelBox): BoxState => (state === "missed" || state === "ignored" || first === null || first.state === "ignored" ? "missed" : "edited");

export function confirmed(frame: Frame, id: number): Frame {
  return changed(frame, id, (box) => {
    if (box.state === "ignored") return { ...box, state: "missed" };
    return box.state === "suggested" || box.state === "false" ? { ...box, state: "confirmed" } : box;
  });
}
/** Every suggestion is right. */
export const confirmedAll = (frame: Frame): Frame => ({ ...frame, boxes: frame.boxes.map((box) => (box.state === "suggested" ? { ...box, state: "confirmed" } : box)) });

/** False detection, or not after all; what was added here just goes. */
export function rejected(frame: Frame, id: number): Frame {
  const box = boxById(frame, id);
  if (!box || box.state === "ignored") return frame;
  if (box.first === null) return removed(frame, id);
  const { first } = box;
  if (first.state === "ignored") return changed(frame, id, (one) => ({ ...one, ...first }));
  return changed(frame, id, (one) => (one.state === "false" ? { ...one, ...first } : { ...one, state: "false" }));
}

export function removed(frame: Frame, id: number): Frame {
  const box = boxById(frame, id);
  if (box?.first?.state === "ignored") return rejected(frame, id);
  return { ...frame, boxes: frame.boxes.filter((one) => one.id !== id), selected: frame.selected === id ? null : frame.selected };
}
export const removedAll = (frame: Frame): Frame => ({ ...frame.boxes.filter(isInAnswer).reduce((rest, { id }) => removed(rest, id), frame), selected: null });

export function relabelled(frame: Frame, id: number, name: string): Frame {
  return changed(frame, id, (box) => (box.name === name ? box : { ...box, name, state: afterEdit(box) }));
}

/** Moved or resized, within the image and large enough. */
export function reshaped(frame: Frame, id: number, to: Box): Frame {
  const box = spanned(corners(to), frame.image);
  return changed(frame, id, (one) => (isSame(one.box, box) ? one : { ...one, box, state: afterEdit(one) }));
}
export const isSame = (a: Box, b: Box) => a.xmin === b.xmin && a.ymin === b.ymin && a.xmax === b.xmax && a.ymax === b.ymax;

export function added(frame: Frame, name: string, box: Box): Frame {
  const id = Math.max(0, ...frame.boxes.map((one) => one.id).filter((one) => one < NEAR_ID)) + 1;
  const drawn: LabelBox = { id, name, box: spanned(corners(box), frame.image), state: "missed", score: null, reasons: [], isHidden: false, first: null };
  return { ...frame, boxes: [...frame.boxes, drawn], selected: id };
}

/** Those of another frame, but for what is here already; boxes go at the image's edge. */
export function addedFrom(frame: Frame, others: readonly { name: string; box: Box }[]): Frame {
  const isHere = (name: string, box: Box) => frame.boxes.some((one) => isInAnswer(one) && one.name === name && overlap(one.box, box) > SAME_OVERLAP);
  const isInside = ({ xmin, ymin }: Box) => xmin < frame.image.width && ymin < frame.image.height;
  const fresh = others.filter(({ name, box }) => isInside(box) && !isHere(name, box));
  return { ...fresh.reduce((sum, { name, box }) => added(sum, name, box), frame), selected: frame.selected };
}

export const hidden = (frame: Frame, id: number, isHidden: boolean): Frame => changed(frame, id, (box) => ({ ...box, isHidden }));
export function hiddenNear(frame: Frame, isHidden: boolean): Frame {
  const boxes = frame.boxes.map((box) => (box.state === "ignored" ? { ...box, isHidden } : box));
  return { ...frame, boxes, selected: isHidden && boxById(frame, frame.selected)?.state === "ignored" ? null : frame.selected };
}

// ---- what is sent ----

/** Whether the boxes are others than came. */
export function isChanged(frame: Frame, came: Frame): boolean {
  const said = (one: Frame) =>
    one.boxes
      .filter(isInAnswer)
      .map(({ name, box }) => JSON.stringify([name, box.xmin, box.ymin, box.xmax, box.ymax]))
      .sort()
      .join("\n");
  return said(frame) !== said(came);
}

export interface BoxAnswer {
  boxes?: readonly string[];
  nothing?: true;
}
/** Every box is named, or said that there is none. */
export function wholeAnswerOf({ boxes, image }: Frame): BoxAnswer {
  const texts = boxes.filter(isInAnswer).map(({ name, box }) => boxText(name, spanned(corners(box), image)));
  return texts.length > 0 ? { boxes: texts } : { nothing: true };
}
/** What goes with "confirm": nothing when the suggestions are all right, which confirms them as they lie on the server. */
export const answerOf = (frame: Frame, came: Frame, state: string): BoxAnswer => (state === "to_be_confirmed" && !isChanged(frame, came) ? {} : wholeAnswerOf(frame));
