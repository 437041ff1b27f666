// SPDX-License-Identifier: Apache-2.0
// A split of the labeled samples before it is asked for: what it will give, and which labels are too rare for it.

/** As the server has it: fewer labeled samples of a label cannot be split. */
export const SPLIT_MIN = 5;
export const SEED_MAX = 2 ** 31 - 1;

export interface LabelCount {
  name: string;
  samples: number;
}
/** Labels that are on some samples, but on too few; the rarest first. */
export function tooRare(labels: readonly LabelCount[]): readonly LabelCount[] {
  return labels.filter(({ samples }) => samples > 0 && samples < SPLIT_MIN).toSorted((a, b) => a.samples - b.samples || a.name.localeCompare(b.name));
}

/** About so many are for training and for evaluation. */
export function shares(ratio: number, labeled: number): { train: number; evaluation: number } {
  const train = Math.round(ratio * labeled);
  return { train, evaluation: labeled - train };
}

export interface PublishDraft {
  name: string;
  description: string;
  writesHard: boolean;
  splits: boolean;
  ratio: number;
  seed: number;
  keepsUsage: boolean;
}
export const newPublish: PublishDraft = { name: "", description: "", writesHard: false, splits: false, ratio: 0.8, seed: 0, keepsUsage: false };

/** As the API takes it. */
export function publishBody(draft: PublishDraft): Record<string, string | number | boolean> {
  return {
    ...(draft.name && { name: draft.name }),
    ...(draft.description && { description: draft.description }),
    ...(draft.writesHard && { hard_attributes: true }),
    ...(draft.splits && { train_ratio: draft.ratio, seed: draft.seed, ...(draft.keepsUsage && { keep_usage: true }) }),
  };
}
