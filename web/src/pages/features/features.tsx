// SPDX-License-Identifier: Apache-2.0
// Data Features: what the images of a version are like, beside those of another version or of a run.
import { keepPreviousData, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { ChartColumn, Tag } from "lucide-react";
import { ask, client, idempotencyKey, type Schemas } from "../../api/client";
import { asProblem } from "../../api/problem";
import { tasksQuery, versionsQuery } from "../../api/queries";
import { useTaskRun } from "../../api/use_task_run";
import { useMay } from "../../app/session";
import { useUrlState } from "../../app/url_state";
import { Button, LinkButton } from "../../widgets/button";
import { EmptyState } from "../../widgets/empty_state";
import { ProblemBlock } from "../../widgets/problem_block";
import { ProgressBar } from "../../widgets/progress_bar";
import { Skeleton } from "../../widgets/skeleton";
import { isTaskOver } from "../../widgets/task_words";
import { Shown } from "./shown";
import { SidesBar } from "./sides_bar";
import { asked, measured, sidesOf } from "./sides";
import "./features.css";

const KIND = "measure_features";
const NOT_MEASURED = 409;
const BINS = 24;

export default function FeaturesPanel({ dataset }: { dataset: Schemas["Dataset"] }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const mayMeasure = useMay("label");
  const [url, change] = useUrlState();
  const sides = sidesOf(url);
  const versions = useQuery(versionsQuery(dataset.name));
  const query = { ...asked(sides), bins: BINS };
  const histograms = useQuery({
    queryKey: ["features", dataset.name, query],
    enabled: (versions.data?.length ?? 0) > 0,
    staleTime: Infinity, // neither versions nor runs change
    retry: false,
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ask(client.GET("/api/v1/datasets/{dataset}/features", { params: { path: { dataset: dataset.name }, query: query as never }, signal })),
  });
  const before = useQuery(tasksQuery({ kind: KIND, subject: dataset.id, limit: 1 }));
  const running = before.data?.tasks.find((task) => !isTaskOver(task))?.id;
  const measuring = useTaskRun(
    (body) => ask(client.POST("/api/v1/datasets/{dataset}/feature-tasks", { params: { path: { dataset: dataset.name }, header: { "Idempotency-Key": idempotencyKey() } }, body: body as never })),
    () => void queries.invalidateQueries({ queryKey: ["features", dataset.name] }),
    running,
  );
  if (versions.isError) return <ProblemBlock thrown={versions.error} onRetry={() => void versions.refetch()} />;
  if (versions.isPending) return <Skeleton rows={8} />;
  if (versions.data.length === 0)
    return (
      <div className="card">
        <EmptyState icon={Tag} title={i18n._("Not published yet")} actions={<LinkButton href={`/datasets/${dataset.name}?publish=1`}>{i18n._("Publish")}</LinkButton>}>
          {i18n._("Features are measured of a published version, because it never changes.")}
        </EmptyState>
      </div>
    );
  const isUnmeasured = histograms.isError && asProblem(histograms.error).status === NOT_MEASURED;
  return (
    <div className="stack">
      <SidesBar dataset={dataset} versions={versions.data} sides={sides} onChange={change} />
      {measuring.isBusy ? (
        <section className="card">
          <ProgressBar label={measuring.task?.stage || i18n._("Waiting for its turn")} value={measuring.task?.items_done ?? 0} of={measuring.task?.items_total ?? 0} />
        </section>
      ) : isUnmeasured ? (
        <div className="card">
          <EmptyState
            icon={ChartColumn}
            title={i18n._("Not measured yet")}
            actions={
              <Button look="primary" onPress={() => measuring.start(measured(sides))} why={!mayMeasure && i18n._("Your role only reads.")}>
                {i18n._("Measure")}
              </Button>
            }
          >
            {i18n._("Brightness, sharpness, sizes of boxes and more, up to 14 features of each image. A version is measured once; large ones take some minutes.")}
          </EmptyState>
          {measuring.problem !== null && <ProblemBlock thrown={measuring.problem} compact />}
        </div>
      ) : histograms.isError ? (
        <ProblemBlock thrown={histograms.error} onRetry={() => void histograms.refetch()} />
      ) : histograms.data ? (
        <Shown found={histograms.data} service={measured(sides).service} dataset={dataset.name} label={sides.label} />
      ) : (
        <Skeleton rows={6} height={140} />
      )}
    </div>
  );
}
