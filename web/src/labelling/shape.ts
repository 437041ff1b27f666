// SPDX-License-Identifier: Apache-2.0
// Where a label lies in its image, as the server gives it: ModelArts' shapes, points in px.
import type { Box, Point } from "./geometry";

export interface LabelShape {
  kind: string; // bndbox, polygon, polyline, line, dashed, circle, point
  points: readonly Point[];
}

const isPair = (value: unknown): value is [number, number] => Array.isArray(value) && typeof value[0] === "number" && typeof value[1] === "number";

/** undefined: the label is about the whole image, or its shape cannot be read. */
export function shapeOf(label: { shape?: unknown }): LabelShape | undefined {
  const shape = label.shape as Record<string, unknown> | null | undefined;
  const feature = shape?.["@modelarts:feature"];
  if (!shape || !Array.isArray(feature)) return undefined;
  const pairs = (isPair(feature) ? [feature] : feature).filter(isPair);
  if (pairs.length === 0) return undefined;
  return { kind: String(shape["@modelarts:shape"] ?? ""), points: pairs.map(([x, y]) => ({ x, y })) };
}

/** The box around a label's shape; undefined: it has none. */
export function boxOf(label: { shape?: unknown }): Box | undefined {
  const shape = shapeOf(label);
  if (!shape || shape.points.length < 2) return undefined;
  const xs = shape.points.map(({ x }) => x);
  const ys = shape.points.map(({ y }) => y);
  return { xmin: Math.min(...xs), ymin: Math.min(...ys), xmax: Math.max(...xs), ymax: Math.max(...ys) };
}

/** A box as a decision takes it: LABEL:XMIN,YMIN,XMAX,YMAX in whole px. */
export function boxText(name: string, box: Box): string {
  return `${name}:${[box.xmin, box.ymin, box.xmax, box.ymax].map(Math.round).join(",")}`;
}
