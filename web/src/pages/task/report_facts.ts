// SPDX-License-Identifier: Apache-2.0
// What a filtering wrote down (docs/rules.md), as far as the report page shows it, and what follows from it.

export interface ShiftHistogram {
  from: number;
  to: number;
  run: readonly number[];
  training?: readonly number[] | null;
}
export interface FeatureShift {
  feature: string;
  /** training, or run when there is no training set. */
  reference: string;
  low: number | null;
  median: number | null;
  high: number | null;
  run_median: number | null;
  share_outside: number | null;
  histogram?: ShiftHistogram | null;
}
export interface CountedReason {
  id: number;
  code: string;
  name: string;
  hard: number;
}
export interface SilentReason {
  id: number;
  code: string;
  name: string;
  why: string;
}
export interface TriedOperation {
  operation: string;
  reason: number;
  tried: number;
  upset: number | null;
  worth: number | null;
  copies: number;
}
export interface Report {
  settings?: Record<string, unknown>;
  images?: { total?: number; analysed?: number; failed?: number; hard?: number };
  training?: { samples?: number; left_out?: number } | null;
  coefficients?: { bin_width: number; bins: readonly number[] };
  reasons?: readonly CountedReason[];
  reasons_off?: readonly SilentReason[];
  features?: readonly FeatureShift[];
  views?: { operations?: readonly TriedOperation[]; images?: number; copies?: number; inferences_per_image?: number } | null;
  learned?: { is_used?: boolean; why_not?: string; auroc?: number; held_out?: number; confirmed?: number } | null;
  list?: { from_threshold?: number; listed?: number; others?: number; groups?: number } | null;
}
export interface MiningResult {
  added?: number;
  updated?: number;
  unchanged?: number;
}

export interface FunnelStep {
  id: "collected" | "readable" | "hard" | "kept" | "imported";
  count: number;
  /** What was lost since the step before. */
  lost: number;
}

/** From what was collected to what is in the dataset; a step that is not known is left out. */
export function funnelOf(report: Report, result: MiningResult): readonly FunnelStep[] {
  const imported = result.added === undefined ? undefined : result.added + (result.updated ?? 0) + (result.unchanged ?? 0);
  const counts: [FunnelStep["id"], number | undefined][] = [
    ["collected", report.images?.total],
    ["readable", report.images?.analysed],
    ["hard", report.list?.from_threshold],
    ["kept", report.list?.listed ?? report.images?.hard],
    ["imported", imported],
  ];
  const known = counts.filter((step): step is [FunnelStep["id"], number] => step[1] !== undefined);
  return known.map(([id, count], at) => ({ id, count, lost: Math.max((known[at - 1]?.[1] ?? count) - count, 0) }));
}

/** Those that spoke, the most frequent first. */
export function spoken(report: Report): readonly CountedReason[] {
  return [...(report.reasons ?? [])].filter(({ hard }) => hard > 0).sort((a, b) => b.hard - a.hard || a.id - b.id);
}

/** Farthest from training first. */
export function shifts(report: Report): readonly FeatureShift[] {
  return [...(report.features ?? [])].sort((a, b) => (b.share_outside ?? 0) - (a.share_outside ?? 0));
}
