// SPDX-License-Identifier: Apache-2.0
import type { Schemas } from "../../api/client";

/** What the console reads of a model's card. */
export interface ModelCard {
  labels?: string[];
  adapter?: string;
  width?: number;
  height?: number;
  color?: string;
  resize?: string;
  embedding?: string;
  output_kind?: string;
  score_threshold?: number;
  nms_iou?: number;
}

export function cardOf(model: Schemas["Model"] | undefined): ModelCard {
  return (model?.card ?? {}) as ModelCard;
}
export function inputWords(model: Schemas["Model"]): string {
  const { width, height, color } = cardOf(model);
  return width && height ? `${width} × ${height} ${color?.toUpperCase() ?? ""}`.trim() : "";
}
