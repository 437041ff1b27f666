// SPDX-License-Identifier: Apache-2.0
// How big tiles are, and how many stand in a row: they fill it.
import type { Preferences } from "../../app/preferences";

export const tileSizes = [104, 136, 188, 280] as const;
export const GAP = 10;
const LABEL_LINE = 22;
const CHIP_LINE = 22;
const WORDS_PADDING = 12;

export interface TileLayout {
  columns: number;
  tile: number;
  /** With the gap below. */
  rowHeight: number;
  rows: number;
}

export function layoutOf(width: number, count: number, { tileSize, showsLabels, showsReasons }: Preferences): TileLayout {
  const least = tileSizes[Math.min(Math.max(tileSize, 0), tileSizes.length - 1)] as number;
  const columns = Math.max(1, Math.floor((width + GAP) / (least + GAP)));
  const tile = Math.max(Math.floor((width - GAP * (columns - 1)) / columns), 1);
  const words = (showsLabels ? LABEL_LINE : 0) + (showsReasons ? CHIP_LINE : 0);
  return { columns, tile, rowHeight: tile + (words > 0 ? words + WORDS_PADDING : 0) + GAP, rows: Math.ceil(count / columns) };
}
