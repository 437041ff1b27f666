// SPDX-License-Identifier: Apache-2.0
// Which boxes a reason is about, by the evidence it left.
import type { Schemas } from "../../api/client";
import type { Box } from "../../labelling/geometry";
import type { ShownBox } from "./box_layer";

type Reason = Schemas["ExplainedReason"];
const NEAR_PX = 1.5; // the evidence has parts of px, a suggested box whole ones

interface NamedBox {
  box: Box;
  label: string | undefined;
}
/** The boxes of the evidence, the one that speaks most first. */
function boxesOf(reason: Reason): NamedBox[] {
  const evidence = reason.evidence as { boxes?: unknown } | null;
  if (!Array.isArray(evidence?.boxes)) return [];
  return (evidence.boxes as { box?: unknown; label?: string }[]).flatMap(({ box, label }) => {
    if (!Array.isArray(box) || box.length !== 4 || !box.every((edge) => typeof edge === "number")) return [];
    const [xmin, ymin, xmax, ymax] = box as [number, number, number, number];
    return [{ label, box: { xmin, ymin, xmax, ymax } }];
  });
}
const isSame = (a: Box, b: Box) => [a.xmin - b.xmin, a.ymin - b.ymin, a.xmax - b.xmax, a.ymax - b.ymax].every((edge) => Math.abs(edge) <= NEAR_PX);

export function markedBy(reason: Reason, boxes: readonly ShownBox[]): ReadonlySet<string> {
  const meant = boxesOf(reason);
  return new Set(boxes.filter((one) => meant.some(({ box, label }) => label === one.name && isSame(box, one.box))).map(({ key }) => key));
}

/** Reasons by the box that speaks most for them. */
export function codesOf(reasons: readonly Reason[]): (name: string, box: Box) => string[] {
  const worst = reasons.flatMap((reason) => {
    const first = boxesOf(reason)[0];
    return first && reason.code !== "B11" ? [{ code: reason.code, ...first }] : []; // a count is about all boxes
  });
  return (name, box) => worst.filter((one) => one.label === name && isSame(one.box, box)).map(({ code }) => code);
}
