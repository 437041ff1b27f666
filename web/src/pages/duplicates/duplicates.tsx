// SPDX-License-Identifier: Apache-2.0
// Samples that show the same: leaks between training and evaluation first, then contradicting labels, then the others.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { CopyX } from "lucide-react";
import { useState } from "react";
import { useParams } from "wouter";
import { datasetQuery, taskQuery, tasksQuery } from "../../api/queries";
import { asProblem } from "../../api/problem";
import { useUrlState } from "../../app/url_state";
import { formatTime } from "../../i18n/i18n";
import { Button } from "../../widgets/button";
import { EmptyState } from "../../widgets/empty_state";
import { PageHeader } from "../../widgets/page_header";
import { ProblemBlock } from "../../widgets/problem_block";
import { ProgressBar } from "../../widgets/progress_bar";
import { Skeleton } from "../../widgets/skeleton";
import { isTaskOver } from "../../widgets/task_words";
import { SystemPage } from "../system/system_page";
import { FindDuplicates } from "./find_duplicates";
import { Found } from "./found";
import "./duplicates.css";

const KIND = "find_duplicates";
const LOOK_MS = 700;

export default function DuplicatesPage() {
  const { i18n } = useLingui();
  const { dataset: name = "" } = useParams<{ dataset: string }>();
  const dataset = useQuery(datasetQuery(name));
  const [url, change] = useUrlState();
  const [isAsking, ask] = useState(false);
  const before = useQuery({ ...tasksQuery({ kind: KIND, subject: dataset.data?.id ?? "", limit: 1 }), enabled: dataset.data !== undefined });
  const chosen = url["task"] ?? before.data?.tasks[0]?.id;
  const task = useQuery({ ...taskQuery(chosen ?? ""), enabled: chosen !== undefined, refetchInterval: ({ state }) => (state.data && !isTaskOver(state.data) ? LOOK_MS : false) });
  if (dataset.isError) return [403, 404, 410].includes(asProblem(dataset.error).status) ? <SystemPage thrown={dataset.error} /> : <ProblemBlock thrown={dataset.error} onRetry={() => void dataset.refetch()} />;
  if (!dataset.data || before.isPending) return <Skeleton rows={8} />;
  const find = (
    <Button look="primary" onPress={() => ask(true)} why={dataset.data.samples === 0 && i18n._("The dataset has no sample yet.")}>
      {i18n._("Find duplicates")}
    </Button>
  );
  return (
    <div className="stack">
      <PageHeader
        title={i18n._("Duplicates")}
        crumbs={[
          { title: i18n._("Datasets"), href: "/datasets" },
          { title: name, href: `/datasets/${name}` },
        ]}
        beside={task.data?.finished ? <span className="soft">{i18n._("as of {time}", { time: formatTime(task.data.finished) })}</span> : undefined}
        actions={find}
      />
      {chosen === undefined ? (
        <div className="card">
          <EmptyState icon={CopyX} title={i18n._("Not looked for yet")} actions={find}>
            {i18n._("Finds samples of the same bytes and images that look the same, in this dataset or across two, and names those that stand on both sides of training and evaluation or have contradicting labels.")}
          </EmptyState>
        </div>
      ) : task.isError ? (
        <ProblemBlock thrown={task.error} onRetry={() => void task.refetch()} />
      ) : !task.data ? (
        <Skeleton rows={6} />
      ) : !isTaskOver(task.data) ? (
        <section className="card">
          <ProgressBar label={task.data.stage || i18n._("Waiting for its turn")} value={task.data.items_done} of={task.data.items_total} />
        </section>
      ) : task.data.state !== "succeeded" ? (
        <div role="alert" className="card">
          {task.data.error?.message ?? i18n._("It was stopped.")}
        </div>
      ) : (
        <Found task={task.data} />
      )}
      {isAsking && (
        <FindDuplicates
          dataset={dataset.data}
          onClose={() => ask(false)}
          onBegun={(id) => {
            ask(false);
            change({ task: id });
          }}
        />
      )}
    </div>
  );
}
