// SPDX-License-Identifier: Apache-2.0
// What the jump box finds: each word of what is typed must be in the name, or its letters in their order.

export interface Jump {
  id: string;
  /** page, service, dataset, task, action */
  kind: string;
  name: string;
  /** Found too, not shown as the name. */
  also?: string;
}
export const JUMPS_MAX = 12;
export const RECENT_MAX = 5;

/** 0: not found; more is better. */
export function scoreOf(text: string, word: string): number {
  const at = text.indexOf(word);
  if (at === 0) return 4;
  if (at > 0) return /[\s_\-./]/.test(text[at - 1] ?? "") ? 3 : 2;
  let from = 0;
  for (const letter of word) {
    from = text.indexOf(letter, from) + 1;
    if (from === 0) return 0;
  }
  return 1;
}

/** A leading > means actions only; without anything typed, what was chosen last comes first. */
export function found(jumps: readonly Jump[], typed: string, recent: readonly string[]): readonly Jump[] {
  const onlyActions = typed.startsWith(">");
  const words = (onlyActions ? typed.slice(1) : typed).toLowerCase().split(/\s+/).filter(Boolean);
  const open = jumps.filter(({ kind }) => !onlyActions || kind === "action");
  const place = (id: string) => (recent.includes(id) ? recent.indexOf(id) : RECENT_MAX);
  if (words.length === 0) return [...open].filter(({ kind }) => onlyActions || kind !== "task").sort((a, b) => place(a.id) - place(b.id)).slice(0, JUMPS_MAX);
  return open
    .map((jump) => {
      const scores = words.map((word) => Math.max(scoreOf(jump.name.toLowerCase(), word), Math.min(scoreOf((jump.also ?? "").toLowerCase(), word), 3) - 0.5));
      return { jump, score: scores.some((score) => score <= 0) ? 0 : scores.reduce((sum, score) => sum + score, 0) };
    })
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score || place(a.jump.id) - place(b.jump.id))
    .slice(0, JUMPS_MAX)
    .map(({ jump }) => jump);
}

/** The last chosen, newest first. */
export const withRecent = (recent: readonly string[], id: string): readonly string[] => [id, ...recent.filter((one) => one !== id)].slice(0, RECENT_MAX);
