// SPDX-License-Identifier: Apache-2.0
// The features of the sample against training, and everything that is known of it as JSON; both are asked for when they are opened.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { ask, client, type Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { CopyButton } from "../../widgets/copy_button";
import { ProblemBlock } from "../../widgets/problem_block";
import { Skeleton } from "../../widgets/skeleton";
import { resultQuery } from "../service/run_query";
import type { Report } from "../task/report_facts";
import { featureName } from "../../widgets/feature_words";
import { featureRows, resultOf, type FeatureRow } from "./sample_features";

// It stays as it was left when the next sample comes.
const open = { features: false, raw: false };

export function FeaturesTable({ explanation }: { explanation: Schemas["Explanation"] }) {
  const { i18n } = useLingui();
  const [isOpen, setOpen] = useState(open.features);
  const place = resultOf(explanation.result);
  if (!place) return null;
  return (
    <details
      className="combination small"
      open={isOpen}
      onToggle={(event) => {
        open.features = event.currentTarget.open;
        setOpen(open.features);
      }}
    >
      <summary>{i18n._("Features against training")}</summary>
      {isOpen && <Rows place={place} task={explanation.task} />}
    </details>
  );
}

function Rows({ place, task }: { place: { service: string; result: string }; task: string | null }) {
  const { i18n } = useLingui();
  const result = useQuery(resultQuery(place.service, place.result));
  const report = useQuery({
    queryKey: ["reports", task],
    enabled: task !== null,
    staleTime: Infinity,
    queryFn: async () => (await ask(client.GET("/api/v1/tasks/{task}/report", { params: { path: { task: task ?? "" }, query: { examples: 1 } } }))).report as Report,
  });
  if (result.isError) return <ProblemBlock thrown={result.error} compact />;
  if (result.isPending || (task !== null && report.isPending)) return <Skeleton rows={6} />;
  const rows = featureRows(result.data.features, report.data?.features);
  if (rows.length === 0) return <p className="soft">{i18n._("Nothing was measured of this image.")}</p>;
  return (
    <table className="features-table">
      <thead>
        <tr>
          <th scope="col">{i18n._("Feature")}</th>
          <th scope="col">{i18n._("This image")}</th>
          <th scope="col">{i18n._("Training median (p1 – p99)")}</th>
        </tr>
      </thead>
      <tbody>
        {rows.map((row) => (
          <Row key={row.feature} row={row} />
        ))}
      </tbody>
    </table>
  );
}

const said = (value: number | null) => (value === null ? "–" : formatNumber(value, { maximumSignificantDigits: 3, notation: Math.abs(value) >= 100_000 ? "compact" : "standard" }));

function Row({ row }: { row: FeatureRow }) {
  const { i18n } = useLingui();
  const isOut = row.side === "below" || row.side === "above";
  const word = row.side === "below" ? i18n._("below") : i18n._("above");
  return (
    <tr>
      <th scope="row">{featureName(i18n, row.feature)}</th>
      <td className={isOut ? "feature-out" : ""}>
        {said(row.value)} {isOut && <span>{word}</span>}
      </td>
      <td>
        {said(row.median)} {row.low !== null && <span className="soft">{`(${said(row.low)} – ${said(row.high)})`}</span>}
      </td>
    </tr>
  );
}

export function RawSample({ sample, explanation }: { sample: Schemas["Sample"]; explanation: Schemas["Explanation"] | null }) {
  const { i18n } = useLingui();
  const [isOpen, setOpen] = useState(open.raw);
  const text = isOpen ? JSON.stringify({ sample, explanation }, null, 2) : "";
  return (
    <details
      className="combination small"
      open={isOpen}
      onToggle={(event) => {
        open.raw = event.currentTarget.open;
        setOpen(open.raw);
      }}
    >
      <summary>{i18n._("Raw JSON")}</summary>
      {isOpen && (
        <div className="raw-sample">
          <CopyButton text={text} label={i18n._("Copy")} />
          <pre tabIndex={0}>{text}</pre>
        </div>
      )}
    </details>
  );
}
