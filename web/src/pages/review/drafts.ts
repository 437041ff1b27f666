// SPDX-License-Identifier: Apache-2.0
// Classes on their way: the labels there are, with those made here, and what digits have put together where a sample may have several.
import { useCallback, useMemo, useRef, useState } from "react";
import { toggledIn } from "../../labelling/filter";
import { withMore, type LabelNames } from "../../labelling/label_names";
import type { ReviewSitting } from "./use_sitting";

export interface Drafts {
  labels: LabelNames;
  addLabel: (name: string) => void;
  /** Digits toggle, F confirms. */
  isSeveral: boolean;
  allowSeveral: (isSeveral: boolean) => void;
  of: (sample: string) => readonly string[] | undefined;
  toggle: (sample: { id: string; labels: readonly { name: string }[] }, label: string) => void;
  drop: (sample: string) => void;
}

const stored = (dataset: string) => `trommel.several.${dataset}`;

export function useDrafts(dataset: string, known: LabelNames, sitting: ReviewSitting, isDetection: boolean): Drafts {
  const [made, setMade] = useState<readonly string[]>([]);
  const [wants, setWants] = useState(() => localStorage.getItem(stored(dataset)) === "true");
  const drafts = useRef(new Map<string, readonly string[]>());
  const [, redraw] = useState(0);
  const labels = useMemo(() => withMore(known, made), [known, made]);
  const addLabel = useCallback((name: string) => setMade((before) => [...before, name]), []);
  const names = new Set(sitting.current?.sample.labels.map(({ name }) => name));
  return {
    labels,
    addLabel,
    isSeveral: !isDetection && (wants || names.size > 1),
    allowSeveral(isSeveral) {
      localStorage.setItem(stored(dataset), String(isSeveral));
      setWants(isSeveral);
    },
    of: (sample) => drafts.current.get(sample),
    toggle({ id, labels: own }, label) {
      const before = drafts.current.get(id) ?? [...new Set(own.map(({ name }) => name))];
      drafts.current.set(id, toggledIn(before, label));
      redraw((count) => count + 1);
    },
    drop: (sample) => void drafts.current.delete(sample),
  };
}
