// SPDX-License-Identifier: Apache-2.0
// Logs: what the tasks of the service wrote, the newest first to choose; a running one is followed.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { ScrollText } from "lucide-react";
import { useEffect, useRef, useState } from "react";
import { ask, client, type Schemas } from "../../api/client";
import { asProblem } from "../../api/problem";
import { tasksQuery } from "../../api/queries";
import { useUrlState } from "../../app/url_state";
import { formatTime } from "../../i18n/i18n";
import { LinkButton } from "../../widgets/button";
import { EmptyState } from "../../widgets/empty_state";
import { Select, Switch, TextField } from "../../widgets/field";
import { ProblemBlock } from "../../widgets/problem_block";
import { Skeleton } from "../../widgets/skeleton";
import { stateWord } from "../../widgets/status_word";
import { isTaskOver, taskKindName } from "../../widgets/task_words";
import "./logs.css";

const FOLLOW_MS = 2000;
const LINES_MAX = 5000;

export function Logs({ service }: { service: Schemas["Service"] }) {
  const { i18n } = useLingui();
  const [state, change] = useUrlState();
  const tasks = useQuery(tasksQuery({ subject: service.id, limit: 50 }));
  const all = tasks.data?.tasks ?? [];
  const task = all.find(({ id }) => id === state["task"]) ?? all[0];
  if (tasks.isError && !tasks.data) return <ProblemBlock thrown={tasks.error} onRetry={() => void tasks.refetch()} />;
  if (!tasks.data) return <Skeleton rows={8} />;
  if (!task)
    return (
      <EmptyState icon={ScrollText} title={i18n._("Nothing has run yet")}>
        {i18n._("Each run and each filtering writes a log.")}
      </EmptyState>
    );
  return (
    <div className="stack">
      <div className="log-task">
        <Select
          label={i18n._("Task")}
          value={task.id}
          onChange={(id) => change({ task: id === all[0]?.id ? undefined : id }, { replace: true })}
          choices={all.map((one) => ({ id: one.id, name: `${taskKindName(i18n, one.kind)} · ${formatTime(one.created)}`, note: stateWord(i18n, one.state) }))}
        />
      </div>
      <Log key={task.id} task={task} />
    </div>
  );
}

function Log({ task }: { task: Schemas["Task"] }) {
  const { i18n } = useLingui();
  const [search, find] = useState("");
  const [wraps, wrap] = useState(true);
  const [isPaused, pause] = useState(false);
  const frame = useRef<HTMLPreElement>(null);
  const isRunning = !isTaskOver(task);
  const log = useQuery({
    queryKey: ["log", task.id, isRunning],
    retry: false,
    refetchInterval: isRunning && !isPaused ? FOLLOW_MS : false,
    queryFn: () => ask(client.GET("/api/v1/tasks/{task}/log", { params: { path: { task: task.id } }, parseAs: "text" })) as Promise<string>,
  });
  const lines = (log.data ?? "").split("\n");
  const wanted = search.toLowerCase();
  const found = wanted === "" ? lines : lines.filter((line) => line.toLowerCase().includes(wanted));
  const shown = found.slice(-LINES_MAX);
  useEffect(() => {
    if (isRunning && !isPaused) frame.current?.scrollTo({ top: frame.current.scrollHeight });
  }, [log.data, isRunning, isPaused]);
  if (log.isError && asProblem(log.error).status === 404)
    return (
      <EmptyState icon={ScrollText} title={i18n._("This task has no log")}>
        {i18n._("It ran on a command line, which showed what it did, or it has not begun.")}
      </EmptyState>
    );
  if (log.isError && log.data === undefined) return <ProblemBlock thrown={log.error} onRetry={() => void log.refetch()} />;
  if (log.data === undefined) return <Skeleton rows={8} />;
  return (
    <div className="stack">
      <div className="log-tools">
        <TextField label={i18n._("Find in the log")} type="search" value={search} onChange={find} />
        <Switch label={i18n._("Wrap lines")} isSelected={wraps} onChange={wrap} />
        {isRunning && <Switch label={i18n._("Follow")} isSelected={!isPaused} onChange={(follows) => pause(!follows)} />}
        <span className="grow" />
        <LinkButton href={`/api/v1/tasks/${task.id}/log`} download={`task-${task.id}.log`} target="_blank">
          {i18n._("Download")}
        </LinkButton>
      </div>
      {found.length > shown.length && <p className="soft small">{i18n._("The last {count} lines; download the log to see all.", { count: LINES_MAX })}</p>}
      <pre ref={frame} className={wraps ? "log wraps" : "log"} tabIndex={0} aria-label={i18n._("Log")}>
        {shown.join("\n") || i18n._("No line matches.")}
      </pre>
    </div>
  );
}
