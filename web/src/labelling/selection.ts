// SPDX-License-Identifier: Apache-2.0
// Which samples are selected: some by name, or all that match the filter but some. A million can be selected without being known.

export type Selection = { kind: "some"; ids: ReadonlySet<string> } | { kind: "all"; except: ReadonlySet<string> };

export const nothing: Selection = { kind: "some", ids: new Set() };
export const everything: Selection = { kind: "all", except: new Set() };

export function isSelected(selection: Selection, id: string): boolean {
  return selection.kind === "some" ? selection.ids.has(id) : !selection.except.has(id);
}

export function countOf(selection: Selection, matching: number): number {
  return selection.kind === "some" ? selection.ids.size : Math.max(matching - selection.except.size, 0);
}

function changed(set: ReadonlySet<string>, ids: readonly string[], isIn: boolean): ReadonlySet<string> {
  const next = new Set(set);
  for (const id of ids) {
    if (isIn) next.add(id);
    else next.delete(id);
  }
  return next;
}

export function put(selection: Selection, ids: readonly string[], isIn: boolean): Selection {
  return selection.kind === "some" ? { kind: "some", ids: changed(selection.ids, ids, isIn) } : { kind: "all", except: changed(selection.except, ids, !isIn) };
}

export function toggled(selection: Selection, id: string): Selection {
  return put(selection, [id], !isSelected(selection, id));
}

export function inverted(selection: Selection): Selection {
  return selection.kind === "some" ? { kind: "all", except: selection.ids } : { kind: "some", ids: selection.except };
}

/** As `target` of samples:decide; `query` is the filter whose matches "all" means. */
export function targetOf(selection: Selection, query: object): { ids: string[] } | { query: object; except: string[] } {
  return selection.kind === "some" ? { ids: [...selection.ids] } : { query, except: [...selection.except] };
}
