// SPDX-License-Identifier: Apache-2.0
// A merge, or a look at what it would do, is a task: the dialog waits for it.
import { useQueryClient } from "@tanstack/react-query";
import { ask, client, idempotencyKey, type Schemas } from "../../api/client";
import { useTaskRun, type TaskRun } from "../../api/use_task_run";
import type { MergeResult } from "./merge";

export interface Merging extends TaskRun {
  /** Of a task that ended well. */
  result: MergeResult | undefined;
}

export function useMerging(dataset: string, onDone?: (task: Schemas["Task"]) => void): Merging {
  const queries = useQueryClient();
  const run = useTaskRun(
    (body) => ask(client.POST("/api/v1/datasets/{dataset}/merge-tasks", { params: { path: { dataset }, header: { "Idempotency-Key": idempotencyKey() } }, body: body as never })),
    (task) => {
      void queries.invalidateQueries({ queryKey: ["datasets"] });
      onDone?.(task);
    },
  );
  return { ...run, result: run.isDone ? (run.task?.result as unknown as MergeResult) : undefined };
}
