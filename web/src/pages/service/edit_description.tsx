// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { ask, client, type Schemas } from "../../api/client";
import { asProblem } from "../../api/problem";
import { Button } from "../../widgets/button";
import { TextField } from "../../widgets/field";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";
import { DESCRIPTION_MAX } from "../deploy/deploy_draft";

export function EditDescription({ service, onClose }: { service: Schemas["Service"]; onClose: () => void }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const [description, edit] = useState(service.description);
  const save = useMutation({
    mutationFn: () => ask(client.PATCH("/api/v1/services/{service}", { params: { path: { service: service.name } }, body: { description } as never })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["services"] });
      onClose();
    },
  });
  return (
    <Sheet
      title={i18n._("Description")}
      width="narrow"
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          <Button look="primary" onPress={() => save.mutate()} isDisabled={save.isPending}>
            {i18n._("Save")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <TextField
          label={i18n._("Description")}
          value={description}
          onChange={edit}
          maxLength={DESCRIPTION_MAX}
          lines={3}
          autoFocus
          error={save.error ? asProblem(save.error).about("/description") : undefined}
        />
        {save.error && <ProblemBlock thrown={save.error} compact />}
      </div>
    </Sheet>
  );
}
