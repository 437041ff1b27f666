// SPDX-License-Identifier: Apache-2.0
import type { I18n } from "@lingui/core";
import type { keyClash } from "../../labelling/label_keys";

/** Why a key does not suit a label; undefined: it does. */
export function clashWords(i18n: I18n, clash: ReturnType<typeof keyClash>): string | undefined {
  if (clash === "reserved") return i18n._("belongs to the console or the browser");
  return clash === "function" ? i18n._("a function of Label, Review or boxes has it") : undefined;
}
