// SPDX-License-Identifier: Apache-2.0
// The report of a filtering: from what was collected to what waits for a person, and why.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { Link } from "react-aria-components";
import { ask, client, type Schemas } from "../../api/client";
import { formatNumber, formatShare } from "../../i18n/i18n";
import { reasonSilence } from "../../labelling/reason_silences";
import { LinkButton } from "../../widgets/button";
import { Histogram } from "../../widgets/histogram";
import { ProblemBlock } from "../../widgets/problem_block";
import { ReasonChip } from "../../widgets/reason_chip";
import { reasonName } from "../../widgets/reason_words";
import { Skeleton } from "../../widgets/skeleton";
import { Funnel } from "./funnel";
import { HardestStrip } from "./hardest_strip";
import { HowFound } from "./how_found";
import { funnelOf, shifts, spoken, type MiningResult, type Report } from "./report_facts";
import { ShiftTable } from "./shift_table";

const EXAMPLES = 12;

export function TaskReportPanel({ task }: { task: Schemas["Task"] }) {
  const query = useQuery({
    queryKey: ["tasks", task.id, "report"],
    staleTime: Infinity,
    queryFn: () => ask(client.GET("/api/v1/tasks/{task}/report", { params: { path: { task: task.id }, query: { examples: EXAMPLES } } })),
  });
  if (query.isPending) return <Skeleton rows={10} />;
  if (query.isError) return <ProblemBlock thrown={query.error} onRetry={() => void query.refetch()} />;
  return <Shown told={query.data} result={(task.result ?? {}) as MiningResult} />;
}

function Shown({ told, result }: { told: Schemas["TaskReport"]; result: MiningResult }) {
  const { i18n } = useLingui();
  const report = (told.report ?? {}) as Report;
  const reasons = spoken(report);
  const listed = report.list?.listed ?? report.images?.hard ?? told.hard;
  const cut = Number(report.settings?.["algo_hard_threshold"]);
  const bins = report.coefficients?.bins ?? [];
  const above = report.list?.from_threshold;
  return (
    <>
      <div className="row wrap report-links">
        {told.service && <Link href={`/services/${told.service}?tab=sample`}>{told.service}</Link>}
        {told.model && <span className="soft">{i18n._("model {model}", { model: told.model })}</span>}
        <span className="soft">{told.train ? i18n._("training set {train}", { train: told.train }) : i18n._("without a training set")}</span>
        <span className="grow" />
        <LinkButton size="small" href={`/api/v1/tasks/${told.task}/report`} download={`hard-examples-${told.task.slice(0, 8)}.json`}>
          {i18n._("Download JSON")}
        </LinkButton>
        <LinkButton size="small" href={`/api/v1/tasks/${told.task}/report.html`} target="_blank">
          {i18n._("HTML with pictures")}
        </LinkButton>
      </div>
      <Funnel steps={funnelOf(report, result)} />
      {told.examples.length > 0 && told.dataset && <HardestStrip examples={told.examples} dataset={told.dataset} />}
      <div className="report-columns">
        <section className="card stack">
          <h2>{i18n._("Difficulty")}</h2>
          {bins.length > 0 && (
            <Histogram from={0} to={1} bins={bins} cut={Number.isFinite(cut) ? cut : null} height={140} label={i18n._("Images by hard coefficient from 0 to 1; from {cut} on they are hard", { cut })} />
          )}
          <p className="soft small">
            {above !== undefined && i18n._("{above} of {all} images have a hard coefficient of {cut} or more.", { above: formatNumber(above), all: formatNumber(report.images?.analysed ?? 0), cut: formatNumber(cut) })}
          </p>
          <HowFound report={report} />
        </section>
        <section className="card stack">
          <h2>{i18n._("Reasons")}</h2>
          <ul className="reason-bars">
            {reasons.map(({ id, code, name, hard }) => (
              <li key={id}>
                <Link href={told.dataset ? `/datasets/${told.dataset}/label?reason=${id}` : undefined} className="reason-bar">
                  <ReasonChip code={code} />
                  <span className="one-line">{reasonName(i18n, id) ?? name}</span>
                  <strong>{formatNumber(hard)}</strong>
                  <span className="soft small">{formatShare(hard / Math.max(listed, 1))}</span>
                  <svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden>
                    <rect width={(hard / Math.max(reasons[0]?.hard ?? 1, 1)) * 100} height="1" />
                  </svg>
                </Link>
              </li>
            ))}
          </ul>
          {reasons.length === 0 && <p className="soft">{i18n._("No image was hard.")}</p>}
          {(report.reasons_off ?? []).length > 0 && (
            <details>
              <summary className="soft small">{i18n._("{count} reasons could not speak", { count: report.reasons_off?.length ?? 0 })}</summary>
              <ul className="silent small">
                {report.reasons_off?.map(({ id, code, name, why }) => (
                  <li key={id}>
                    <ReasonChip code={code} /> <span>{reasonName(i18n, id) ?? name}</span> <span className="soft">{reasonSilence(i18n, why)}</span>
                  </li>
                ))}
              </ul>
            </details>
          )}
        </section>
      </div>
      {(report.features ?? []).length > 0 && <ShiftTable features={shifts(report)} />}
    </>
  );
}
