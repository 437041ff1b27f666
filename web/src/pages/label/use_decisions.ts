// SPDX-License-Identifier: Apache-2.0
// Decides for many at once and offers to take it back.
import { useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useCallback } from "react";
import { ask, client } from "../../api/client";
import { decideAll, redoOperation, undoOperation, type BulkDecision } from "../../api/samples";
import type { Relabelling } from "../../labelling/relabel";
import { tell, tellProblem } from "../../widgets/toast";

export function useDecisions(dataset: string) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const refresh = useCallback(
    () =>
      Promise.all([
        queries.invalidateQueries({ queryKey: ["samples", dataset] }),
        queries.invalidateQueries({ queryKey: ["datasets", dataset, "facets"] }),
        // Counts of whole datasets take long with a million samples: they are asked for again where they are shown.
        queries.invalidateQueries({ queryKey: ["datasets"], refetchType: "none" }),
      ]),
    [queries, dataset],
  );

  async function taken(back: () => Promise<unknown>): Promise<void> {
    await back().catch(tellProblem);
    await refresh();
  }
  async function sent(decisions: readonly BulkDecision[], words: (count: number) => string): Promise<boolean> {
    const operations: string[] = [];
    let [done, failed, why] = [0, 0, ""];
    try {
      for (const decision of decisions) {
        const answer = await decideAll(dataset, decision);
        if (answer.operation_id) operations.unshift(answer.operation_id);
        done += answer.done;
        failed += answer.failed;
        why ||= answer.outcomes.find((outcome) => !outcome.is_done)?.reason ?? "";
      }
    } catch (thrown) {
      tellProblem(thrown);
    }
    const undo = () => taken(async () => { for (const operation of operations) await undoOperation(operation); });
    if (done > 0) tell(words(done), operations.length > 0 ? { label: i18n._("Undo"), run: () => void undo() } : undefined);
    if (failed > 0) tellProblem(new Error(i18n._("{failed} could not be decided: {why}", { failed, why })));
    await refresh();
    return done > 0;
  }

  return {
    refresh,
    decide: (decision: BulkDecision) =>
      sent([decision], (count) => {
        const words: Record<BulkDecision["action"], string> = {
          confirm: i18n._("{count, plural, one {# sample confirmed} other {# samples confirmed}}", { count }),
          reject: i18n._("{count, plural, one {# sample has} other {# samples have}} no labels any more", { count }),
          mark_hard: i18n._("{count, plural, one {# sample is} other {# samples are}} hard examples", { count }),
          clear_hard: i18n._("{count, plural, one {# sample is} other {# samples are}} not hard any more", { count }),
          exclude: i18n._("{count, plural, one {# sample is} other {# samples are}} left out", { count }),
          include: i18n._("{count, plural, one {# sample is} other {# samples are}} in again", { count }),
        };
        return words[decision.action];
      }),
    relabel: (groups: readonly Relabelling[]) =>
      sent(
        groups.map(({ ids, labels }) => (labels.length > 0 ? { target: { ids }, action: "confirm", labels: [...labels] } : { target: { ids }, action: "reject" })),
        (count) => i18n._("Labels of {count, plural, one {# sample} other {# samples}} changed", { count }),
      ),
    /** The newest operation on the dataset that stands, or was undone last; also after a reload. */
    async turn(way: "undo" | "redo"): Promise<void> {
      await taken(async () => {
        const { operations } = await ask(client.GET("/api/v1/operations", { params: { query: { dataset, limit: 50 } } }));
        const isUndone = (operation: { state: string }) => operation.state === "undone";
        const first = operations.findIndex((operation) => !isUndone(operation));
        const undone = first < 0 ? operations.length : first;
        const chosen = way === "undo" ? operations[undone] : operations[undone - 1];
        if (!chosen) return tell(way === "undo" ? i18n._("There is nothing to undo") : i18n._("There is nothing to redo"));
        await (way === "undo" ? undoOperation(chosen.id) : redoOperation(chosen.id));
        tell(way === "undo" ? i18n._("Undone: {count, plural, one {# sample} other {# samples}} as before", { count: chosen.samples }) : i18n._("Done again for {count, plural, one {# sample} other {# samples}}", { count: chosen.samples }));
      });
    },
  };
}
