// SPDX-License-Identifier: Apache-2.0
// Boxes in whole pixels of the upright image, and the view that shows them. xmin and ymin are inside, xmax and ymax outside: a box of
// one pixel has xmax = xmin + 1.

export interface Size {
  width: number;
  height: number;
}
export interface Point {
  x: number;
  y: number;
}
export interface Box {
  xmin: number;
  ymin: number;
  xmax: number;
  ymax: number;
}

/** A smaller box cannot be seen, and importers refuse it. */
export const BOX_MIN_PX = 2;

const clamp = (value: number, low: number, high: number) => Math.min(Math.max(value, low), high);

/** The box that any points span, within the image, at least BOX_MIN_PX wide and high: two corners, or four extreme points. */
export function spanned(points: readonly Point[], image: Size): Box {
  const xs = points.map(({ x }) => clamp(Math.round(x), 0, image.width));
  const ys = points.map(({ y }) => clamp(Math.round(y), 0, image.height));
  return widened({ xmin: Math.min(...xs), ymin: Math.min(...ys), xmax: Math.max(...xs), ymax: Math.max(...ys) }, image);
}

function widened(box: Box, image: Size): Box {
  const [xmin, xmax] = spread(box.xmin, box.xmax, image.width);
  const [ymin, ymax] = spread(box.ymin, box.ymax, image.height);
  return { xmin, ymin, xmax, ymax };
}
function spread(low: number, high: number, size: number): [number, number] {
  const least = Math.min(BOX_MIN_PX, size);
  if (high - low >= least) return [low, high];
  const from = clamp(low, 0, size - least);
  return [from, from + least];
}

/** Moved as a whole; it stops at the image's edge and keeps its size. */
export function moved(box: Box, dx: number, dy: number, image: Size): Box {
  const x = clamp(Math.round(dx), -box.xmin, image.width - box.xmax);
  const y = clamp(Math.round(dy), -box.ymin, image.height - box.ymax);
  return { xmin: box.xmin + x, ymin: box.ymin + y, xmax: box.xmax + x, ymax: box.ymax + y };
}

export const handles = ["nw", "n", "ne", "e", "se", "s", "sw", "w"] as const;
export type Handle = (typeof handles)[number];

/** One corner or edge drawn to a point; past the other side the box turns over. */
export function resized(box: Box, handle: Handle, to: Point, image: Size): Box {
  const x = handle.includes("w") ? [to.x, box.xmax] : handle.includes("e") ? [box.xmin, to.x] : [box.xmin, box.xmax];
  const y = handle.includes("n") ? [to.y, box.ymax] : handle.includes("s") ? [box.ymin, to.y] : [box.ymin, box.ymax];
  return spanned(
    [
      { x: x[0] as number, y: y[0] as number },
      { x: x[1] as number, y: y[1] as number },
    ],
    image,
  );
}

export function handlePoint(box: Box, handle: Handle): Point {
  return {
    x: handle.includes("w") ? box.xmin : handle.includes("e") ? box.xmax : (box.xmin + box.xmax) / 2,
    y: handle.includes("n") ? box.ymin : handle.includes("s") ? box.ymax : (box.ymin + box.ymax) / 2,
  };
}

export function holds(box: Box, point: Point): boolean {
  return point.x >= box.xmin && point.x < box.xmax && point.y >= box.ymin && point.y < box.ymax;
}
export const area = (box: Box) => (box.xmax - box.xmin) * (box.ymax - box.ymin);

/** Of the boxes under a point the smallest: what lies within another can be reached. */
export function pick<T extends { box: Box }>(items: readonly T[], point: Point): T | undefined {
  return items.filter(({ box }) => holds(box, point)).sort((a, b) => area(a.box) - area(b.box))[0];
}

/** The box around all of these; undefined: there are none. */
export function unionOf(boxes: readonly Box[]): Box | undefined {
  if (boxes.length === 0) return undefined;
  return {
    xmin: Math.min(...boxes.map(({ xmin }) => xmin)),
    ymin: Math.min(...boxes.map(({ ymin }) => ymin)),
    xmax: Math.max(...boxes.map(({ xmax }) => xmax)),
    ymax: Math.max(...boxes.map(({ ymax }) => ymax)),
  };
}

// ---- the view: screen = image × scale + offset ----

export interface View {
  scale: number;
  x: number;
  y: number;
}
const SCALE_MAX = 64;

/** The whole image, centred, no larger than `most` screen pixels a pixel. */
export function fitted(image: Size, screen: Size, most = 8): View {
  const scale = Math.min(screen.width / image.width, screen.height / image.height, most);
  return { scale, x: (screen.width - image.width * scale) / 2, y: (screen.height - image.height * scale) / 2 };
}

/** Zoomed so that what is under the pointer stays there; never smaller than fitted. */
export function zoomed(view: View, factor: number, at: Point, image: Size, screen: Size): View {
  const least = Math.min(fitted(image, screen).scale, 1);
  const scale = clamp(view.scale * factor, least, SCALE_MAX);
  const ratio = scale / view.scale;
  return kept({ scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio }, image, screen);
}

export function panned(view: View, dx: number, dy: number, image: Size, screen: Size): View {
  return kept({ ...view, x: view.x + dx, y: view.y + dy }, image, screen);
}

/** A box in the middle, with room around it. */
export function zoomedTo(box: Box, image: Size, screen: Size, margin = 0.35): View {
  const width = (box.xmax - box.xmin) * (1 + 2 * margin);
  const height = (box.ymax - box.ymin) * (1 + 2 * margin);
  const fit = fitted(image, screen);
  const scale = clamp(Math.min(screen.width / width, screen.height / height), fit.scale, Math.max(fit.scale, 8));
  const middle = { x: (box.xmin + box.xmax) / 2, y: (box.ymin + box.ymax) / 2 };
  return kept({ scale, x: screen.width / 2 - middle.x * scale, y: screen.height / 2 - middle.y * scale }, image, screen);
}

/** The image cannot be lost: it is centred where it is smaller than the screen, and covers it where it is larger. */
function kept(view: View, image: Size, screen: Size): View {
  return { scale: view.scale, x: keptAlong(view.x, image.width * view.scale, screen.width), y: keptAlong(view.y, image.height * view.scale, screen.height) };
}
function keptAlong(offset: number, shown: number, room: number): number {
  return shown <= room ? (room - shown) / 2 : clamp(offset, room - shown, 0);
}

export const toImage = (view: View, point: Point): Point => ({ x: (point.x - view.x) / view.scale, y: (point.y - view.y) / view.scale });
export const toScreen = (view: View, point: Point): Point => ({ x: point.x * view.scale + view.x, y: point.y * view.scale + view.y });
