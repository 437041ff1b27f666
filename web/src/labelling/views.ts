// SPDX-License-Identifier: Apache-2.0
// Saved views of the Label page: a name and a URL's query. Some are built in; own ones stay in this browser.

export interface View {
  name: string;
  query: string;
}
export const VIEW_NAME_MAX = 60;
export const VIEWS_MAX = 100;

/** What was stored; what is no view in it is left out. */
export function viewsOf(text: string | null): readonly View[] {
  try {
    const listed: unknown = JSON.parse(text ?? "[]");
    if (!Array.isArray(listed)) return [];
    return (listed as unknown[]).flatMap((one) => {
      const { name, query } = (one ?? {}) as Record<string, unknown>;
      return typeof name === "string" && name !== "" && typeof query === "string" ? [{ name, query }] : [];
    });
  } catch {
    return [];
  }
}

/** With this view, in the place of one of the same name; the oldest go when there are too many. */
export function withView(views: readonly View[], view: View): readonly View[] {
  const name = view.name.trim().slice(0, VIEW_NAME_MAX);
  if (name === "") return views;
  return [...views.filter((one) => one.name !== name), { ...view, name }].slice(-VIEWS_MAX);
}

export const withoutView = (views: readonly View[], name: string): readonly View[] => views.filter((one) => one.name !== name);

/** A query without what belongs to a moment only; in one order, so that equal views are equal texts. */
export function viewQuery(search: string): string {
  const members = new URLSearchParams(search);
  members.delete("sample");
  members.sort();
  return members.toString();
}
