// SPDX-License-Identifier: Apache-2.0
// What was measured of a sample beside what is usual in training.
import type { FeatureShift } from "../task/report_facts";

export interface FeatureRow {
  feature: string;
  value: number | null;
  low: number | null;
  median: number | null;
  high: number | null;
  /** Where it lies to p1 and p99 of training. */
  side: "below" | "above" | "within" | "unknown";
}

const number = (value: unknown) => (typeof value === "number" && Number.isFinite(value) ? value : null);

/** One row a feature, in the order in which they were measured; those that were not measured of this sample are left out. */
export function featureRows(values: unknown, shifts: readonly FeatureShift[] | undefined): readonly FeatureRow[] {
  if (typeof values !== "object" || values === null) return [];
  return Object.entries(values).flatMap(([feature, measured]) => {
    const value = number(measured);
    if (value === null) return [];
    const usual = shifts?.find((shift) => shift.feature === feature && shift.reference === "training");
    const [low, median, high] = [usual?.low ?? null, usual?.median ?? null, usual?.high ?? null];
    const side = low === null || high === null ? "unknown" : value < low ? "below" : value > high ? "above" : "within";
    return [{ feature, value, low, median, high, side } as const];
  });
}

/** "/api/v1/services/S/results/R" in its two names; null: it is no such path. */
export function resultOf(path: string | null | undefined): { service: string; result: string } | null {
  const found = /^\/api\/v1\/services\/([^/]+)\/results\/([^/]+)$/.exec(path ?? "");
  return found ? { service: decodeURIComponent(found[1] ?? ""), result: decodeURIComponent(found[2] ?? "") } : null;
}
