// SPDX-License-Identifier: Apache-2.0
// Running tasks, and the last that ended, one press away on every page.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { ListChecks } from "lucide-react";
import { Dialog, DialogTrigger, Link, Popover } from "react-aria-components";
import { tasksQuery } from "../api/queries";
import { IconButton } from "../widgets/button";
import { ProgressBar } from "../widgets/progress_bar";
import { StatusWord } from "../widgets/status_word";
import { formatAgo } from "../i18n/i18n";
import { isTaskOver, taskKindName } from "../widgets/task_words";
import "./tasks_tray.css";

const ENDED_MAX = 5;

export function TasksTray() {
  const { i18n } = useLingui();
  const tasks = useQuery(tasksQuery({ limit: 50 }));
  const all = tasks.data?.tasks ?? [];
  const running = all.filter((task) => !isTaskOver(task));
  const shown = [...running, ...all.filter(isTaskOver).slice(0, ENDED_MAX)];
  const label = i18n._("Tasks: {count, plural, =0 {none running} one {# running} other {# running}}", { count: running.length });
  return (
    <DialogTrigger>
      <span className="tray-button">
        <IconButton label={label}>
          <ListChecks size={19} aria-hidden />
        </IconButton>
        {running.length > 0 && (
          <span className="tray-badge" aria-hidden>
            {running.length}
          </span>
        )}
      </span>
      <Popover className="popover tray" placement="bottom end">
        <Dialog aria-label={i18n._("Tasks")} className="tray-dialog">
          {shown.length === 0 && <p className="soft">{i18n._("No task has run yet.")}</p>}
          {shown.map((task) => (
            <Link key={task.id} href={`/tasks/${task.id}`} className="tray-task">
              <span className="row">
                <span className="grow one-line">{taskKindName(i18n, task.kind)}</span>
                <StatusWord state={task.state} />
              </span>
              {isTaskOver(task) ? (
                <span className="soft small">{task.error?.message ?? formatAgo(task.finished ?? task.created)}</span>
              ) : (
                <ProgressBar label={task.stage} value={task.items_done} of={task.items_total} />
              )}
            </Link>
          ))}
          <Link href="/tasks" className="tray-all">
            {i18n._("All tasks")}
          </Link>
        </Dialog>
      </Popover>
    </DialogTrigger>
  );
}
