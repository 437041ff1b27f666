// SPDX-License-Identifier: Apache-2.0
import type { Done } from "../../labelling/sitting";

/** The class that was most often corrected to another, of samples with one class before and one after; undefined: none was. */
export function mostCorrected(all: readonly Pick<Done, "labels" | "before">[]): { from: string; to: string; count: number } | undefined {
  const counts = new Map<string, { from: string; to: string; count: number }>();
  for (const { before, labels } of all) {
    const [from, to] = [before[0], labels[0]];
    if (before.length !== 1 || labels.length !== 1 || from === undefined || to === undefined || from === to) continue;
    const key = JSON.stringify([from, to]);
    counts.set(key, { from, to, count: (counts.get(key)?.count ?? 0) + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count)[0];
}
