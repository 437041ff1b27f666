// SPDX-License-Identifier: Apache-2.0
// Add to training dataset: where to, what, what would become of it, and then it is done. What was done is shown by the task's page.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { Link } from "react-aria-components";
import { useLocation } from "wouter";
import type { Schemas } from "../../api/client";
import { asProblem } from "../../api/problem";
import { datasetsQuery } from "../../api/queries";
import { formatNumber } from "../../i18n/i18n";
import { Button, LinkButton } from "../../widgets/button";
import { CopyCli } from "../../widgets/copy_cli";
import { Radios, Select } from "../../widgets/field";
import { ProblemBlock } from "../../widgets/problem_block";
import { ProgressBar } from "../../widgets/progress_bar";
import { Sheet } from "../../widgets/sheet";
import { tell } from "../../widgets/toast";
import { changing, leftOut, mergeBody, mergeLine, placesFor, type Chosen, type Part } from "./merge";
import { MergeCounts } from "./merge_counts";
import { useMerging } from "./use_merging";

export function AddToDataset({ dataset, chosen, onClose }: { dataset: Schemas["Dataset"]; chosen?: Chosen | undefined; onClose: () => void }) {
  const { i18n } = useLingui();
  const [, navigate] = useLocation();
  const datasets = useQuery(datasetsQuery());
  const places = placesFor(dataset, datasets.data ?? []);
  const [picked, pick] = useState<string | null>(null);
  const [part, setPart] = useState<Part>(chosen ? "chosen" : "labeled");
  const into = picked ?? places[0]?.name ?? null;
  const look = useMerging(dataset.name);
  const toTask = (task: Schemas["Task"]) => navigate(`/tasks/${task.id}`);
  const merging = useMerging(dataset.name, (task) => {
    onClose();
    toTask(task);
  });
  const body = mergeBody(into ?? "", part, chosen);
  const found = look.result;
  const { task } = merging.isBusy ? merging : look;
  const isBusy = look.isBusy || merging.isBusy;
  const change = (act: () => void) => {
    look.forget();
    act();
  };
  const leave = () => {
    const running = merging.task;
    if (merging.isBusy && running) tell(i18n._("Adding to {into}", { into: into ?? "" }), { label: i18n._("Task"), run: () => toTask(running) });
    onClose();
  };
  const problem = merging.problem ?? look.problem;
  const count = chosen && ("ids" in chosen ? chosen.ids.length : chosen.count);
  return (
    <Sheet
      title={i18n._("Add to training dataset")}
      isOpen
      onOpenChange={leave}
      footer={
        <>
          {into !== null && <CopyCli line={mergeLine(dataset.name, body)} />}
          <span className="grow" />
          <Button onPress={leave}>{merging.isBusy ? i18n._("Go on in the background") : i18n._("Cancel")}</Button>
          {found ? (
            <Button look="primary" isDisabled={isBusy} onPress={() => merging.start(body)} why={changing(found) === 0 && i18n._("There is nothing to add.")}>
              {i18n._("Add {count, plural, one {# sample} other {# samples}}", { count: changing(found) })}
            </Button>
          ) : (
            <Button look="primary" isDisabled={isBusy || into === null} onPress={() => look.start({ ...body, preview: true })}>
              {i18n._("Check what will happen")}
            </Button>
          )}
        </>
      }
    >
      <div className="stack">
        {datasets.data && places.length === 0 ? (
          <p className="merge-none">
            {i18n._("There is no other dataset of this type yet.")} <LinkButton size="small" href="/datasets">{i18n._("Create one")}</LinkButton>
          </p>
        ) : (
          <Select
            label={i18n._("Training dataset")}
            value={into}
            onChange={(name) => change(() => pick(name))}
            choices={places.map(({ name, labeled }) => ({ id: name, name, note: i18n._("{count} labeled", { count: formatNumber(labeled) }) }))}
            isDisabled={isBusy}
            help={i18n._("Of the same type. Images are compared by content: none comes in twice.")}
            error={problem ? asProblem(problem).about("/into") : undefined}
          />
        )}
        <Radios
          label={i18n._("Samples of {name}", { name: dataset.name })}
          value={part}
          onChange={(next) => change(() => setPart(next as Part))}
          isDisabled={isBusy}
          orientation="vertical"
          choices={[
            ...(chosen && count !== undefined
              ? [{ id: "chosen", name: "ids" in chosen ? i18n._("Selected ({count})", { count: formatNumber(count) }) : i18n._("All that match the filter ({count})", { count: formatNumber(count) }), note: i18n._("Only labeled ones are added.") }]
              : []),
            { id: "labeled", name: i18n._("All labeled ({count})", { count: formatNumber(dataset.labeled) }) },
            { id: "hard", name: i18n._("Only hard examples that are labeled") },
          ]}
        />
        {isBusy && <ProgressBar label={task?.stage || i18n._("Waiting for its turn")} value={task?.items_done ?? 0} of={task?.items_total ?? 0} />}
        {found && (
          <section className="stack tight" aria-live="polite">
            <h3>{i18n._("What will happen")}</h3>
            <MergeCounts result={found} />
            {leftOut(found) > 0 && look.task && (
              <Link href={`/tasks/${look.task.id}`} target="_blank" className="small">
                {i18n._("See what is left to you")}
              </Link>
            )}
          </section>
        )}
        {problem !== null && <ProblemBlock thrown={problem} compact />}
      </div>
    </Sheet>
  );
}
