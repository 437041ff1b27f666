// SPDX-License-Identifier: Apache-2.0
// What was done to boxes and not decided yet, kept while one looks at other samples and when the page is loaded again. A draft belongs to
// the labels that it began with: once these are others, it is forgotten.
import type { Frame } from "./boxes";

export interface Drafts {
  get(sample: string, came: Frame): Frame | undefined;
  put(sample: string, came: Frame, frame: Frame): void;
  forget(sample: string): void;
}

interface Draft {
  sample: string;
  came: string;
  frame: Frame;
}
/** Of what lies in the browser. */
export interface DraftShelf {
  load(): string | null;
  save(text: string): void;
}

const DRAFTS_MAX = 200;
const nameOf = (came: Frame) => JSON.stringify([came.image, came.boxes.filter(({ state }) => state !== "ignored").map(({ name, box, state }) => [name, box.xmin, box.ymin, box.xmax, box.ymax, state])]);

export function draftsOn(shelf: DraftShelf): Drafts {
  let drafts = read(shelf);
  const keep = (next: Draft[]) => {
    drafts = next.slice(-DRAFTS_MAX);
    shelf.save(JSON.stringify(drafts));
  };
  const without = (sample: string) => drafts.filter((draft) => draft.sample !== sample);
  return {
    get: (sample, came) => drafts.find((draft) => draft.sample === sample && draft.came === nameOf(came))?.frame,
    put: (sample, came, frame) => keep([...without(sample), { sample, came: nameOf(came), frame }]),
    forget: (sample) => drafts.some((draft) => draft.sample === sample) && keep(without(sample)),
  };
}

function read(shelf: DraftShelf): Draft[] {
  try {
    const drafts: unknown = JSON.parse(shelf.load() ?? "[]");
    return Array.isArray(drafts) ? (drafts as Draft[]).filter(({ sample, came, frame }) => typeof sample === "string" && typeof came === "string" && Array.isArray(frame?.boxes)) : [];
  } catch {
    return [];
  }
}
