// SPDX-License-Identifier: Apache-2.0
// Synchronize Data to Dataset: the input images into a dataset, unlabeled, nothing filtered.
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { ask, client, idempotencyKey, type Schemas } from "../../api/client";
import { asProblem } from "../../api/problem";
import { Button } from "../../widgets/button";
import { Radios } from "../../widgets/field";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";
import { tell } from "../../widgets/toast";
import { DatasetChoice, datasetBody, isDatasetChosen, type DatasetChoiceValue } from "./dataset_choice";

export function Synchronize({ service, onClose }: { service: Schemas["Service"]; onClose: () => void }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const [choice, choose] = useState<DatasetChoiceValue>({ way: "existing", dataset: null, name: `${service.name}-samples` });
  const type = service.model_type ?? "image_classification";
  const otherWhy = i18n._("The service's model decides the type.");
  const sync = useMutation({
    mutationFn: () =>
      ask(
        client.POST("/api/v1/services/{service}/sample-tasks/sync", {
          params: { path: { service: service.name }, header: { "Idempotency-Key": idempotencyKey() } },
          body: datasetBody(choice),
        }),
      ),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["tasks"] });
      tell(i18n._("Synchronizing {images, plural, one {# image} other {# images}}", { images: service.images }));
      onClose();
    },
  });
  return (
    <Sheet
      title={i18n._("Synchronize Data to Dataset")}
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          <Button look="primary" isDisabled={!isDatasetChosen(choice) || sync.isPending} onPress={() => sync.mutate()}>
            {i18n._("OK")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <Radios
          label={i18n._("Labeling type")}
          value={type}
          onChange={() => undefined}
          choices={[
            { id: "image_classification", name: i18n._("Image classification"), why: type === "image_classification" ? undefined : otherWhy },
            { id: "object_detection", name: i18n._("Object detection"), why: type === "object_detection" ? undefined : otherWhy },
          ]}
        />
        <DatasetChoice label={i18n._("Dataset")} type={type} value={choice} onChange={choose} />
        <p className="soft">{i18n._("The images appear under Unlabeled. What is in the dataset already stays as it is.")}</p>
        {sync.error && <ProblemBlock thrown={asProblem(sync.error)} compact />}
      </div>
    </Sheet>
  );
}
