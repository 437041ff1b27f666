// SPDX-License-Identifier: Apache-2.0
// A colour for each class: Okabe and Ito's eight first, which colour-blind people tell apart, then others far from them. They are drawn
// over images, with a dark rim, and never stand alone: the class is written beside.
import type { LabelNames } from "./label_names";

const palette = ["#f0e442", "#56b4e9", "#e69f00", "#00c08b", "#ff7a45", "#ff8ac9", "#4f8dff", "#f5f5f5", "#b6e34a", "#c9a2ff", "#3fe0e0", "#ffc7a6", "#a3b5c9", "#ff5d73", "#9be8b4", "#d9c27a"] as const;

/** Those to choose from for a label. */
export const swatches: readonly string[] = palette;

/** The colour of the class at this place of the dataset's labels; a class that is not among them has one of its own by its name. */
export function colorOf(labels: LabelNames, name: string): string {
  const chosen = labels.colors?.get(name);
  if (chosen !== undefined) return chosen;
  const place = labels.indexOf(name);
  let at = place;
  if (place < 0) {
    at = 0;
    for (const letter of name) at = (at * 31 + (letter.codePointAt(0) ?? 0)) >>> 0;
  }
  return palette[at % palette.length] as string;
}
