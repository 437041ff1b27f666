// SPDX-License-Identifier: Apache-2.0
// Activity of a dataset: what people changed, with the way back, and the tasks that worked on it.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { History, ListChecks } from "lucide-react";
import { Link } from "react-aria-components";
import { ask, client, type Schemas } from "../../api/client";
import { tasksQuery } from "../../api/queries";
import { formatAgo, formatNumber } from "../../i18n/i18n";
import { Button } from "../../widgets/button";
import { DataTable, type DataColumn } from "../../widgets/data_table";
import { EmptyState } from "../../widgets/empty_state";
import { ProgressBar } from "../../widgets/progress_bar";
import { StatusWord } from "../../widgets/status_word";
import { isTaskOver, taskKindName } from "../../widgets/task_words";
import { actionWords, doerOf } from "./operation_words";
import { TurnOperation } from "./turn_operation";

const PAGE = 25;
const TASKS_SHOWN = 100;
type Dataset = Schemas["Dataset"];

export default function ActivityPanel({ dataset }: { dataset: Dataset }) {
  return (
    <div className="stack">
      <Operations dataset={dataset} />
      <Tasks dataset={dataset} />
    </div>
  );
}

function Operations({ dataset }: { dataset: Dataset }) {
  const { i18n } = useLingui();
  const pages = useInfiniteQuery({
    queryKey: ["datasets", dataset.name, "operations"],
    initialPageParam: "",
    queryFn: ({ pageParam, signal }) => ask(client.GET("/api/v1/operations", { params: { query: { dataset: dataset.name, limit: PAGE, ...(pageParam && { cursor: pageParam }) } }, signal })),
    getNextPageParam: ({ next_cursor: next }) => next ?? undefined,
  });
  const columns: DataColumn<Schemas["Operation"]>[] = [
    {
      id: "what",
      title: i18n._("What"),
      isRowHeader: true,
      cell: ({ action, state }) => (
        <span className="row wrap">
          <span>{actionWords(i18n, action)}</span>
          {state === "undone" && <span className="status">{i18n._("taken back")}</span>}
        </span>
      ),
    },
    { id: "samples", title: i18n._("Samples"), isNumber: true, cell: ({ samples }) => formatNumber(samples) },
    { id: "who", title: i18n._("By"), from: "middle", cell: (operation) => doerOf(operation) ?? "–" },
    { id: "when", title: i18n._("When"), cell: ({ created }) => <time dateTime={created} title={new Date(created).toLocaleString(i18n.locale)}>{formatAgo(created)}</time> },
    { id: "turn", title: i18n._("Operation"), cell: (operation) => <TurnOperation operation={operation} dataset={dataset.name} /> },
  ];
  return (
    <section className="stack tight">
      <h2>{i18n._("What people changed")}</h2>
      <DataTable
        label={i18n._("What people changed")}
        columns={columns}
        rows={pages.data?.pages.flatMap(({ operations }) => operations)}
        problem={pages.error}
        onRetry={() => void pages.refetch()}
        empty={
          <EmptyState icon={History} title={i18n._("Nobody has changed anything yet")}>
            {i18n._("Decisions on the Label page and in Review are listed here, newest first, and can be undone.")}
          </EmptyState>
        }
      />
      {pages.hasNextPage && (
        <div>
          <Button onPress={() => void pages.fetchNextPage()} isDisabled={pages.isFetchingNextPage}>
            {i18n._("Show older")}
          </Button>
        </div>
      )}
    </section>
  );
}

function Tasks({ dataset }: { dataset: Dataset }) {
  const { i18n } = useLingui();
  const tasks = useQuery(tasksQuery({ subject: dataset.id, limit: TASKS_SHOWN }));
  const columns: DataColumn<Schemas["Task"]>[] = [
    { id: "kind", title: i18n._("Type"), isRowHeader: true, cell: ({ id, kind }) => <Link href={`/tasks/${id}`}>{taskKindName(i18n, kind)}</Link> },
    { id: "state", title: i18n._("Status"), cell: ({ state }) => <StatusWord state={state} /> },
    { id: "items", title: i18n._("Items"), isNumber: true, from: "middle", cell: (task) => (isTaskOver(task) ? formatNumber(task.items_done) : <ProgressBar label={task.stage} value={task.items_done} of={task.items_total} />) },
    { id: "created", title: i18n._("Queued"), cell: ({ created }) => <time dateTime={created}>{formatAgo(created)}</time> },
  ];
  return (
    <section className="stack tight">
      <h2>{i18n._("Tasks")}</h2>
      <p className="soft small">{i18n._("Imports, publishing, adding to another dataset and what was measured. What batch services brought is under Sources.")}</p>
      <DataTable
        label={i18n._("Tasks")}
        columns={columns}
        rows={tasks.data?.tasks}
        problem={tasks.error}
        onRetry={() => void tasks.refetch()}
        empty={<EmptyState icon={ListChecks} title={i18n._("No task has worked on it yet")} />}
      />
    </section>
  );
}
