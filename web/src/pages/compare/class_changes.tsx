// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import type { Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { DataTable } from "../../widgets/data_table";

type Row = Schemas["VersionDiffClass"] & { id: string };

/** How many samples each class gained and lost. */
export function ClassChanges({ classes }: { classes: readonly Schemas["VersionDiffClass"][] }) {
  const { i18n } = useLingui();
  const signed = (count: number, sign: string) => (count === 0 ? "–" : `${sign}${formatNumber(count)}`);
  return (
    <section className="stack tight">
      <h2>{i18n._("Labels")}</h2>
      <DataTable<Row>
        label={i18n._("Labels that gained or lost")}
        rows={classes.map((one) => ({ ...one, id: one.name }))}
        columns={[
          { id: "name", title: i18n._("Label"), isRowHeader: true, cell: ({ name }) => name },
          { id: "gained", title: i18n._("Gained"), isNumber: true, cell: ({ gained }) => <span className={gained > 0 ? "change-gain" : "soft"}>{signed(gained, "+")}</span> },
          { id: "lost", title: i18n._("Lost"), isNumber: true, cell: ({ lost }) => <span className={lost > 0 ? "change-loss" : "soft"}>{signed(lost, "−")}</span> },
        ]}
        empty={<p className="soft">{i18n._("No label gained or lost.")}</p>}
      />
    </section>
  );
}
