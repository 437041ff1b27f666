// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { ask, client, type Schemas } from "../../api/client";
import { Button } from "../../widgets/button";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";
import { tell } from "../../widgets/toast";

export function DeleteModel({ model, onClose, onDeleted }: { model: Schemas["Model"]; onClose: () => void; onDeleted: () => void }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const name = `${model.name}/${model.version}`;
  const remove = useMutation({
    mutationFn: () => ask(client.DELETE("/api/v1/models/{model}", { params: { path: { model: model.id } } })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["models"] });
      tell(i18n._("{name} is deleted", { name }));
      onClose();
      onDeleted();
    },
  });
  return (
    <Sheet
      title={i18n._("Delete {name}?", { name })}
      role="alertdialog"
      width="narrow"
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          <Button look="danger" isDisabled={remove.isPending} onPress={() => remove.mutate()}>
            {i18n._("Delete")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>{i18n._("The ONNX file and its card are deleted from the data folder and cannot be brought back. What it predicted stays.")}</p>
        {remove.error && <ProblemBlock thrown={remove.error} compact />}
      </div>
    </Sheet>
  );
}
