// SPDX-License-Identifier: Apache-2.0
// Import and export of a dataset as one fills them in, and as the API takes them.
import { labelsOf } from "./label_text";

export const AUTO = "auto";

export interface ImportDraft {
  path: string;
  format: string;
  images: string;
  included: string;
  excluded: string;
  onlyDifficult: boolean;
  state: string;
  stops: boolean;
}
export const newImport: ImportDraft = { path: "", format: AUTO, images: "", included: "", excluded: "", onlyDifficult: false, state: "labeled", stops: false };

export function importBody(draft: ImportDraft): { manifest: string } & Record<string, unknown> {
  const [included, excluded] = [labelsOf(draft.included), labelsOf(draft.excluded)];
  return {
    manifest: draft.path,
    ...(draft.format !== AUTO && { format: draft.format }),
    ...(draft.images && { images: draft.images }),
    ...(included.length > 0 && { include_labels: included }),
    ...(excluded.length > 0 && { exclude_labels: excluded }),
    ...(draft.onlyDifficult && { difficult_only: true }),
    ...(draft.state === "to_be_confirmed" && { to_be_confirmed: true }),
    ...(draft.stops && { stop_at_bad_line: true }),
  };
}

export interface ExportDraft {
  folder: string;
  format: string;
  state: string;
  layout: string;
  images: string;
  /** "": the dataset as it is. */
  version: string;
  splits: boolean;
  ratio: number;
  seed: number;
}
export const newExport: ExportDraft = { folder: "", format: "modelarts", state: "labeled", layout: "tree", images: "copy", version: "", splits: false, ratio: 0.8, seed: 0 };

export function exportBody(draft: ExportDraft): { folder: string; format: string } & Record<string, unknown> {
  return {
    folder: draft.folder,
    format: draft.format,
    state: draft.state,
    layout: draft.layout,
    images: draft.images,
    ...(draft.version && { version: draft.version }),
    ...(draft.splits && { split: draft.ratio, seed: draft.seed }),
  };
}

/** The part of a body that is given by name on the command line. */
export function optionsOf(body: Record<string, unknown>, ...words: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).filter(([name]) => !words.includes(name)));
}
