// SPDX-License-Identifier: Apache-2.0
// A wall of one class: images, or boxes, that a person looks over at once; what is marked is not of that class.
import type { SampleRow } from "../../api/samples";
import { hasOtherShapes, rectangleOf } from "../../labelling/boxes";
import { boxText } from "../../labelling/shape";

export interface Item {
  key: string;
  sample: SampleRow;
  /** Its number among the sample's boxes; undefined: the whole image. */
  box?: number;
  score: number | null;
  /** What else the image shows. */
  others: readonly string[];
}

const namesBut = (sample: SampleRow, label: string) => [...new Set(sample.labels.map(({ name }) => name))].filter((name) => name !== label);

/** The items of a class in these samples. Images with polygons and the like are left out: their labels cannot be sent as boxes. */
export function itemsOf(samples: readonly SampleRow[], label: string, hasBoxes: boolean): readonly Item[] {
  if (!hasBoxes)
    return samples.map((sample) => ({ key: sample.id, sample, score: sample.labels.find(({ name }) => name === label)?.score ?? null, others: namesBut(sample, label) }));
  return samples
    .filter(({ labels }) => !hasOtherShapes(labels))
    .flatMap((sample) =>
      sample.labels
        .filter((one) => rectangleOf(one) !== undefined)
        .flatMap(({ name, score }, box) => (name === label ? [{ key: `${sample.id}:${box}`, sample, box, score, others: [] }] : [])),
    );
}

export interface Plan {
  confirm: readonly string[];
  reject: readonly string[];
  /** Samples that keep these boxes only. */
  keep: readonly { sample: SampleRow; boxes: readonly string[] }[];
}
/** What is sent: the rest of images that wait is confirmed, what is marked loses its label, or its box. */
export function planOf(items: readonly Item[], marked: ReadonlySet<string>, isWaiting: boolean, hasBoxes: boolean): Plan {
  if (!hasBoxes)
    return { confirm: isWaiting ? items.filter(({ key }) => !marked.has(key)).map(({ sample }) => sample.id) : [], reject: items.filter(({ key }) => marked.has(key)).map(({ sample }) => sample.id), keep: [] };
  const touched = new Map<string, SampleRow>();
  for (const { key, sample } of items) if (marked.has(key)) touched.set(sample.id, sample);
  return {
    confirm: [],
    reject: [],
    keep: [...touched.values()].map((sample) => ({
      sample,
      boxes: sample.labels
        .flatMap((one) => {
          const box = rectangleOf(one);
          return box ? [boxText(one.name, box)] : [];
        })
        .filter((_, at) => !marked.has(`${sample.id}:${at}`)),
    })),
  };
}

export const sizeOf = ({ confirm, reject, keep }: Plan): number => confirm.length + reject.length + keep.length;

/** Where an arrow leads in rows of so many. */
export function stepped(at: number, key: string, columns: number, count: number): number {
  const by: Record<string, number> = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -columns, ArrowDown: columns };
  const next = key === "Home" ? 0 : key === "End" ? count - 1 : at + (by[key] ?? 0);
  return next < 0 || next >= count ? at : next;
}
