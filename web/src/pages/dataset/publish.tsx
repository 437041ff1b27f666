// SPDX-License-Identifier: Apache-2.0
// Publish: a version of the dataset as it is now, under a name that it keeps.
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { useLocation } from "wouter";
import type { Schemas } from "../../api/client";
import { asProblem } from "../../api/problem";
import { cliLine } from "../../cli/cli_line";
import { Button } from "../../widgets/button";
import { CopyCli } from "../../widgets/copy_cli";
import { Switch, TextField } from "../../widgets/field";
import { ProblemBlock } from "../../widgets/problem_block";
import { ProgressBar } from "../../widgets/progress_bar";
import { Sheet } from "../../widgets/sheet";
import { tell } from "../../widgets/toast";
import { newPublish, publishBody, type PublishDraft } from "./split";
import { SplitFields } from "./split_fields";
import { usePublishing } from "./use_publish";

/** The name after the last: V001, V002, … */
export function nextVersion(current: string | null): string {
  const number = /^V(\d+)$/.exec(current ?? "V000")?.[1];
  return number === undefined ? "" : `V${String(Number(number) + 1).padStart(3, "0")}`;
}

export function Publish({ dataset, onClose }: { dataset: Schemas["Dataset"]; onClose: () => void }) {
  const { i18n } = useLingui();
  const [, navigate] = useLocation();
  const [draft, setDraft] = useState(newPublish);
  const edit = (change: Partial<PublishDraft>) => setDraft({ ...draft, ...change });
  const toTask = (task: Schemas["Task"]) => ({ label: i18n._("Task"), run: () => navigate(`/tasks/${task.id}`) });
  const publishing = usePublishing(dataset.name, (task) => {
    const { version = "" } = (task.result ?? {}) as { version?: string };
    tell(i18n._("{version} of {dataset} is published", { version, dataset: dataset.name }), toTask(task));
    onClose();
  });
  const { task, isBusy } = publishing;
  const body = publishBody(draft);
  const problem = publishing.problem ? asProblem(publishing.problem) : null;
  const leave = () => {
    if (isBusy && task) tell(i18n._("Publishing {dataset}", { dataset: dataset.name }), toTask(task));
    onClose();
  };
  return (
    <Sheet
      title={i18n._("Publish {dataset}", { dataset: dataset.name })}
      isOpen
      onOpenChange={leave}
      footer={
        <>
          <CopyCli line={cliLine(["dataset", "publish", dataset.name], body)} />
          <span className="grow" />
          <Button onPress={leave}>{isBusy ? i18n._("Go on in the background") : i18n._("Cancel")}</Button>
          <Button look="primary" isDisabled={isBusy} onPress={() => publishing.start(body)}>
            {i18n._("Publish")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <TextField
          label={i18n._("Version name")}
          placeholder={nextVersion(dataset.current_version)}
          help={i18n._("Letters, digits, - and _; empty: the next of V001, V002 …")}
          value={draft.name}
          onChange={(name) => edit({ name })}
          maxLength={32}
          error={problem?.about("/name")}
          autoFocus
        />
        <TextField label={i18n._("Description")} value={draft.description} onChange={(description) => edit({ description })} maxLength={256} lines={2} error={problem?.about("/description")} />
        <SplitFields dataset={dataset} draft={draft} onChange={edit} refused={publishing.splitRefused ?? problem?.about("/train_ratio")} />
        <Switch label={i18n._("Hard Example: write what is hard, and why, into the manifest")} isSelected={draft.writesHard} onChange={(writesHard) => edit({ writesHard })} />
        {isBusy && task && <ProgressBar label={task.stage || i18n._("Waiting for its turn")} value={task.items_done} of={task.items_total} />}
        {problem && <ProblemBlock thrown={problem} compact />}
      </div>
    </Sheet>
  );
}
