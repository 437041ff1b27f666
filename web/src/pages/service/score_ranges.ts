// SPDX-License-Identifier: Apache-2.0
/** Ranges of scores that one chooses from. */
export const scoreRanges: readonly (readonly [number, number])[] = [
  [0.9, 1],
  [0.7, 0.9],
  [0.5, 0.7],
  [0.3, 0.5],
  [0, 0.3],
];

/** "0.5..0.7" of a URL; what makes no sense is no range. */
export function scoreRangeOf(text: string | undefined): readonly [number, number] | undefined {
  const found = /^(\d(?:\.\d+)?)\.\.(\d(?:\.\d+)?)$/.exec(text ?? "");
  const [low, high] = [Number(found?.[1]), Number(found?.[2])];
  return found && low < high && high <= 1 ? [low, high] : undefined;
}

/** What one drew over a histogram, as a range on its bins' edges. */
export function binRange(from: number, to: number, bins: number): string {
  const round = (value: number) => Math.round(value * 1000) / 1000;
  const nearly = 0.02; // of a bin: a hand that meant the edge
  const first = Math.min(Math.floor(Math.min(from, to) * bins + nearly), bins - 1);
  const last = Math.max(Math.ceil(Math.max(from, to) * bins - nearly), first + 1);
  return `${round(first / bins)}..${round(Math.min(last, bins) / bins)}`;
}
