// SPDX-License-Identifier: Apache-2.0
// Operations as people would tell them.
import type { I18n } from "@lingui/core";
import type { Schemas } from "../../api/client";

export function actionWords(i18n: I18n, action: string): string {
  const words: Record<string, () => string> = {
    confirm: () => i18n._("Confirmed"),
    reject: () => i18n._("Labels removed"),
    mark_hard: () => i18n._("Marked as hard"),
    clear_hard: () => i18n._("Marked as not hard"),
    exclude: () => i18n._("Left out"),
    include: () => i18n._("Taken in again"),
    annotate: () => i18n._("Labels and boxes changed"),
    merge: () => i18n._("Labeled samples added from another dataset"),
    rename_label: () => i18n._("Label renamed"),
    merge_labels: () => i18n._("Labels merged"),
    delete_label: () => i18n._("Label deleted"),
  };
  return words[action]?.() ?? action.replaceAll("_", " ");
}

/** Who did it: a user, a name that was given with the decision, or nobody who is known. */
export function doerOf({ user, decided_by: by }: Pick<Schemas["Operation"], "user" | "decided_by">): string | null {
  return user ?? (by.startsWith("human/") ? by.slice("human/".length) : null);
}
