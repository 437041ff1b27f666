// SPDX-License-Identifier: Apache-2.0
// Bins that are chosen by dragging over a histogram.
import { useState, type PointerEvent } from "react";

/** From the first one to the one after the last. */
export type Bins = readonly [number, number];

export function useBrush(count: number) {
  const [bins, set] = useState<Bins | null>(null);
  const [start, startAt] = useState<number | null>(null);
  const binAt = (event: PointerEvent<SVGSVGElement>) => {
    const { left, width } = event.currentTarget.getBoundingClientRect();
    return Math.min(Math.max(Math.floor(((event.clientX - left) / Math.max(width, 1)) * count), 0), count - 1);
  };
  const choose = (next: Bins | null) => set(next === null || (next[0] <= 0 && next[1] >= count) ? null : next);
  const over = (one: number, other: number) => choose([Math.min(one, other), Math.max(one, other) + 1]);
  const pointer = {
    onPointerDown: (event: PointerEvent<SVGSVGElement>) => {
      if (event.button !== 0 || count === 0) return;
      event.preventDefault(); // no text is marked by the drag
      event.currentTarget.setPointerCapture(event.pointerId);
      startAt(binAt(event));
      over(binAt(event), binAt(event));
    },
    onPointerMove: (event: PointerEvent<SVGSVGElement>) => start !== null && over(start, binAt(event)),
    onPointerUp: () => startAt(null),
    onPointerCancel: () => startAt(null),
  };
  return { bins: bins && bins[1] <= count ? bins : null, choose, pointer };
}
