// SPDX-License-Identifier: Apache-2.0
// A dataset, or one of its versions, into a folder of its own, in any common form.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { ask, client, idempotencyKey, type Schemas } from "../../api/client";
import { asProblem } from "../../api/problem";
import { versionsQuery } from "../../api/queries";
import { cliLine } from "../../cli/cli_line";
import { Button } from "../../widgets/button";
import { CopyCli } from "../../widgets/copy_cli";
import { NumberField, Radios, Select, Switch } from "../../widgets/field";
import { PathField } from "../../widgets/path_field";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";
import { formatChoices } from "./formats";
import { exportBody, newExport, optionsOf, type ExportDraft } from "./transfer";
import { useTransfer } from "./use_transfer";

const NOW = "now";

export function ExportDataset({ dataset, onClose }: { dataset: Schemas["Dataset"]; onClose: () => void }) {
  const { i18n } = useLingui();
  const [draft, setDraft] = useState(newExport);
  const edit = (change: Partial<ExportDraft>) => setDraft({ ...draft, ...change });
  const versions = useQuery(versionsQuery(dataset.name));
  const body = exportBody(draft);
  const begin = useTransfer(
    () =>
      ask(
        client.POST("/api/v1/datasets/{dataset}/export-tasks", {
          params: { path: { dataset: dataset.name }, header: { "Idempotency-Key": idempotencyKey() } },
          body: body as never,
        }),
      ),
    i18n._("Exporting {dataset}", { dataset: dataset.name }),
    onClose,
  );
  const problem = begin.error ? asProblem(begin.error) : null;
  return (
    <Sheet
      title={i18n._("Export {name}", { name: dataset.name })}
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          {draft.folder !== "" && <CopyCli line={cliLine(["dataset", "export", dataset.name, draft.folder], optionsOf(body, "folder"))} />}
          <span className="grow" />
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          <Button look="primary" isDisabled={begin.isPending} onPress={() => begin.mutate()} why={draft.folder === "" && i18n._("Choose a folder first.")}>
            {i18n._("Export")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <PathField
          label={i18n._("Folder")}
          help={i18n._("It is made; it may be there when it is empty.")}
          value={draft.folder}
          onChange={(folder) => edit({ folder })}
          error={problem?.about("/folder")}
          files="none"
          wants="new"
          autoFocus
        />
        <Select label={i18n._("Format")} value={draft.format} onChange={(format) => edit({ format })} choices={formatChoices(i18n, dataset.dataset_type)} error={problem?.about("/format")} />
        <Select
          label={i18n._("Version")}
          value={draft.version || NOW}
          onChange={(version) => edit({ version: version === NOW ? "" : version })}
          choices={[{ id: NOW, name: i18n._("The dataset as it is") }, ...(versions.data ?? []).map(({ name }) => ({ id: name, name })).reverse()]}
          error={problem?.about("/version")}
        />
        <Radios
          label={i18n._("Samples")}
          value={draft.state}
          onChange={(state) => edit({ state })}
          choices={[
            { id: "labeled", name: i18n._("Labeled") },
            { id: "unlabeled", name: i18n._("Unlabeled") },
            { id: "all", name: i18n._("All") },
          ]}
        />
        <Radios
          label={i18n._("Layout")}
          value={draft.layout}
          onChange={(layout) => edit({ layout })}
          choices={[
            { id: "tree", name: i18n._("Tree"), note: i18n._("a folder or file for each usage") },
            { id: "flat", name: i18n._("Flat"), note: i18n._("all in one") },
          ]}
        />
        <Radios
          label={i18n._("Images")}
          value={draft.images}
          onChange={(images) => edit({ images })}
          choices={[
            { id: "copy", name: i18n._("Copied") },
            { id: "link", name: i18n._("Linked"), note: i18n._("hard links, no space") },
            { id: "none", name: i18n._("Named"), note: i18n._("their paths only") },
          ]}
        />
        <Switch label={i18n._("Split each label's samples anew into TRAIN and EVAL")} isSelected={draft.splits} onChange={(splits) => edit({ splits })} />
        {draft.splits && (
          <div className="transfer-pair">
            <NumberField label={i18n._("Training set ratio")} value={draft.ratio} onChange={(ratio) => Number.isFinite(ratio) && edit({ ratio })} minValue={0.05} maxValue={1} step={0.05} error={problem?.about("/split")} />
            <NumberField label={i18n._("Seed")} value={draft.seed} onChange={(seed) => Number.isFinite(seed) && edit({ seed })} minValue={0} formatOptions={{ useGrouping: false }} error={problem?.about("/seed")} />
          </div>
        )}
        {problem && <ProblemBlock thrown={problem} compact />}
      </div>
    </Sheet>
  );
}
