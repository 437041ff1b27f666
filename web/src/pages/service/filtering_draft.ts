// SPDX-License-Identifier: Apache-2.0
// The settings of Hard Example Filtering while one fills them in, and as the API takes them.
import { datasetBody, isDatasetChosen, type DatasetChoiceValue } from "./dataset_choice";

/** As the server keeps them. */
export interface FilteringSettings {
  train?: string;
  dataset?: string;
  create?: string;
  algo_hard_threshold?: number;
  top?: string;
  group?: boolean;
  reasons?: string;
  [other: string]: unknown;
}

export interface FilteringDraft {
  train: string;
  output: DatasetChoiceValue;
  threshold: number;
  top: string;
  isGrouped: boolean;
  reasons: string;
}

export const sensitivities = { few: 0.4, balanced: 0.25, many: 0.1 } as const;
export type Sensitivity = keyof typeof sensitivities;
const TOP_DEFAULT = "20%";

/** What is set already, or where one begins. */
export function filteringDraft(before: FilteringSettings | null, service: string): FilteringDraft {
  return {
    train: before?.train ?? "",
    output: { way: before?.dataset ? "existing" : "new", dataset: before?.dataset ?? null, name: before?.create ?? (service && `${service}-hard`) },
    threshold: before?.algo_hard_threshold ?? sensitivities.many,
    top: before ? (before.top ?? "") : TOP_DEFAULT,
    isGrouped: before?.group ?? true,
    reasons: before?.reasons ?? "all",
  };
}

/** What the form does not show stays as it was. */
export function filteringBody(draft: FilteringDraft, before: FilteringSettings | null = null): FilteringSettings {
  return {
    ...before,
    train: draft.train || undefined,
    dataset: undefined,
    create: undefined,
    ...datasetBody(draft.output),
    algo_hard_threshold: draft.threshold,
    top: draft.top || undefined,
    group: draft.isGrouped,
    reasons: draft.reasons,
  };
}

export const isFilteringReady = (draft: FilteringDraft) => isDatasetChosen(draft.output);
