// SPDX-License-Identifier: Apache-2.0
// A sitting for as long as the page is shown, and the evidence that is fetched beside it.
import { useEffect, useMemo, useRef, useSyncExternalStore } from "react";
import { idempotencyKey } from "../../api/client";
import { asProblem } from "../../api/problem";
import { Prefetch } from "../../labelling/prefetch";
import { Sitting } from "../../labelling/sitting";
import { evidenceLoader, sampleLoader, type Evidence, type Loaded } from "./loaded";
import { decisions } from "./transport";

export type ReviewSitting = Sitting<Loaded["sample"], Loaded>;

const RETRY_MS = 1500;
const EVIDENCE_AT_ONCE = 2;
const READING_MS = 80;

const isSample = (told: unknown): told is Loaded["sample"] => typeof told === "object" && told !== null && "id" in told && "revision" in told && "labels" in told;

export function useSitting(dataset: string, ids: readonly string[], first: number, say: (message: string) => void): { sitting: ReviewSitting; evidence: Evidence | undefined } {
  const telling = useRef(say);
  telling.current = say;
  const sitting = useMemo(
    () =>
      new Sitting<Loaded["sample"], Loaded>({
        dataset,
        ids,
        at: first,
        source: new Prefetch(sampleLoader),
        queue: decisions,
        newKey: idempotencyKey,
        read: (told) => (isSample(told) ? told : undefined),
        say: (message) => telling.current(message),
      }),
    [dataset, ids, first],
  );
  useEffect(() => sitting.begin(), [sitting]);
  useSyncExternalStore(sitting.subscribe, () => sitting.version);

  // What did not come because the server is away is tried again by itself.
  const isAway = sitting.broken !== null && asProblem(sitting.broken.thrown).isUnreachable;
  useEffect(() => {
    if (!isAway) return;
    const timer = setInterval(() => sitting.retry(), RETRY_MS);
    return () => clearInterval(timer);
  }, [sitting, isAway]);
  return { sitting, evidence: useEvidence(sitting) };
}

const noted = () => {
  let version = 0;
  const listeners = new Set<() => void>();
  return {
    change() {
      version++;
      for (const listener of listeners) listener();
    },
    subscribe(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    version: () => version,
  };
};

function useEvidence(sitting: ReviewSitting): Evidence | undefined {
  const { ids, at, id } = sitting;
  const [prefetch, arrivals] = useMemo(() => [new Prefetch(evidenceLoader, { ahead: 8, behind: 2, atOnce: EVIDENCE_AT_ONCE }), noted()] as const, []);
  useSyncExternalStore(arrivals.subscribe, arrivals.version);
  // The picture first: why it is hard is asked for once the picture is there.
  const isShown = sitting.current !== undefined;
  useEffect(() => {
    if (!isShown || id === undefined) return;
    // Who rushes through is not slowed down by what there is no time to read.
    const timer = setTimeout(() => {
      prefetch.look(ids, at);
      if (!prefetch.peek(id)) prefetch.get(id).then(arrivals.change, () => undefined);
    }, READING_MS);
    return () => clearTimeout(timer);
  }, [prefetch, arrivals, ids, at, id, isShown]);
  return id === undefined ? undefined : prefetch.peek(id);
}
