// SPDX-License-Identifier: Apache-2.0
// The samples of a filter by their place in its order: pages are fetched where one looks.
import { useQueries, useQuery, useQueryClient } from "@tanstack/react-query";
import { useCallback } from "react";
import { DECIDE_MAX, PAGE, sampleIds, samplePageQuery, type SamplePage, type SampleRow } from "../../api/samples";

export interface SampleSource {
  dataset: string;
  query: object;
  sort: string;
}

/** How many there are; undefined: not known yet. It comes with the first page. */
export function useTotal({ dataset, query, sort }: SampleSource) {
  return useQuery(samplePageQuery(dataset, query, sort, 0));
}

export function usePages({ dataset, query, sort }: SampleSource, first: number, last: number) {
  const from = Math.floor(Math.max(first, 0) / PAGE);
  const pages = last < first ? [] : Array.from({ length: Math.floor(last / PAGE) - from + 1 }, (_, at) => from + at);
  const results = useQueries({ queries: pages.map((page) => samplePageQuery(dataset, query, sort, page)) });
  const sampleAt = (place: number): SampleRow | undefined => results[Math.floor(place / PAGE) - from]?.data?.samples[place % PAGE];
  return { sampleAt, broken: results.find((result) => result.isError && !result.data) };
}

/** Looks up what was fetched already. */
export function useFetched({ dataset, query, sort }: SampleSource) {
  const queries = useQueryClient();
  const at = useCallback(
    (place: number): SampleRow | undefined => queries.getQueryData<SamplePage>(samplePageQuery(dataset, query, sort, Math.floor(place / PAGE)).queryKey)?.samples[place % PAGE],
    [queries, dataset, query, sort],
  );
  /** Ids from one place to another, both in; the server is asked for those that were never looked at. */
  const idsBetween = useCallback(
    async (one: number, other: number): Promise<readonly string[]> => {
      const [low, high] = [Math.min(one, other), Math.max(one, other)];
      const known: string[] = [];
      for (let place = low; place <= high; place++) {
        const sample = at(place);
        if (!sample) return (await sampleIds(dataset, query, sort, Math.min(high - low + 1, DECIDE_MAX), low)).ids;
        known.push(sample.id);
      }
      return known;
    },
    [at, dataset, query, sort],
  );
  /** Samples by their ids, as far as they were looked at, under whatever filter. */
  const byId = useCallback(
    (ids: ReadonlySet<string>): readonly SampleRow[] => {
      const found = new Map<string, SampleRow>();
      for (const [, page] of queries.getQueriesData<SamplePage>({ queryKey: ["samples", dataset] }))
        for (const sample of page?.samples ?? []) if (ids.has(sample.id)) found.set(sample.id, sample);
      return [...found.values()];
    },
    [queries, dataset],
  );
  return { at, idsBetween, byId };
}
