// SPDX-License-Identifier: Apache-2.0
// Load demo data: a task on the server; while it runs, how far it is.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useEffect } from "react";
import { ask, client, idempotencyKey } from "../../api/client";
import { tasksQuery } from "../../api/queries";
import { useMay } from "../../app/session";
import { Button } from "../../widgets/button";
import { ProgressBar } from "../../widgets/progress_bar";
import { isTaskOver } from "../../widgets/task_words";
import { tell, tellProblem } from "../../widgets/toast";

export function DemoButton({ look = "primary" }: { look?: "primary" | "plain" }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const mayLoad = useMay("admin");
  const tasks = useQuery(tasksQuery({ kind: "load_demo", limit: 1 }));
  const task = tasks.data?.tasks[0];
  const isLoading = task !== undefined && !isTaskOver(task);
  const stage = task?.stage;
  useEffect(() => {
    if (isLoading) void queries.invalidateQueries({ queryKey: ["models"] });
  }, [isLoading, stage, queries]);
  const load = useMutation({
    mutationFn: () => ask(client.POST("/api/v1/demo", { params: { header: { "Idempotency-Key": idempotencyKey() } } })),
    onSuccess: () => tell(i18n._("Loading the demo's data; you can look around meanwhile")),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ["tasks"] }),
  });
  if (isLoading)
    return (
      <div className="demo-progress">
        <ProgressBar label={stage || i18n._("Queued")} value={task.items_done} of={task.items_total} />
      </div>
    );
  return (
    <div className="stack tight">
      <Button look={look} onPress={() => load.mutate()} isDisabled={load.isPending} why={!mayLoad && i18n._("Only an administrator loads the demo's data.")}>
        {i18n._("Load demo data")}
      </Button>
      {task?.error && <p className="small field-error">{task.error.message}</p>}
    </div>
  );
}
