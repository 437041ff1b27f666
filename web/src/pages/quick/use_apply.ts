// SPDX-License-Identifier: Apache-2.0
// Sends what was marked on a wall, and takes it back again.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useRef } from "react";
import { ask, client, idempotencyKey } from "../../api/client";
import { decideAll, undoOperation } from "../../api/samples";
import { tell, tellProblem } from "../../widgets/toast";
import { sizeOf, type Plan } from "./wall";

export function useApply(dataset: string) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const last = useRef<string[]>([]);
  const refresh = () => Promise.all([queries.invalidateQueries({ queryKey: ["samples", dataset] }), queries.invalidateQueries({ queryKey: ["datasets"] })]);

  async function send({ confirm, reject, keep }: Plan): Promise<number> {
    let failed = 0;
    const kept = (operation: string | null) => void (operation && last.current.unshift(operation));
    for (const [action, ids] of [["confirm", confirm], ["reject", reject]] as const) {
      if (ids.length === 0) continue;
      const answer = await decideAll(dataset, { target: { ids: [...ids] }, action });
      kept(answer.operation_id);
      failed += answer.failed;
    }
    for (const { sample, boxes } of keep) {
      const params = { path: { sample: sample.id }, header: { "Idempotency-Key": idempotencyKey(), "If-Match": `"${sample.revision}"` } };
      const answer = await ask(client.PATCH("/api/v1/samples/{sample}/annotation", { params, body: { box: boxes.length > 0 ? boxes : null } as never }));
      kept((answer as { operation_id?: string | null }).operation_id ?? null);
    }
    return failed;
  }
  async function undo(): Promise<void> {
    const operations = last.current.splice(0);
    if (operations.length === 0) return;
    try {
      for (const operation of operations) await undoOperation(operation);
      tell(i18n._("Taken back"));
    } catch (thrown) {
      tellProblem(thrown);
    }
    await refresh();
  }
  const applying = useMutation({
    mutationFn: (plan: Plan) => {
      last.current = [];
      return send(plan);
    },
    onSuccess: (failed, plan) => {
      tell(i18n._("{count, plural, one {# sample is} other {# samples are}} decided", { count: sizeOf(plan) - failed }), last.current.length > 0 ? { label: i18n._("Undo"), run: () => void undo() } : undefined);
      if (failed > 0) tellProblem(new Error(i18n._("{count} could not be decided: they changed meanwhile.", { count: failed })));
    },
    onError: tellProblem,
    onSettled: refresh,
  });
  return { apply: applying.mutate, isBusy: applying.isPending, undo };
}
