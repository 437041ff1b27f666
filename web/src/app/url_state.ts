// SPDX-License-Identifier: Apache-2.0
// What a page shows lives in its URL: filters, sorting, tab. Back and forward work, and a link shows another person the same.
import { useCallback, useMemo } from "react";
import { useLocation, useSearch } from "wouter";
import type { SortDescriptor } from "react-aria-components";

export type UrlState = Record<string, string>;

/** The members of the URL's query, and a way to change some of them: undefined takes one away. */
export function useUrlState(): [UrlState, (change: Record<string, string | undefined>, options?: { replace?: boolean }) => void] {
  const search = useSearch();
  const [path, navigate] = useLocation();
  const state = useMemo(() => Object.fromEntries(new URLSearchParams(search)), [search]);
  const change = useCallback(
    (changes: Record<string, string | undefined>, options?: { replace?: boolean }) => {
      const next = new URLSearchParams(window.location.search);
      for (const [name, value] of Object.entries(changes)) {
        if (value === undefined || value === "") next.delete(name);
        else next.set(name, value);
      }
      const query = next.toString();
      navigate(query ? `${path}?${query}` : path, { replace: options?.replace ?? false });
    },
    [path, navigate],
  );
  return [state, change];
}

/** A table's order as ?sort=name or ?sort=-name. */
export function useUrlSort(byDefault: string): [SortDescriptor, (sort: SortDescriptor) => void] {
  const [state, change] = useUrlState();
  const text = state["sort"] ?? byDefault;
  const sort: SortDescriptor = text.startsWith("-") ? { column: text.slice(1), direction: "descending" } : { column: text, direction: "ascending" };
  return [sort, ({ column, direction }) => change({ sort: `${direction === "descending" ? "-" : ""}${String(column)}` }, { replace: true })];
}
