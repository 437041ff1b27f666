// SPDX-License-Identifier: Apache-2.0
// "Add to training dataset": where labeled samples can go, what is asked of the server, and what it tells.
import { cliLine } from "../../cli/cli_line";
import type { Tree } from "../../labelling/filter";

/** As the server has it: more go in parts. */
export const MERGE_MAX = 20_000;

/** What was chosen before the dialog was opened; nothing: the whole dataset. */
export type Chosen = { ids: readonly string[] } | { filter: Tree; count: number };

export const parts = ["chosen", "labeled", "hard"] as const;
export type Part = (typeof parts)[number];

export interface MergeResult {
  dataset: string;
  into: string;
  preview: boolean;
  selected: number;
  added: number;
  filled: number;
  duplicates: number;
  contradictions: number;
  excluded: number;
  unreadable: number;
  not_labeled: number;
  labels_added: number;
  unreadable_there: number;
  operation_id: string | null;
}

export interface Place {
  id: string;
  name: string;
  dataset_type: string;
  labeled: number;
}
/** Datasets that can take the samples of another one: of the same type, the one with most labeled samples first. */
export function placesFor<P extends Place>(dataset: Place, all: readonly P[]): readonly P[] {
  return all.filter(({ id, dataset_type }) => id !== dataset.id && dataset_type === dataset.dataset_type).toSorted((a, b) => b.labeled - a.labeled || a.name.localeCompare(b.name));
}

/** As the API takes it. */
export function mergeBody(into: string, part: Part, chosen: Chosen | undefined): Record<string, unknown> {
  const what = part === "hard" ? { hard: true } : part === "labeled" || !chosen ? {} : "ids" in chosen ? { ids: chosen.ids } : { filter: chosen.filter };
  return { into, ...what };
}

/** The same for a shell: each id by itself, conditions as JSON. */
export function mergeLine(dataset: string, { ids = [], filter, ...rest }: { ids?: readonly string[]; filter?: Tree; [name: string]: unknown }): string {
  return [cliLine(["dataset", "merge", dataset], { ...rest, ...(filter && { filter: JSON.stringify(filter) }) }), ...ids.map((id) => `--ids ${id}`)].join(" ");
}

/** Samples that change in the target. */
export function changing({ added, filled }: Pick<MergeResult, "added" | "filled">): number {
  return added + filled;
}

/** Samples that a person has to look at. */
export function leftOut({ contradictions, excluded, unreadable }: Pick<MergeResult, "contradictions" | "excluded" | "unreadable">): number {
  return contradictions + excluded + unreadable;
}
