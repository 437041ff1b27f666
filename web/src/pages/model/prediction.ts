// SPDX-License-Identifier: Apache-2.0
// What a model said of one image, out of a result as a run writes it.
import type { NamedBox } from "../../widgets/boxed_picture";

export interface Prediction {
  scores: { label: string; score: number }[];
  boxes: NamedBox[];
}

interface Written {
  scores?: [string, string | number][];
  detection_classes?: string[];
  detection_boxes?: (string | number)[][];
  detection_scores?: (string | number)[];
}

/** Boxes are written as ModelArts does: [y_min, x_min, y_max, x_max]. */
export function predictionOf(written: unknown): Prediction {
  const { scores = [], detection_classes = [], detection_boxes = [], detection_scores = [] } = (written ?? {}) as Written;
  return {
    scores: scores.map(([label, score]) => ({ label, score: Number(score) })),
    boxes: detection_classes.map((label, at) => {
      const [ymin = 0, xmin = 0, ymax = 0, xmax = 0] = (detection_boxes[at] ?? []).map(Number);
      return { label, score: Number(detection_scores[at] ?? 0), xmin, ymin, xmax, ymax };
    }),
  };
}
