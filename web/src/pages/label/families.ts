// SPDX-License-Identifier: Apache-2.0
// Families of reasons, by the letter of their code, in the order in which they are shown.
import type { I18n } from "@lingui/core";

const letters = ["N", "C", "T", "Q", "S", "B", "A", "X"] as const;

function familyName(i18n: I18n, letter: string): string {
  const names: Record<string, string> = {
    N: i18n._("Missing"),
    C: i18n._("Confidence"),
    T: i18n._("Training"),
    Q: i18n._("Sequence"),
    S: i18n._("Image shift"),
    B: i18n._("Box shift"),
    A: i18n._("Stability"),
    X: i18n._("Anomaly"),
  };
  return names[letter] ?? letter;
}

export function byFamily<T extends { code: string }>(i18n: I18n, reasons: readonly T[]): readonly { family: string; name: string; reasons: readonly T[] }[] {
  return letters
    .map((letter) => ({ family: letter, name: familyName(i18n, letter), reasons: reasons.filter(({ code }) => code.startsWith(letter)) }))
    .filter((family) => family.reasons.length > 0);
}
