// SPDX-License-Identifier: Apache-2.0
// All that runs, ran, or waits to run.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { ListChecks } from "lucide-react";
import { Link } from "react-aria-components";
import { useLocation } from "wouter";
import type { Schemas } from "../../api/client";
import { datasetsQuery, servicesQuery, tasksQuery } from "../../api/queries";
import { useUrlState } from "../../app/url_state";
import { formatAgo, formatNumber, formatSpan } from "../../i18n/i18n";
import { Button } from "../../widgets/button";
import { DataTable, type DataColumn } from "../../widgets/data_table";
import { EmptyState } from "../../widgets/empty_state";
import { Select } from "../../widgets/field";
import { PageHeader } from "../../widgets/page_header";
import { ProgressBar } from "../../widgets/progress_bar";
import { StatusWord, stateWord } from "../../widgets/status_word";
import { isTaskOver, taskKindName } from "../../widgets/task_words";
import "../datasets/datasets.css";

const SHOWN = 200;
const ALL = "all";
const kinds = ["run_batch", "sync_dataset", "mine_hard", "import_manifest", "export_dataset", "publish_version", "find_duplicates"] as const;
const taskStates = ["queued", "running", "succeeded", "failed", "stopped"] as const;

/** Names of services and datasets by their ids, with where they are shown. */
function useSubjects(): (id: string) => { name: string; href: string } | undefined {
  const services = useQuery(servicesQuery());
  const datasets = useQuery(datasetsQuery());
  const known = new Map<string, { name: string; href: string }>([
    ...(services.data ?? []).map(({ id, name }) => [id, { name, href: `/services/${name}` }] as const),
    ...(datasets.data ?? []).map(({ id, name }) => [id, { name, href: `/datasets/${name}` }] as const),
  ]);
  return (id) => known.get(id);
}

export default function Tasks() {
  const { i18n } = useLingui();
  const [url, change] = useUrlState();
  const kind = kinds.find((one) => one === url["kind"]);
  const state = taskStates.find((one) => one === url["state"]);
  const tasks = useQuery(tasksQuery({ limit: SHOWN, ...(kind && { kind }), ...(state && { state }) }));
  const subjects = useSubjects();
  const [, navigate] = useLocation();
  const columns: DataColumn<Schemas["Task"]>[] = [
    { id: "kind", title: i18n._("Type"), isRowHeader: true, cell: (task) => <Link href={`/tasks/${task.id}`}>{taskKindName(i18n, task.kind)}</Link> },
    {
      id: "subject",
      title: i18n._("Object"),
      from: "middle",
      cell: (task) => {
        const subject = subjects(task.subject);
        return subject ? <Link href={subject.href}>{subject.name}</Link> : "–";
      },
    },
    {
      id: "state",
      title: i18n._("Status"),
      cell: (task) => (
        <span className="stack choice">
          <span>
            <StatusWord state={task.state} />
          </span>
          {task.error && <span className="small soft">{task.error.message}</span>}
        </span>
      ),
    },
    {
      id: "items",
      title: i18n._("Items"),
      isNumber: true,
      cell: (task) => (isTaskOver(task) ? formatNumber(task.items_done) : <ProgressBar label={task.stage} value={task.items_done} of={task.items_total} />),
    },
    { id: "created", title: i18n._("Queued"), from: "middle", cell: (task) => <time dateTime={task.created}>{formatAgo(task.created)}</time> },
    { id: "took", title: i18n._("Took"), from: "middle", isNumber: true, cell: (task) => (task.started && isTaskOver(task) ? formatSpan(task.started, task.finished) : "…") },
  ];
  return (
    <>
      <PageHeader
        title={i18n._("Tasks")}
        actions={
          <>
            <Choose label={i18n._("Type")} value={kind} all={i18n._("All types")} choices={kinds.map((id) => ({ id, name: taskKindName(i18n, id) }))} onChange={(chosen) => change({ kind: chosen }, { replace: true })} />
            <Choose label={i18n._("Status")} value={state} all={i18n._("Any status")} choices={taskStates.map((id) => ({ id, name: stateWord(i18n, id) }))} onChange={(chosen) => change({ state: chosen }, { replace: true })} />
          </>
        }
      />
      <DataTable
        label={i18n._("Tasks")}
        columns={columns}
        rows={tasks.data?.tasks}
        problem={tasks.error}
        onRetry={() => void tasks.refetch()}
        onOpen={(task) => navigate(`/tasks/${task.id}`)}
        empty={
          kind || state ? (
            <EmptyState icon={ListChecks} title={i18n._("No task matches")} actions={<Button onPress={() => change({ kind: undefined, state: undefined })}>{i18n._("Clear filters")}</Button>} />
          ) : (
          <EmptyState icon={ListChecks} title={i18n._("No task has run yet")}>
            {i18n._("Batch runs, synchronizing, filtering, imports and publishing appear here with their progress.")}
          </EmptyState>
          )
        }
      />
    </>
  );
}

interface ChooseProps {
  label: string;
  value: string | undefined;
  all: string;
  choices: readonly { id: string; name: string }[];
  onChange: (value: string | undefined) => void;
}
function Choose({ label, value, all, choices, onChange }: ChooseProps) {
  return (
    <div className="show-select">
      <Select label={label} value={value ?? ALL} choices={[{ id: ALL, name: all }, ...choices]} onChange={(chosen) => onChange(chosen === ALL ? undefined : chosen)} />
    </div>
  );
}
