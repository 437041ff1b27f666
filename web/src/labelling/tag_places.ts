// SPDX-License-Identifier: Apache-2.0
// Where the tags of boxes stand so that they can be read: above the box, else below it, else within, at the first place that no tag before
// it has taken.
import { toScreen, type Box, type Point, type Size, type View } from "./geometry";

export interface Tagged {
  box: Box;
  /** Of the tag, px of the screen. */
  width: number;
}
export const TAG_PX = 16;

const overlaps = (a: Point, aWidth: number, b: Point, bWidth: number) => a.x < b.x + bWidth && b.x < a.x + aWidth && Math.abs(a.y - b.y) < TAG_PX;

/** The upper left corner of each tag; undefined: its box is not on the screen. */
export function tagPlaces(tagged: readonly Tagged[], view: View, screen: Size): (Point | undefined)[] {
  const taken: { at: Point; width: number }[] = [];
  return tagged.map(({ box, width }) => {
    const low = toScreen(view, { x: box.xmin, y: box.ymin });
    const high = toScreen(view, { x: box.xmax, y: box.ymax });
    if (high.x < 0 || high.y < 0 || low.x > screen.width || low.y > screen.height) return undefined;
    const kept = (x: number, y: number): Point => ({ x: Math.round(Math.max(0, Math.min(x, screen.width - width))), y: Math.round(Math.max(0, Math.min(y, screen.height - TAG_PX))) });
    const places = [kept(low.x, low.y - TAG_PX), kept(low.x, high.y), kept(low.x, low.y), kept(high.x - width, low.y - TAG_PX), kept(high.x - width, high.y)];
    const at = places.find((place) => !taken.some((one) => overlaps(place, width, one.at, one.width))) ?? (places[0] as Point);
    taken.push({ at, width });
    return at;
  });
}
