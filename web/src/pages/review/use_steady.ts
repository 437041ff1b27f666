// SPDX-License-Identifier: Apache-2.0
import { useCallback, useRef } from "react";

/** A function that is always the same and does what the newest one does: for parts that are drawn again only when they must be. */
export function useSteady<A extends unknown[], R>(run: (...args: A) => R): (...args: A) => R {
  const newest = useRef(run);
  newest.current = run;
  return useCallback((...args: A) => newest.current(...args), []);
}
