// SPDX-License-Identifier: Apache-2.0
// Samples that join the list while one works: counted when a task tells that something happened, put behind the others when one asks.
import { useQuery } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { datasetQuery } from "../../api/queries";
import { sampleIds } from "../../api/samples";
import { tellProblem } from "../../widgets/toast";
import type { ReviewSitting } from "./use_sitting";

const STEADY_MS = 1000;

export interface Listing {
  dataset: string;
  query: object;
  sort: string;
  most: number;
}
/** Those that match now and are not in the sitting; `join` takes them in. */
export function useJoined(sitting: ReviewSitting, { dataset, query, sort, most }: Listing): { count: number; join: () => void } {
  const counts = useQuery(datasetQuery(dataset));
  const now = counts.data;
  // Own decisions change counts too, but nothing asks for them again then.
  const state = now && [now.samples, now.unlabeled, now.to_be_confirmed, now.labeled, now.hard].join();
  const first = useRef(state);
  const [ids, setIds] = useState<readonly string[]>([]);
  useEffect(() => {
    first.current ??= state;
    if (state === undefined || state === first.current) return;
    first.current = state;
    const timer = setTimeout(() => void sampleIds(dataset, query, sort, most).then((found) => setIds(found.ids), tellProblem), STEADY_MS);
    return () => clearTimeout(timer);
  }, [state, dataset, query, sort, most]);
  return {
    count: ids.length === 0 ? 0 : sitting.unknown(ids).length,
    join: () => {
      sitting.join(ids);
      setIds([]);
    },
  };
}
