// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import type { Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { DataTable, type DataColumn } from "../../widgets/data_table";
import { featureName, featureUnit } from "../../widgets/feature_words";
import { said, shiftLook, shiftWord } from "./feature_card";

type Row = Schemas["FeatureHistogram"] & { id: string };

/** What the histograms show, in figures. */
export function FeatureTable({ features, of, against }: { features: readonly Schemas["FeatureHistogram"][]; of: string; against: string | null }) {
  const { i18n } = useLingui();
  const range = (counts: Schemas["FeatureCounts"] | null) =>
    counts === null ? (
      "–"
    ) : (
      <span>
        {said(counts.median)} <span className="soft">{`(${said(counts.p1)} – ${said(counts.p99)})`}</span>
      </span>
    );
  const columns: DataColumn<Row>[] = [
    {
      id: "feature",
      title: i18n._("Feature"),
      isRowHeader: true,
      cell: ({ feature, unit }) => (
        <span>
          {featureName(i18n, feature)} <span className="soft small">{featureUnit(i18n, unit)}</span>
        </span>
      ),
    },
    { id: "of", title: i18n._("{name}: median (p1 – p99)", { name: of }), cell: (row) => range(row.of) },
    ...(against === null
      ? []
      : ([
          { id: "against", title: i18n._("{name}: median (p1 – p99)", { name: against }), from: "middle", cell: (row) => range(row.against) },
          { id: "distance", title: i18n._("Distance"), isNumber: true, from: "middle", cell: ({ distance }) => (distance === null ? "–" : formatNumber(distance, { minimumFractionDigits: 2, maximumFractionDigits: 2 })) },
          { id: "shift", title: i18n._("Shift"), cell: ({ shift }) => (shift === null ? "–" : <span className={`status ${shiftLook(shift)}`}>{shiftWord(i18n, shift)}</span>) },
        ] satisfies DataColumn<Row>[])),
  ];
  return (
    <section className="stack tight">
      <h2>{i18n._("In figures")}</h2>
      {against !== null && <p className="soft small">{i18n._("Distance: 0 is alike, 1 is apart. Shifted: a distance of 0.1 or more that chance does not explain.")}</p>}
      <DataTable label={i18n._("In figures")} columns={columns} rows={features.map((feature) => ({ ...feature, id: feature.feature }))} empty={null} />
    </section>
  );
}
