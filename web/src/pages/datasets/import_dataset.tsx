// SPDX-License-Identifier: Apache-2.0
// Samples from a dataset of any common form that lies where the server may read.
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { ask, client, idempotencyKey, type Schemas } from "../../api/client";
import { asProblem } from "../../api/problem";
import { cliLine } from "../../cli/cli_line";
import { Button } from "../../widgets/button";
import { CopyCli } from "../../widgets/copy_cli";
import { Checkbox, Radios, Select, TextField } from "../../widgets/field";
import { PathField } from "../../widgets/path_field";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";
import { formatChoices } from "./formats";
import { AUTO, importBody, newImport, optionsOf, type ImportDraft } from "./transfer";
import { useTransfer } from "./use_transfer";

export function ImportDataset({ dataset, onClose }: { dataset: Schemas["Dataset"]; onClose: () => void }) {
  const { i18n } = useLingui();
  const [draft, setDraft] = useState(newImport);
  const edit = (change: Partial<ImportDraft>) => setDraft({ ...draft, ...change });
  const body = importBody(draft);
  const begin = useTransfer(
    () =>
      ask(
        client.POST("/api/v1/datasets/{dataset}/import-tasks", {
          params: { path: { dataset: dataset.name }, header: { "Idempotency-Key": idempotencyKey() } },
          body: body as never,
        }),
      ),
    i18n._("Importing into {dataset}", { dataset: dataset.name }),
    onClose,
  );
  const problem = begin.error ? asProblem(begin.error) : null;
  return (
    <Sheet
      title={i18n._("Import into {name}", { name: dataset.name })}
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          {draft.path !== "" && <CopyCli line={cliLine(["dataset", "import", dataset.name, draft.path], optionsOf(body, "manifest"))} />}
          <span className="grow" />
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          <Button look="primary" isDisabled={begin.isPending} onPress={() => begin.mutate()} why={draft.path === "" && i18n._("Choose what is to be imported first.")}>
            {i18n._("Import")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <PathField
          label={i18n._("Path")}
          help={i18n._("A manifest, or a file or folder of another format, on the server's machine.")}
          value={draft.path}
          onChange={(path) => edit({ path })}
          error={problem?.about("/manifest")}
          files="dataset"
          wants="any"
          autoFocus
        />
        <Select
          label={i18n._("Format")}
          value={draft.format}
          onChange={(format) => edit({ format })}
          choices={[{ id: AUTO, name: i18n._("Auto"), note: i18n._("told by what is in it") }, ...formatChoices(i18n, dataset.dataset_type)]}
          error={problem?.about("/format")}
        />
        <PathField
          label={i18n._("Images folder")}
          help={i18n._("Where the names of images begin; empty: as the format has it.")}
          value={draft.images}
          onChange={(images) => edit({ images })}
          error={problem?.about("/images")}
          files="none"
          wants="new"
        />
        <div className="transfer-pair">
          <TextField
            label={i18n._("Included labels")}
            help={i18n._("Between commas; empty: all.")}
            value={draft.included}
            onChange={(included) => edit({ included })}
            error={problem?.about("/include_labels")}
          />
          <TextField
            label={i18n._("Excluded labels")}
            help={i18n._("Samples that have only these are left out.")}
            value={draft.excluded}
            onChange={(excluded) => edit({ excluded })}
            error={problem?.about("/exclude_labels")}
          />
        </div>
        <Radios
          label={i18n._("Its annotations are")}
          orientation="vertical"
          value={draft.state}
          onChange={(state) => edit({ state })}
          choices={[
            { id: "labeled", name: i18n._("labels"), note: i18n._("samples that have one are Labeled") },
            { id: "to_be_confirmed", name: i18n._("suggestions"), note: i18n._("samples that have one are To Be Confirmed") },
          ]}
        />
        <Checkbox label={i18n._("Only samples that are hard, or have a difficult box")} isSelected={draft.onlyDifficult} onChange={(onlyDifficult) => edit({ onlyDifficult })} />
        <Checkbox label={i18n._("Stop at the first bad line")} isSelected={draft.stops} onChange={(stops) => edit({ stops })} />
        {problem && <ProblemBlock thrown={problem} compact />}
      </div>
    </Sheet>
  );
}
