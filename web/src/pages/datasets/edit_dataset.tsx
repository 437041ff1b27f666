// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { useLocation } from "wouter";
import { ask, client, type Schemas } from "../../api/client";
import { asProblem } from "../../api/problem";
import { Button } from "../../widgets/button";
import { TextField } from "../../widgets/field";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";
import { tell } from "../../widgets/toast";

const DESCRIPTION_MAX = 256;

export function EditDataset({ dataset, onClose }: { dataset: Schemas["Dataset"]; onClose: () => void }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const [path, navigate] = useLocation();
  const [name, setName] = useState(dataset.name);
  const [description, describe] = useState(dataset.description);
  const edit = useMutation({
    mutationFn: () =>
      ask<unknown>(
        client.PATCH("/api/v1/datasets/{dataset}", {
          params: { path: { dataset: dataset.name }, header: { "If-Match": `"${dataset.revision}"` } },
          body: { ...(name !== dataset.name && { name }), ...(description !== dataset.description && { description }) },
        }),
      ),
    onSuccess: () => {
      tell(i18n._("{name} is changed", { name }));
      onClose();
      if (path.startsWith(`/datasets/${dataset.name}`)) navigate(`/datasets/${name}`, { replace: true });
    },
    onSettled: () => queries.invalidateQueries({ queryKey: ["datasets"] }),
  });
  const problem = edit.error ? asProblem(edit.error) : null;
  const isSame = name === dataset.name && description === dataset.description;
  return (
    <Sheet
      title={i18n._("Modify {name}", { name: dataset.name })}
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          <Button look="primary" isDisabled={isSame || name === "" || edit.isPending} onPress={() => edit.mutate()}>
            {i18n._("Save")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <TextField label={i18n._("Name")} help={i18n._("Letters, digits, - and _.")} value={name} onChange={setName} error={problem?.about("/name")} maxLength={100} autoFocus />
        <TextField label={i18n._("Description")} value={description} onChange={describe} maxLength={DESCRIPTION_MAX} lines={3} error={problem?.about("/description")} />
        {problem && <ProblemBlock thrown={problem} compact />}
      </div>
    </Sheet>
  );
}
