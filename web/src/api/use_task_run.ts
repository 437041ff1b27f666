// SPDX-License-Identifier: Apache-2.0
// A task that is begun and waited for where one is; who does not want to wait finds it among the tasks.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { isTaskOver } from "../widgets/task_words";
import type { Schemas } from "./client";
import { Problem } from "./problem";
import { taskQuery } from "./queries";

const LOOK_MS = 400;

export interface TaskRun {
  start: (body: Record<string, unknown>) => void;
  /** What is known is not of what is asked for now. */
  forget: () => void;
  task: Schemas["Task"] | undefined;
  isDone: boolean;
  isBusy: boolean;
  problem: unknown;
}

/** `already`: id of a task that runs since before. */
export function useTaskRun(begin: (body: Record<string, unknown>) => Promise<Schemas["TaskShown"]>, onDone?: (task: Schemas["Task"]) => void, already?: string): TaskRun {
  const queries = useQueryClient();
  const started = useMutation({ mutationFn: begin, onSettled: () => queries.invalidateQueries({ queryKey: ["tasks"] }) });
  const id = started.data?.task.id ?? already;
  const look = useQuery({ ...taskQuery(id ?? ""), enabled: id !== undefined, refetchInterval: ({ state }) => (state.data && isTaskOver(state.data) ? false : LOOK_MS) });
  const task = id === undefined ? undefined : (look.data ?? started.data?.task);
  const isOver = task !== undefined && isTaskOver(task);
  const isDone = task?.state === "succeeded";
  useEffect(() => {
    if (isDone && task) onDone?.(task);
  }, [isDone, task?.id]);
  const failed = isOver && !isDone ? task.error : undefined;
  return {
    start: (body) => started.mutate(body),
    forget: started.reset,
    task,
    isDone,
    isBusy: started.isPending || (task !== undefined && !isOver),
    problem: started.error ?? look.error ?? (failed ? new Problem(-1, { detail: failed.message, error_code: failed.code }) : null),
  };
}
