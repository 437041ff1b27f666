// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { ask, client, idempotencyKey, type Schemas } from "../../api/client";
import { asProblem } from "../../api/problem";
import { datasetsQuery } from "../../api/queries";
import { useMay } from "../../app/session";
import { cliLine } from "../../cli/cli_line";
import { Button } from "../../widgets/button";
import { CopyCli } from "../../widgets/copy_cli";
import { NumberField, Select } from "../../widgets/field";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";

const ITSELF = "";
const DISTANCE = 7;
const DISTANCE_MAX = 11;

/** Where duplicates are looked for, and how alike two images must be. */
export function FindDuplicates({ dataset, onClose, onBegun }: { dataset: Schemas["Dataset"]; onClose: () => void; onBegun: (task: string) => void }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const mayFind = useMay("label");
  const datasets = useQuery(datasetsQuery());
  const [against, setAgainst] = useState(ITSELF);
  const [distance, setDistance] = useState(DISTANCE);
  const body = { distance, ...(against !== ITSELF && { against }) };
  const begin = useMutation({
    mutationFn: () =>
      ask(
        client.POST("/api/v1/datasets/{dataset}/duplicate-tasks", {
          params: { path: { dataset: dataset.name }, header: { "Idempotency-Key": idempotencyKey() } },
          body,
        }),
      ),
    onSuccess: ({ task }) => onBegun(task.id),
    onSettled: () => queries.invalidateQueries({ queryKey: ["tasks"] }),
  });
  const problem = begin.error ? asProblem(begin.error) : null;
  const others = datasets.data?.filter(({ id }) => id !== dataset.id) ?? [];
  return (
    <Sheet
      title={i18n._("Find duplicates in {name}", { name: dataset.name })}
      isOpen
      onOpenChange={onClose}
      width="narrow"
      footer={
        <>
          <CopyCli line={cliLine(["dataset", "duplicates", dataset.name], body)} />
          <span className="grow" />
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          <Button look="primary" isDisabled={begin.isPending} onPress={() => begin.mutate()} why={!mayFind && i18n._("Your role does not allow it.")}>
            {i18n._("Find")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <Select
          label={i18n._("Compared with")}
          value={against}
          onChange={setAgainst}
          choices={[{ id: ITSELF, name: i18n._("itself") }, ...others.map(({ name }) => ({ id: name, name }))]}
          help={i18n._("Across two datasets only duplicates that are in both count.")}
          error={problem?.about("/against")}
        />
        <NumberField
          label={i18n._("Distance")}
          help={i18n._("Bits in which perceptual hashes may differ. 0: the same picture; {usual} is usual.", { usual: DISTANCE })}
          value={distance}
          onChange={(bits) => Number.isFinite(bits) && setDistance(bits)}
          minValue={0}
          maxValue={DISTANCE_MAX}
          error={problem?.about("/distance")}
        />
        {problem && <ProblemBlock thrown={problem} compact />}
      </div>
    </Sheet>
  );
}
