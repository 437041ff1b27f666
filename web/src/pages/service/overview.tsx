// SPDX-License-Identifier: Apache-2.0
// How the latest run went: how far it is, which classes it named, how surely. Each bar leads to its images.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { ChartColumn } from "lucide-react";
import { Link } from "react-aria-components";
import { useLocation } from "wouter";
import type { Schemas } from "../../api/client";
import { taskQuery } from "../../api/queries";
import { formatNumber, formatShare, formatSpan } from "../../i18n/i18n";
import { Bars } from "../../widgets/bars";
import { EmptyState } from "../../widgets/empty_state";
import { ProblemBlock } from "../../widgets/problem_block";
import { ProgressBar } from "../../widgets/progress_bar";
import { Skeleton } from "../../widgets/skeleton";
import { runQuery } from "./run_query";
import { ScoreHistogram } from "./score_histogram";
import "./overview.css";

const CLASSES_SHOWN = 20;

export function Overview({ service }: { service: Schemas["Service"] }) {
  const { i18n } = useLingui();
  const [, navigate] = useLocation();
  const isRunning = service.status === "running" || service.status === "deploying";
  const run = useQuery({ ...runQuery(service.name, service.run ?? ""), enabled: service.run !== null && !isRunning });
  const task = useQuery({ ...taskQuery(service.run ?? ""), enabled: isRunning && service.run !== null });
  if (isRunning)
    return (
      <div className="card">
        {task.data ? <ProgressBar label={task.data.stage || i18n._("Queued")} value={task.data.items_done} of={task.data.items_total} /> : <Skeleton rows={1} />}
      </div>
    );
  if (service.run === null)
    return (
      <EmptyState icon={ChartColumn} title={i18n._("It has not run yet")}>
        {i18n._("Start it: which classes it finds, and how surely, appears here.")}
      </EmptyState>
    );
  if (run.isPending) return <Skeleton rows={6} />;
  if (run.isError) return <ProblemBlock thrown={run.error} onRetry={() => void run.refetch()} />;
  const { classes = [], scores, run: facts, boxes = 0, without_boxes = 0 } = run.data;
  const all = classes.reduce((sum, { images }) => sum + images, 0);
  const predictions = `/services/${service.name}?tab=predictions`;
  const isDetection = service.model_type === "object_detection";
  if (!facts.is_complete)
    return (
      <EmptyState icon={ChartColumn} title={i18n._("The run is not complete")}>
        {i18n._("Resume or retry it: what was finished is not predicted again.")}
      </EmptyState>
    );
  return (
    <div className="overview">
      <section className="card stack">
        <h2>{isDetection ? i18n._("Images by the class of their best box") : i18n._("Predictions by class")}</h2>
        <Bars
          label={i18n._("Predictions by class")}
          bars={classes.slice(0, CLASSES_SHOWN).map(({ label, images }) => ({
            id: label,
            name: label,
            value: images,
            words: `${formatNumber(images)} · ${formatShare(images / Math.max(all, 1))}`,
            href: `${predictions}&class=${encodeURIComponent(label)}`,
          }))}
        />
        {classes.length > CLASSES_SHOWN && <p className="soft small">{i18n._("and {count} more", { count: formatNumber(classes.length - CLASSES_SHOWN) })}</p>}
      </section>
      <section className="card stack">
        <h2>{i18n._("Confidence")}</h2>
        {scores && (
          <ScoreHistogram
            bins={scores.bins as number[]}
            label={i18n._("Best scores of all images, from 0 to 1")}
            onRange={(range) => navigate(`${predictions}&score=${range}`)}
          />
        )}
        <dl className="overview-facts">
          <Fact name={i18n._("Images")} value={formatNumber(facts.images)} />
          <Fact name={i18n._("Failed")} value={formatNumber(facts.failed)} href={facts.failed > 0 ? `${predictions}&show=failed` : undefined} />
          <Fact name={i18n._("Other files")} value={formatNumber(facts.skipped)} />
          <Fact name={i18n._("Took")} value={formatSpan(facts.created, facts.finished)} />
          {isDetection && <Fact name={i18n._("Boxes")} value={formatNumber(boxes)} />}
          {isDetection && <Fact name={i18n._("Images without a box")} value={formatNumber(without_boxes)} />}
        </dl>
      </section>
    </div>
  );
}

function Fact({ name, value, href }: { name: string; value: string; href?: string | undefined }) {
  return (
    <div>
      <dt className="soft small">{name}</dt>
      <dd>{href ? <Link href={href}>{value}</Link> : value}</dd>
    </div>
  );
}
