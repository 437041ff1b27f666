// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { Redo2, Undo2 } from "lucide-react";
import { ask, client } from "../../api/client";
import { redoOperation, undoOperation } from "../../api/samples";
import { useMay } from "../../app/session";
import { formatNumber } from "../../i18n/i18n";
import { Button } from "../../widgets/button";
import { tell, tellProblem } from "../../widgets/toast";

/** Takes everything back that a merge did, or does it again; what was changed since stays. */
export function UndoMerge({ operation: id }: { operation: string }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const mayLabel = useMay("label");
  const query = useQuery({
    queryKey: ["datasets", "operation", id],
    queryFn: async () => (await ask(client.GET("/api/v1/operations/{operation}", { params: { path: { operation: id }, query: { limit: 1 } } }))).operation,
  });
  const isUndone = query.data?.state === "undone";
  const turn = useMutation({
    mutationFn: () => (isUndone ? redoOperation(id) : undoOperation(id)),
    onSuccess: ({ done, conflicts }) => {
      const what = isUndone ? i18n._("{count, plural, one {# sample is} other {# samples are}} back", { count: done }) : i18n._("{count, plural, one {# sample is} other {# samples are}} as before", { count: done });
      tell(conflicts > 0 ? i18n._("{what}; {kept} changed since and stay", { what, kept: formatNumber(conflicts) }) : what);
    },
    onError: tellProblem,
    onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: ["datasets"] }), queries.invalidateQueries({ queryKey: ["samples"] })]),
  });
  if (!query.data) return null;
  return (
    <>
      <Button onPress={() => turn.mutate()} isDisabled={turn.isPending} why={!mayLabel && i18n._("Your role only reads.")}>
        {isUndone ? <Redo2 size={15} aria-hidden /> : <Undo2 size={15} aria-hidden />}
        {isUndone ? i18n._("Redo") : i18n._("Undo")}
      </Button>
      {isUndone && <span className="soft">{i18n._("It was taken back.")}</span>}
    </>
  );
}
