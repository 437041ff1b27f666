// SPDX-License-Identifier: Apache-2.0
// How this run's images differ from the training set's, feature by feature.
import { useLingui } from "@lingui/react";
import { formatNumber, formatShare } from "../../i18n/i18n";
import { DataTable, type DataColumn } from "../../widgets/data_table";
import { featureName } from "../../widgets/feature_words";
import { Histogram } from "../../widgets/histogram";
import type { FeatureShift } from "./report_facts";

type Row = FeatureShift & { id: string };
// From here on a share is said to be shifted; 2 in 100 lie outside of p1 to p99 anyway.
const SHIFTED_SHARE = 0.1;

const said = (value: number | null) => (value === null ? "–" : formatNumber(value, { maximumSignificantDigits: 3, notation: Math.abs(value) >= 100_000 ? "compact" : "standard" }));

export function ShiftTable({ features }: { features: readonly FeatureShift[] }) {
  const { i18n } = useLingui();
  const columns: DataColumn<Row>[] = [
    { id: "feature", title: i18n._("Feature"), isRowHeader: true, cell: ({ feature }) => featureName(i18n, feature) },
    {
      id: "training",
      title: i18n._("Training median (p1 – p99)"),
      cell: ({ reference, low, median, high }) =>
        reference === "training" ? (
          <span>
            {said(median)} <span className="soft">{`(${said(low)} – ${said(high)})`}</span>
          </span>
        ) : (
          <span className="soft">{i18n._("no training set")}</span>
        ),
    },
    { id: "run", title: i18n._("This run"), isNumber: true, cell: ({ run_median }) => said(run_median) },
    {
      id: "outside",
      title: i18n._("Outside"),
      isNumber: true,
      cell: ({ share_outside }) =>
        share_outside === null ? "–" : share_outside >= SHIFTED_SHARE ? <span className="status wait">{i18n._("{share} shifted", { share: formatShare(share_outside) })}</span> : formatShare(share_outside),
    },
    {
      id: "histogram",
      title: i18n._("Training behind, this run in front"),
      from: "middle",
      cell: ({ feature, histogram }) =>
        histogram &&
        histogram.to > histogram.from && (
          <div className="shift-histogram">
            <Histogram from={histogram.from} to={histogram.to} bins={histogram.run} behind={histogram.training ?? null} height={30} label={i18n._("{feature}: this run before the training set", { feature: featureName(i18n, feature) })} format={said} />
          </div>
        ),
    },
  ];
  return (
    <section className="stack tight">
      <h2>{i18n._("Feature shift")}</h2>
      <DataTable label={i18n._("Feature shift")} columns={columns} rows={features.map((feature) => ({ ...feature, id: feature.feature }))} empty={null} />
    </section>
  );
}
