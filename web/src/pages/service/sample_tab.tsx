// SPDX-License-Identifier: Apache-2.0
// The Sample tab: synchronizing input data to a dataset, hard example filtering, and the list of both with where they led.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { ScanSearch } from "lucide-react";
import { useState } from "react";
import { Link } from "react-aria-components";
import { useLocation } from "wouter";
import { ask, client, idempotencyKey, type Schemas } from "../../api/client";
import { sampleTasksQuery } from "../../api/queries";
import { useMay } from "../../app/session";
import { formatAgo, formatNumber, formatSpan } from "../../i18n/i18n";
import { Button, LinkButton } from "../../widgets/button";
import { DataTable, type DataColumn } from "../../widgets/data_table";
import { EmptyState } from "../../widgets/empty_state";
import { ProgressBar } from "../../widgets/progress_bar";
import { StatusWord } from "../../widgets/status_word";
import { isTaskOver, taskKindName } from "../../widgets/task_words";
import { tell, tellProblem } from "../../widgets/toast";
import { filteringOf } from "./service";
import { Synchronize } from "./synchronize";

type SampleTask = Schemas["SampleTask"];
interface Result {
  dataset?: string;
  hard?: number;
  analysed?: number;
  added?: number;
}
const resultOf = (task: SampleTask): Result => (task.result ?? {}) as Result;

export function SampleTab({ service, onFiltering }: { service: Schemas["Service"]; onFiltering: () => void }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const [isSynchronizing, synchronize] = useState(false);
  const tasks = useQuery(sampleTasksQuery(service.name));
  const mayRun = useMay("admin");
  const filtering = filteringOf(service);
  const hasInput = service.run !== null;
  const hasResults = service.status === "finished";
  const why = !mayRun ? i18n._("Only an administrator starts these.") : !hasInput ? i18n._("This service has no input data yet. Run it first.") : false;
  const filter = useMutation({
    mutationFn: () =>
      ask(
        client.POST("/api/v1/services/{service}/sample-tasks/filter", {
          params: { path: { service: service.name }, header: { "Idempotency-Key": idempotencyKey() } },
          body: (service.hard_example_filtering ?? {}) as Record<string, never>,
        }),
      ),
    onSuccess: () => tell(i18n._("Filtering hard examples out of the stored results")),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ["tasks"] }),
  });
  const ranSince = tasks.data?.some((task) => task.kind === "mine_hard" && Date.parse(task.created) >= Date.parse(service.updated) - 1000);

  const columns: DataColumn<SampleTask>[] = [
    {
      id: "type",
      title: i18n._("Type"),
      isRowHeader: true,
      cell: (task) => <Link href={`/tasks/${task.id}`}>{taskKindName(i18n, task.kind)}</Link>,
    },
    {
      id: "status",
      title: i18n._("Status"),
      cell: (task) => (
        <span className="stack choice">
          <span>
            <StatusWord state={statusOf(task)} />
          </span>
          {task.error && <span className="small soft">{task.error.message}</span>}
        </span>
      ),
    },
    {
      id: "samples",
      title: i18n._("Samples"),
      isNumber: true,
      cell: (task) => (isTaskOver(task) ? formatNumber(resultOf(task).analysed ?? task.items_done) : <ProgressBar label={task.stage} value={task.items_done} of={task.items_total} />),
    },
    { id: "hard", title: i18n._("Hard"), isNumber: true, from: "middle", cell: (task) => (resultOf(task).hard === undefined ? "–" : formatNumber(resultOf(task).hard ?? 0)) },
    {
      id: "dataset",
      title: i18n._("Dataset"),
      cell: (task) => {
        const { dataset } = resultOf(task);
        const tab = task.kind === "mine_hard" ? "to_be_confirmed" : "unlabeled";
        return dataset ? <Link href={`/datasets/${dataset}/label?state=${tab}`}>{dataset}</Link> : "–";
      },
    },
    { id: "started", title: i18n._("Started"), from: "middle", cell: (task) => formatAgo(task.started ?? task.created) },
    { id: "took", title: i18n._("Took"), from: "wide", isNumber: true, cell: (task) => (task.started && isTaskOver(task) ? formatSpan(task.started, task.finished) : "…") },
    { id: "operation", title: i18n._("Operation"), from: "middle", cell: (task) => <Operation task={task} mayRun={mayRun} /> },
  ];
  return (
    <div className="stack">
      <div className="row wrap">
        <Button look="primary" onPress={() => synchronize(true)} why={why}>
          {i18n._("Synchronize Data to Dataset")}
        </Button>
        <Button
          onPress={() => (filtering ? filter.mutate() : onFiltering())}
          isDisabled={filter.isPending}
          why={why || (!hasResults && i18n._("The run must have finished: its results are what is filtered."))}
        >
          {i18n._("Filter stored results now")}
        </Button>
        <span className="grow" />
        <span className="soft">{i18n._("Collected input: {images} images", { images: formatNumber(service.images) })}</span>
      </div>
      {filtering && hasResults && tasks.data && !ranSince && (
        <p className="card">
          {i18n._("Hard Example Filtering runs the next time this service runs: restart it, or filter its stored results now.")}
        </p>
      )}
      <DataTable
        label={i18n._("Tasks of sample collection")}
        columns={columns}
        rows={tasks.data}
        problem={tasks.error}
        onRetry={() => void tasks.refetch()}
        onOpen={(task) => navigate(`/tasks/${task.id}`)}
        empty={
          <EmptyState
            icon={ScanSearch}
            title={i18n._("No data collected yet")}
            actions={!filtering && mayRun && <Button onPress={onFiltering}>{i18n._("Enable Hard Example Filtering")}</Button>}
          >
            {i18n._("Synchronize puts all input images into a dataset, unlabeled. Hard Example Filtering puts the ones there that the model is probably wrong about.")}
          </EmptyState>
        }
      />
      {isSynchronizing && <Synchronize service={service} onClose={() => synchronize(false)} />}
    </div>
  );
}

/** The server's word for a sample task as a state of StatusWord. */
function statusOf(task: SampleTask): string {
  return task.status.toLowerCase().replaceAll(" ", "_");
}

function Operation({ task, mayRun }: { task: SampleTask; mayRun: boolean }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const path = { params: { path: { task: task.id } } };
  const act = useMutation({
    mutationFn: () => ask<unknown>(isTaskOver(task) ? client.POST("/api/v1/tasks/{task}/retry", path) : client.POST("/api/v1/tasks/{task}/stop", path)),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ["tasks"] }),
  });
  if (task.state === "succeeded")
    return task.kind === "mine_hard" ? (
      <LinkButton size="small" href={`/tasks/${task.id}`}>
        {i18n._("Report")}
      </LinkButton>
    ) : null;
  return (
    <Button size="small" onPress={() => act.mutate()} isDisabled={act.isPending} why={!mayRun && i18n._("Only an administrator starts and stops tasks.")}>
      {isTaskOver(task) ? i18n._("Retry") : i18n._("Stop")}
    </Button>
  );
}
