// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { Redo2, Undo2 } from "lucide-react";
import type { Schemas } from "../../api/client";
import { redoOperation, undoOperation } from "../../api/samples";
import { useMay } from "../../app/session";
import { formatNumber } from "../../i18n/i18n";
import { Button } from "../../widgets/button";
import { tell, tellProblem } from "../../widgets/toast";
import { actionWords } from "./operation_words";

/** Takes an operation back, or does it again; what was changed since stays. */
export function TurnOperation({ operation: { id, action, state, samples }, dataset }: { operation: Schemas["Operation"]; dataset: string }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const mayLabel = useMay("label");
  const isUndone = state === "undone";
  const turn = useMutation({
    mutationFn: () => (isUndone ? redoOperation(id) : undoOperation(id)),
    onSuccess: ({ done, conflicts }) => {
      const what = isUndone ? i18n._("{count, plural, one {# sample is} other {# samples are}} back", { count: done }) : i18n._("{count, plural, one {# sample is} other {# samples are}} as before", { count: done });
      tell(conflicts > 0 ? i18n._("{what}; {kept} changed since and stay", { what, kept: formatNumber(conflicts) }) : what);
    },
    onError: tellProblem,
    onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: ["datasets"] }), queries.invalidateQueries({ queryKey: ["samples", dataset] })]),
  });
  const what = i18n._("{action}, {count, plural, one {# sample} other {# samples}}", { action: actionWords(i18n, action), count: samples });
  return (
    <Button size="small" onPress={() => turn.mutate()} isDisabled={turn.isPending} why={!mayLabel && i18n._("Your role only reads.")} aria-label={isUndone ? i18n._("Redo: {what}", { what }) : i18n._("Undo: {what}", { what })}>
      {isUndone ? <Redo2 size={14} aria-hidden /> : <Undo2 size={14} aria-hidden />}
      {isUndone ? i18n._("Redo") : i18n._("Undo")}
    </Button>
  );
}
