// SPDX-License-Identifier: Apache-2.0
// Two sets of images that are compared, as the URL says it and as the API takes it; and how their histograms are drawn.

import type { FeatureRange } from "../../labelling/filter";

export const usages = ["TRAIN", "EVAL", "TEST", "INFERENCE", "none"] as const;
export type Usage = (typeof usages)[number];

export interface Sides {
  version: string | undefined;
  /** "DATASET@VERSION" or "service:NAME" */
  against: string | undefined;
  usage: Usage | undefined;
  againstUsage: Usage | undefined;
  label: string | undefined;
}
const SERVICE = "service:";
export const ofService = (name: string) => `${SERVICE}${name}`;

export function sidesOf(url: Record<string, string | undefined>): Sides {
  const usage = (text: string | undefined) => usages.find((one) => one === text);
  return { version: url["version"] || undefined, against: url["against"] || undefined, usage: usage(url["usage"]), againstUsage: usage(url["against_usage"]), label: url["label"] || undefined };
}

/** What is measured and compared: the same for the task and for the histograms. */
export function measured({ version, against }: Sides): { version?: string; against?: string; service?: string } {
  return { ...(version && { version }), ...(against && (against.startsWith(SERVICE) ? { service: against.slice(SERVICE.length) } : { against })) };
}

export function asked(sides: Sides): Record<string, string> {
  const { usage, againstUsage, label, against } = sides;
  return { ...measured(sides), ...(usage && { usage }), ...(againstUsage && against && !against.startsWith(SERVICE) && { against_usage: againstUsage }), ...(label && { label }) };
}

/** Each bin's share of all values, so that sets of any size have the same scale. */
export function sharesOf({ bins, count }: { bins: readonly number[]; count: number }): readonly number[] {
  return bins.map((values) => (count > 0 ? values / count : 0));
}

/** Bins [from, to) of a histogram as a range of its values: an end of the histogram is open, as values may lie beyond it. */
export function rangeOf(name: FeatureRange["name"], edges: readonly number[], [from, to]: readonly [number, number]): FeatureRange {
  return { name, min: from === 0 ? undefined : edges[from], max: to >= edges.length - 1 ? undefined : edges[to] };
}

/** The outline of a histogram as steps, for an SVG path: from the left foot to the right foot. */
export function outline(shares: readonly number[], most: number, width: number, height: number): string {
  const step = width / Math.max(shares.length, 1);
  const at = (value: number) => Math.round(value * 100) / 100;
  const steps = shares.map((share, bin) => `V${at(height - (most > 0 ? share / most : 0) * height)}H${at((bin + 1) * step)}`);
  return `M0 ${height}${steps.join("")}V${height}`;
}
