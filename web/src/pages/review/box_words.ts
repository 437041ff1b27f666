// SPDX-License-Identifier: Apache-2.0
// What a box is, in words: for the panel, and for who does not see the picture.
import type { I18n } from "@lingui/core";
import { formatNumber } from "../../i18n/i18n";
import type { BoxState, LabelBox } from "../../labelling/boxes";

export const scoreWord = (score: number) => formatNumber(score, { maximumFractionDigits: 2, minimumFractionDigits: 2 });

export function boxStateWord(i18n: I18n, state: BoxState): string {
  const words: Record<BoxState, string> = {
    suggested: i18n._("suggested"),
    confirmed: i18n._("confirmed"),
    edited: i18n._("edited"),
    false: i18n._("false detection"),
    missed: i18n._("missed by the model"),
    ignored: i18n._("near miss"),
  };
  return words[state];
}

/** "cat 0.41, suggested, x 120 y 80 w 300 h 220". */
export function boxName(i18n: I18n, { name, score, state, box }: LabelBox): string {
  const place = `x ${Math.round(box.xmin)} y ${Math.round(box.ymin)} w ${Math.round(box.xmax - box.xmin)} h ${Math.round(box.ymax - box.ymin)}`;
  return `${name}${score === null ? "" : ` ${scoreWord(score)}`}, ${boxStateWord(i18n, state)}, ${place}`;
}
