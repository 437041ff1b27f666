// SPDX-License-Identifier: Apache-2.0
import type { I18n } from "@lingui/core";

export const kinds = ["added", "removed", "relabelled", "usage"] as const;
export type ChangeKind = (typeof kinds)[number];

export function changeWord(i18n: I18n, kind: string): string {
  const words: Record<string, () => string> = {
    added: () => i18n._("Added"),
    removed: () => i18n._("Removed"),
    relabelled: () => i18n._("Relabelled"),
    usage: () => i18n._("Other usage"),
  };
  return words[kind]?.() ?? kind;
}

/** The two versions to compare, oldest first in `names`: what is asked for, else the last two; null: there are no two. */
export function pairOf(names: readonly string[], from: string | undefined, to: string | undefined): { from: string; to: string } | null {
  const known = (name: string | undefined) => (name !== undefined && names.includes(name) ? name : undefined);
  if (names.length < 2) return null;
  const after = known(to) ?? names.findLast((name) => name !== known(from)) ?? "";
  const before = known(from) ?? names[Math.max(0, names.indexOf(after) - 1)] ?? "";
  return { from: before === after && known(from) === undefined ? (names[1] ?? "") : before, to: after };
}

/** Labels as the API tells them: a list of names. */
export function namesOf(labels: unknown): readonly string[] {
  return Array.isArray(labels) ? labels.filter((label) => typeof label === "string") : [];
}

/** A list of labels with those that come more than once counted. */
export function counted(labels: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].map(([name, count]) => (count > 1 ? `${name} ×${count}` : name));
}
