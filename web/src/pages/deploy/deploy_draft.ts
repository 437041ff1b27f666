// SPDX-License-Identifier: Apache-2.0
// A batch service while one fills it in: kept in the browser, checked as one goes, and as the API takes it.
import type { Schemas } from "../../api/client";
import { filteringBody, filteringDraft, isFilteringReady, type FilteringDraft, type FilteringSettings } from "../service/filtering_draft";

export interface DeployDraft {
  name: string;
  description: string;
  /** name/version */
  model: string | null;
  input: string;
  /** "": where results go by default. */
  output: string;
  threads: number;
  acceptsPartial: boolean;
  allowsForeign: boolean;
  isFiltering: boolean;
  filtering: FilteringDraft;
  /** Settings of filtering that no form shows; of a clone. */
  kept: FilteringSettings | null;
}

export const NAME_MAX = 64;
export const DESCRIPTION_MAX = 100;
const STORED = "trommel.deploy";
const LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";

export function newDraft(random: () => number = Math.random): DeployDraft {
  const name = `service-${Array.from({ length: 4 }, () => LETTERS[Math.floor(random() * LETTERS.length)]).join("")}`;
  return { name, description: "", model: null, input: "", output: "", threads: 0, acceptsPartial: false, allowsForeign: false, isFiltering: false, filtering: filteringDraft(null, ""), kept: null };
}

/** What was kept, if it can still be read. */
export function storedDraft(storage: Pick<Storage, "getItem">): DeployDraft | null {
  try {
    const kept = JSON.parse(storage.getItem(STORED) ?? "null") as Partial<DeployDraft> | null;
    if (kept === null || typeof kept !== "object" || typeof kept.name !== "string") return null;
    const fresh = newDraft();
    return { ...fresh, ...kept, filtering: { ...fresh.filtering, ...kept.filtering } };
  } catch {
    return null;
  }
}
export function keepDraft(storage: Pick<Storage, "setItem" | "removeItem">, draft: DeployDraft | null): void {
  if (draft === null) storage.removeItem(STORED);
  else storage.setItem(STORED, JSON.stringify(draft));
}

/** Where results go unless one says otherwise: below the first folder that may be used. */
export function defaultOutput(root: string | undefined, name: string): string {
  return root && name ? `${root.replace(/\/$/, "")}/services/${name}` : "";
}

/** Hard examples go to a new dataset named after the service, until one names another. */
export function withDefaults(draft: DeployDraft): DeployDraft {
  const { output } = draft.filtering;
  if (output.way !== "new" || output.name !== "") return draft;
  return { ...draft, filtering: { ...draft.filtering, output: { ...output, name: draft.name && `${draft.name}-hard` } } };
}

/** "name-2" when "name" is taken, and so on. */
function freeName(wanted: string, taken: readonly string[]): string {
  for (let number = 1; ; number++) {
    const end = number > 1 ? `-${number}` : "";
    const name = wanted.slice(0, NAME_MAX - end.length) + end;
    if (!taken.includes(name)) return name;
  }
}

/** A service like another one: results go to a place of their own, hard examples to a dataset of their own. */
export function cloneOf(service: Schemas["Service"], taken: readonly string[]): DeployDraft {
  const { threads, accept_partial, allow_foreign_output } = (service.settings ?? {}) as Record<string, unknown>;
  const before = service.hard_example_filtering as FilteringSettings | null;
  const { dataset: _dataset, create: _create, ...kept } = before ?? {};
  return {
    ...newDraft(),
    name: freeName(`${service.name}-copy`, taken),
    description: service.description,
    model: service.model,
    input: service.input,
    threads: typeof threads === "number" ? threads : 0,
    acceptsPartial: accept_partial === true,
    allowsForeign: allow_foreign_output === true,
    isFiltering: before !== null,
    filtering: { ...filteringDraft(before, ""), output: { way: "new", dataset: null, name: "" } },
    kept: before && kept,
  };
}

/** The same over a list of the images that failed; what is hard among them joins what the service found. */
export function retryOf(service: Schemas["Service"], list: string, taken: readonly string[]): DeployDraft {
  const clone = cloneOf(service, taken);
  const before = service.hard_example_filtering as FilteringSettings | null;
  const dataset = before?.dataset ?? before?.create ?? null;
  return {
    ...clone,
    name: freeName(`${service.name}-retry`, taken),
    input: list,
    filtering: dataset ? { ...clone.filtering, output: { way: "existing", dataset, name: "" } } : clone.filtering,
  };
}

export type DeployField = "name" | "description" | "model" | "input" | "output" | "filtering";
export type DeployFault = "missing" | "taken" | "too-long" | "relative";

export function faultsOf(draft: DeployDraft, output: string, taken: readonly string[]): Partial<Record<DeployField, DeployFault>> {
  const faults: Partial<Record<DeployField, DeployFault>> = {};
  const path = (text: string): DeployFault | undefined => (text === "" ? "missing" : /^(\/|upload:)/.test(text) ? undefined : "relative");
  if (draft.name === "") faults.name = "missing";
  else if (draft.name.length > NAME_MAX) faults.name = "too-long";
  else if (taken.includes(draft.name)) faults.name = "taken";
  if (draft.description.length > DESCRIPTION_MAX) faults.description = "too-long";
  if (draft.model === null) faults.model = "missing";
  const [input, results] = [path(draft.input), path(output)];
  if (input) faults.input = input;
  if (results) faults.output = results;
  if (draft.isFiltering && !isFilteringReady(withDefaults(draft).filtering)) faults.filtering = "missing";
  return faults;
}

export function deployBody(draft: DeployDraft, output: string): Record<string, unknown> {
  return {
    name: draft.name,
    model: draft.model,
    input: draft.input,
    output,
    ...(draft.description !== "" && { description: draft.description }),
    ...(draft.threads > 0 && { threads: draft.threads }),
    ...(draft.acceptsPartial && { accept_partial: true }),
    ...(draft.allowsForeign && { allow_foreign_output: true }),
    ...(draft.isFiltering && { hard_examples: true, ...filteringBody(withDefaults(draft).filtering, draft.kept) }),
  };
}
