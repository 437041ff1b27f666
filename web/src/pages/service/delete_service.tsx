// SPDX-License-Identifier: Apache-2.0
// The one thing about a service that cannot be undone: it says what goes and what stays, and wants the name.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { ask, client, type Schemas } from "../../api/client";
import { Button } from "../../widgets/button";
import { TextField } from "../../widgets/field";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";
import { tell } from "../../widgets/toast";

export function DeleteService({ service, onClose, onDeleted }: { service: Schemas["Service"]; onClose: () => void; onDeleted?: () => void }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const [typed, type] = useState("");
  const remove = useMutation({
    mutationFn: () => ask(client.DELETE("/api/v1/services/{service}", { params: { path: { service: service.name } } })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["services"] });
      tell(i18n._("{name} is deleted", { name: service.name }));
      onClose();
      onDeleted?.();
    },
  });
  return (
    <Sheet
      title={i18n._("Delete {name}?", { name: service.name })}
      role="alertdialog"
      width="narrow"
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          <Button look="danger" isDisabled={typed !== service.name || remove.isPending} onPress={() => remove.mutate()}>
            {i18n._("Delete")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>{i18n._("Its runs and their predictions are deleted and cannot be brought back. Images, result files in {output} and datasets stay.", { output: service.output })}</p>
        <TextField label={i18n._("Type the service's name")} value={typed} onChange={type} autoFocus autoComplete="off" />
        {remove.error && <ProblemBlock thrown={remove.error} compact />}
      </div>
    </Sheet>
  );
}
