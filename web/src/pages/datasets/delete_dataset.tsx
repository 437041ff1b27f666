// SPDX-License-Identifier: Apache-2.0
// Deleting a dataset cannot be undone: it says what goes and what stays, and wants the name.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { ask, client, type Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { Button } from "../../widgets/button";
import { TextField } from "../../widgets/field";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";
import { tell } from "../../widgets/toast";

export function DeleteDataset({ dataset, onClose, onDeleted }: { dataset: Schemas["Dataset"]; onClose: () => void; onDeleted?: (() => void) | undefined }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const [typed, type] = useState("");
  const remove = useMutation({
    mutationFn: () => ask<unknown>(client.DELETE("/api/v1/datasets/{dataset}", { params: { path: { dataset: dataset.name } } })),
    onSuccess: () => {
      tell(i18n._("{name} is deleted", { name: dataset.name }));
      onClose();
      onDeleted?.();
      void queries.invalidateQueries({ queryKey: ["datasets"] });
    },
  });
  return (
    <Sheet
      title={i18n._("Delete {name}?", { name: dataset.name })}
      role="alertdialog"
      width="narrow"
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          <Button look="danger" isDisabled={typed !== dataset.name || remove.isPending} onPress={() => remove.mutate()}>
            {i18n._("Delete")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <p>{i18n._("{count} samples with their labels and decisions go and cannot be brought back. Images and published manifests stay where they are.", { count: formatNumber(dataset.samples) })}</p>
        <TextField label={i18n._("Type the dataset's name")} value={typed} onChange={type} autoFocus autoComplete="off" />
        {remove.error && <ProblemBlock thrown={remove.error} compact />}
      </div>
    </Sheet>
  );
}
