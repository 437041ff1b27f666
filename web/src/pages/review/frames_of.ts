// SPDX-License-Identifier: Apache-2.0
// The frames beside an image, out of the evidence of the reason that goes by them.
export interface BesideFrame {
  /** -1: the one before. */
  place: number;
  source: string;
  image: string | undefined;
  label: string | undefined;
  score: number | undefined;
  boxes: number | undefined;
}

const text = (value: unknown) => (typeof value === "string" ? value : undefined);
const number = (value: unknown) => (typeof value === "number" ? value : undefined);

/** In their order; `pictures`: paths to their images. */
export function framesOf(facts: Record<string, unknown>, pictures: readonly { place: number; image: string | null }[] = []): BesideFrame[] {
  const frames = facts["frames"];
  if (!Array.isArray(frames)) return [];
  return (frames as Record<string, unknown>[])
    .flatMap((frame): BesideFrame[] => {
      const [place, source] = [number(frame["place"]), text(frame["source"])];
      if (place === undefined || source === undefined) return [];
      return [{ place, source, image: pictures.find((picture) => picture.place === place)?.image ?? undefined, label: text(frame["label"]), score: number(frame["score"]), boxes: number(frame["boxes_kept"]) }];
    })
    .sort((a, b) => a.place - b.place);
}
