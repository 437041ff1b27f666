// SPDX-License-Identifier: Apache-2.0
// The labels of near training samples, counted, out of a reason's evidence.
export interface Tallied {
  space: "appearance" | "embedding";
  counts: readonly { label: string; count: number; isPredicted: boolean }[];
  total: number;
  sources: readonly string[];
}
interface Near {
  source: string;
  label: string;
}
const SHOWN_MAX = 4;

const isNear = (value: unknown): value is Near => typeof value === "object" && value !== null && typeof (value as Near).source === "string" && typeof (value as Near).label === "string";

export function tallyOf(facts: Record<string, unknown>): Tallied[] {
  const predicted = facts["predicted_label"];
  return (["appearance", "embedding"] as const).flatMap((space): Tallied[] => {
    const near = (facts[space] as { neighbours?: unknown } | undefined)?.neighbours;
    const listed = Array.isArray(near) ? near.filter(isNear) : [];
    if (listed.length === 0) return [];
    const counts = new Map<string, number>();
    for (const { label } of listed) counts.set(label, (counts.get(label) ?? 0) + 1);
    const sorted = [...counts].sort((a, b) => b[1] - a[1]).slice(0, SHOWN_MAX);
    return [{ space, total: listed.length, sources: listed.map(({ source }) => source), counts: sorted.map(([label, count]) => ({ label, count, isPredicted: label === predicted })) }];
  });
}
