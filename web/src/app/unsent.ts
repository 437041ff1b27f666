// SPDX-License-Identifier: Apache-2.0
// Decisions that an earlier page left unsent are sent on, whichever page is opened next.
import { useEffect } from "react";
import { DecisionStore } from "../labelling/decision_store";

export function useUnsent(): void {
  useEffect(() => {
    if (DecisionStore.holdsAny(localStorage)) void import("../pages/review/transport");
  }, []);
}
