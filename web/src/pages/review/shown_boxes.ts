// SPDX-License-Identifier: Apache-2.0
// The boxes of a sample, and what the model nearly said, as they are drawn.
import type { LabelNames } from "../../labelling/label_names";
import type { Schemas } from "../../api/client";
import type { Box } from "../../labelling/geometry";
import { colorOf } from "../../labelling/palette";
import { boxOf } from "../../labelling/shape";
import type { ShownBox } from "./box_layer";

export type NearMiss = Schemas["ResultBox"];

const NEAR_MAX = 10; // drawn; more would hide the image

export function shownBoxes(sample: Schemas["Sample"], nearMisses: readonly NearMiss[], labels: LabelNames, codes: (name: string, box: Box) => readonly string[] = () => []): ShownBox[] {
  const best = [...nearMisses].sort((a, b) => b.score - a.score).slice(0, NEAR_MAX);
  const near = best.map(({ label, score, xmin, ymin, xmax, ymax }, at): ShownBox => ({ key: `near ${at}`, name: label, score, state: "near", box: { xmin, ymin, xmax, ymax }, color: colorOf(labels, label) }));
  const own = sample.labels.flatMap((label, at): ShownBox[] => {
    const box = boxOf(label);
    if (!box) return [];
    return [{ key: `box ${at}`, name: label.name, score: label.score, state: label.state === "confirmed" ? "confirmed" : "suggested", box, color: colorOf(labels, label.name), codes: codes(label.name, box) }];
  });
  return [...near, ...own];
}
