// SPDX-License-Identifier: Apache-2.0
// The forms in which datasets come and go (docs/dataset-formats.md), as dialogs offer them.
import type { I18n } from "@lingui/core";
import type { Choice } from "../../widgets/field";

type Kind = "classes" | "boxes";
interface Format {
  id: string;
  name: string;
  holds: readonly Kind[];
}
const formats: readonly Format[] = [
  { id: "modelarts", name: "ModelArts manifest", holds: ["classes", "boxes"] },
  { id: "coco", name: "COCO JSON", holds: ["boxes"] },
  { id: "voc", name: "PASCAL VOC", holds: ["boxes"] },
  { id: "yolo", name: "YOLO", holds: ["boxes"] },
  { id: "imagenet", name: "ImageNet", holds: ["classes"] },
  { id: "image_txt", name: "image + txt", holds: ["classes"] },
  { id: "csv", name: "CSV", holds: ["classes", "boxes"] },
  { id: "sagemaker", name: "SageMaker augmented manifest", holds: ["classes", "boxes"] },
];

function noteOf(i18n: I18n, id: string): string {
  const notes: Record<string, () => string> = {
    modelarts: () => i18n._("everything, also what is hard and why"),
    coco: () => i18n._("one JSON file of images, annotations and categories"),
    voc: () => i18n._("an XML file for each image"),
    yolo: () => i18n._("a text file for each image, and data.yaml"),
    imagenet: () => i18n._("a folder for each label"),
    image_txt: () => i18n._("a text file with labels beside each image"),
    csv: () => i18n._("a row for each label or box"),
    sagemaker: () => i18n._("JSON Lines with source-ref"),
  };
  return notes[id]?.() ?? "";
}

/** The formats that hold what a dataset has; the others say why not. */
export function formatChoices(i18n: I18n, datasetType: string): Choice[] {
  const kind: Kind = datasetType === "object_detection" ? "boxes" : "classes";
  return formats.map(({ id, name, holds }) => ({
    id,
    name,
    note: noteOf(i18n, id),
    ...(!holds.includes(kind) && { why: kind === "boxes" ? i18n._("It holds no boxes.") : i18n._("It holds boxes only.") }),
  }));
}
