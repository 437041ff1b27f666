// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { useLocation } from "wouter";
import { ask, client } from "../../api/client";
import { asProblem } from "../../api/problem";
import { datasetsQuery, datasetQuery } from "../../api/queries";
import { Button } from "../../widgets/button";
import { Radios, Select, TextField } from "../../widgets/field";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";
import { tellProblem } from "../../widgets/toast";
import { labelsOf } from "./label_text";

const NAME_MAX = 100;

export function CreateDataset({ onClose }: { onClose: () => void }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [name, setName] = useState("");
  const [type, setType] = useState("image_classification");
  const [text, setText] = useState("");
  const labels = labelsOf(text);
  const datasets = useQuery(datasetsQuery());
  const create = useMutation({
    mutationFn: () => ask(client.POST("/api/v1/datasets", { body: { name, type, ...(labels.length > 0 && { labels: [...labels] }) } as never })),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ["datasets"] });
      onClose();
      navigate(`/datasets/${name}`);
    },
  });
  const takeFrom = async (dataset: string) => {
    try {
      const shown = await queries.fetchQuery(datasetQuery(dataset));
      setText((shown.labels ?? []).map((label) => label.name).join("\n"));
    } catch (thrown) {
      tellProblem(thrown);
    }
  };
  const sources = datasets.data?.filter((dataset) => dataset.dataset_type === type && dataset.samples > 0) ?? [];
  const problem = create.error ? asProblem(create.error) : null;
  return (
    <Sheet
      title={i18n._("Create dataset")}
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          <Button look="primary" isDisabled={name === "" || create.isPending} onPress={() => create.mutate()}>
            {i18n._("Submit")}
          </Button>
        </>
      }
    >
      <form
        className="stack"
        onSubmit={(event) => {
          event.preventDefault();
          if (name !== "" && !create.isPending) create.mutate();
        }}
      >
        <TextField label={i18n._("Name")} help={i18n._("Letters, digits, - and _.")} value={name} onChange={setName} maxLength={NAME_MAX} error={problem?.about("/name")} isRequired autoFocus autoComplete="off" />
        <Radios
          label={i18n._("Labeling type")}
          value={type}
          onChange={setType}
          choices={[
            { id: "image_classification", name: i18n._("Image classification") },
            { id: "object_detection", name: i18n._("Object detection") },
          ]}
        />
        <TextField
          label={i18n._("Label Set")}
          help={labels.length > 0 ? i18n._("{count, plural, one {# label} other {# labels}}; more may come later.", { count: labels.length }) : i18n._("One a line, or between commas; more may come later.")}
          value={text}
          onChange={setText}
          lines={5}
          error={problem?.about("/labels")}
        />
        {sources.length > 0 && (
          <Select label={i18n._("Take the labels of")} value={null} placeholder={i18n._("another dataset")} onChange={(dataset) => void takeFrom(dataset)} choices={sources.map((dataset) => ({ id: dataset.name, name: dataset.name }))} />
        )}
        {problem && <ProblemBlock thrown={problem} compact />}
        <button type="submit" hidden />
      </form>
    </Sheet>
  );
}
