// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { Link } from "react-aria-components";
import { tasksQuery } from "../../api/queries";
import { LinkButton } from "../../widgets/button";
import { ProgressBar } from "../../widgets/progress_bar";
import { isTaskOver, taskKindName } from "../../widgets/task_words";
import { HomeCard } from "./home_card";

const SHOWN = 5;

export function TasksCard() {
  const { i18n } = useLingui();
  const tasks = useQuery(tasksQuery({ limit: 50 }));
  return (
    <HomeCard
      title={i18n._("Running tasks")}
      query={tasks}
      beside={
        <LinkButton size="small" href="/tasks">
          {i18n._("All")}
        </LinkButton>
      }
    >
      {({ tasks: all }) => {
        const running = all.filter((task) => !isTaskOver(task));
        if (running.length === 0) return <p className="soft">{i18n._("Nothing runs now.")}</p>;
        return (
          <ul className="home-list">
            {running.slice(0, SHOWN).map((task) => (
              <li key={task.id} className="stack tight">
                <Link href={`/tasks/${task.id}`}>{taskKindName(i18n, task.kind)}</Link>
                <ProgressBar label={task.stage || i18n._("Queued")} value={task.items_done} of={task.items_total} />
              </li>
            ))}
          </ul>
        );
      }}
    </HomeCard>
  );
}
