// SPDX-License-Identifier: Apache-2.0
// Publishing is a task: the dialog stays until it is known whether it went well, unless one does not want to wait.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { ask, client, idempotencyKey, type Schemas } from "../../api/client";
import { Problem } from "../../api/problem";
import { taskQuery } from "../../api/queries";
import { isTaskOver } from "../../widgets/task_words";

const LOOK_MS = 400;
const SPLIT_REFUSED = "split-impossible";

export interface Publishing {
  start: (body: Record<string, unknown>) => void;
  task: Schemas["Task"] | undefined;
  isBusy: boolean;
  problem: unknown;
  /** Why it could not be split, in the server's words. */
  splitRefused: string | undefined;
}

export function usePublishing(dataset: string, onPublished: (task: Schemas["Task"]) => void): Publishing {
  const queries = useQueryClient();
  const begin = useMutation({
    mutationFn: (body: Record<string, unknown>) =>
      ask(
        client.POST("/api/v1/datasets/{dataset}/versions", {
          params: { path: { dataset }, header: { "Idempotency-Key": idempotencyKey() } },
          body,
        }),
      ),
    onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: ["datasets"] }), queries.invalidateQueries({ queryKey: ["tasks"] })]),
  });
  const id = begin.data?.task.id;
  const look = useQuery({ ...taskQuery(id ?? ""), enabled: id !== undefined, refetchInterval: ({ state }) => (state.data && isTaskOver(state.data) ? false : LOOK_MS) });
  const task = id === undefined ? undefined : (look.data ?? begin.data?.task);
  const isOver = task !== undefined && isTaskOver(task);
  const isPublished = task?.state === "succeeded";
  useEffect(() => {
    if (!isPublished || !task) return;
    void queries.invalidateQueries({ queryKey: ["datasets"] });
    onPublished(task);
  }, [isPublished]);
  const failed = isOver && !isPublished ? task.error : undefined;
  const isSplit = failed?.detail === SPLIT_REFUSED;
  return {
    start: (body) => begin.mutate(body),
    task,
    isBusy: begin.isPending || (task !== undefined && !isOver),
    problem: begin.error ?? look.error ?? (failed && !isSplit ? new Problem(-1, { detail: failed.message, error_code: failed.code }) : null),
    splitRefused: isSplit ? failed.message : undefined,
  };
}
