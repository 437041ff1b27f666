// SPDX-License-Identifier: Apache-2.0
// One task: how far it is, how it went, what it gave; of a filtering, the report.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useParams } from "wouter";
import { ask, client, type Schemas } from "../../api/client";
import { taskQuery } from "../../api/queries";
import { asProblem } from "../../api/problem";
import { useMay } from "../../app/session";
import { formatAgo, formatNumber, formatSpan, formatTime } from "../../i18n/i18n";
import { Button, LinkButton } from "../../widgets/button";
import { CopyButton } from "../../widgets/copy_button";
import { Facts } from "../../widgets/facts";
import { PageHeader } from "../../widgets/page_header";
import { ProblemBlock } from "../../widgets/problem_block";
import { ProgressBar } from "../../widgets/progress_bar";
import { Skeleton } from "../../widgets/skeleton";
import { StatusWord } from "../../widgets/status_word";
import { isTaskOver, taskKindName } from "../../widgets/task_words";
import { tellProblem } from "../../widgets/toast";
import { SystemPage } from "../system/system_page";
import { Merged } from "../merge/merged";
import { Asked, Log, TaskResult } from "./task_result";
import { TaskReportPanel } from "./report";
import "./task.css";

export default function TaskPage() {
  const { i18n } = useLingui();
  const { task: id = "" } = useParams<{ task: string }>();
  const query = useQuery(taskQuery(id));
  if (query.isPending) return <Skeleton rows={8} />;
  if (!query.data) {
    if ([403, 404, 410].includes(asProblem(query.error).status)) return <SystemPage thrown={query.error} />;
    return (
      <>
        <PageHeader title={i18n._("Task")} crumbs={[{ title: i18n._("Tasks"), href: "/tasks" }]} />
        <ProblemBlock thrown={query.error} onRetry={() => void query.refetch()} />
      </>
    );
  }
  return <Known task={query.data} />;
}

function Known({ task }: { task: Schemas["Task"] }) {
  const { i18n } = useLingui();
  const isReported = task.kind === "mine_hard" && task.state === "succeeded";
  const isMerged = task.kind === "merge_dataset" && task.state === "succeeded";
  return (
    <div className="stack">
      <PageHeader title={taskKindName(i18n, task.kind)} crumbs={[{ title: i18n._("Tasks"), href: "/tasks" }]} beside={<StatusWord state={task.state} />} actions={<Actions task={task} />} />
      {task.error && (
        <div role="alert" className="card task-error">
          <strong>{task.error.message}</strong>
          <code className="small">{task.error.code}</code>
        </div>
      )}
      {!isTaskOver(task) && (
        <section className="card">
          <ProgressBar label={task.stage || i18n._("Waiting for its turn")} value={task.items_done} of={task.items_total} />
        </section>
      )}
      <Facts
        facts={[
          [i18n._("Items"), `${formatNumber(task.items_done)}${task.items_failed > 0 ? ` (${i18n._("{count} failed", { count: formatNumber(task.items_failed) })})` : ""}`],
          [i18n._("Queued"), <time key="queued" dateTime={task.created} title={formatTime(task.created)}>{formatAgo(task.created)}</time>],
          [i18n._("Waited"), task.started ? formatSpan(task.created, task.started) : "…"],
          [i18n._("Took"), task.started ? formatSpan(task.started, task.finished) : "–"],
          [i18n._("Rate"), rateOf(task) === null ? "–" : i18n._("{rate} a second", { rate: formatNumber(rateOf(task) ?? 0, { maximumFractionDigits: 0 }) })],
          [i18n._("Attempts"), formatNumber(task.attempts)],
          [
            i18n._("ID"),
            <span key="id" className="row">
              <code className="one-line">{task.id}</code>
              <CopyButton text={task.id} label={i18n._("Copy ID")} />
            </span>,
          ],
        ]}
      />
      {isReported ? <TaskReportPanel task={task} /> : isMerged ? <Merged task={task} /> : <TaskResult task={task} />}
      <Asked task={task} />
      {isTaskOver(task) && <Log task={task} />}
    </div>
  );
}

/** Items a second of what has run so far. */
function rateOf(task: Schemas["Task"]): number | null {
  if (!task.started || task.items_done === 0) return null;
  const seconds = ((task.finished ? Date.parse(task.finished) : Date.now()) - Date.parse(task.started)) / 1000;
  return seconds > 0 ? task.items_done / seconds : null;
}

function Actions({ task }: { task: Schemas["Task"] }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const why = !useMay("admin") && i18n._("Only an administrator starts and stops tasks.");
  const path = { params: { path: { task: task.id } } };
  const act = useMutation({
    mutationFn: () => ask<unknown>(isTaskOver(task) ? client.POST("/api/v1/tasks/{task}/retry", path) : client.POST("/api/v1/tasks/{task}/stop", path)),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ["tasks"] }),
  });
  const { dataset, version } = (task.result ?? {}) as { dataset?: string; version?: string };
  if (task.state === "succeeded") {
    if (!dataset || task.kind === "merge_dataset") return null;
    const way = task.kind === "mine_hard" ? "/label?state=to_be_confirmed" : task.kind === "sync_dataset" ? "/label?state=unlabeled" : version ? "?tab=versions" : "";
    return (
      <LinkButton look="primary" href={`/datasets/${dataset}${way}`}>
        {i18n._("Open dataset")}
      </LinkButton>
    );
  }
  return (
    <Button onPress={() => act.mutate()} isDisabled={act.isPending} why={why || (task.is_stop_asked && !isTaskOver(task) && i18n._("It is stopping already."))}>
      {isTaskOver(task) ? i18n._("Retry") : i18n._("Stop")}
    </Button>
  );
}
