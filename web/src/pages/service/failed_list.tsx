// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import type { Schemas } from "../../api/client";
import { Button } from "../../widgets/button";
import { CopyButton } from "../../widgets/copy_button";
import { DataTable } from "../../widgets/data_table";
import { RetryFailed } from "./retry_failed";

/** Images that could not be predicted, each with the reason. */
export function FailedList({ service, rows, hasMore, onMore }: { service: Schemas["Service"]; rows: readonly Schemas["Result"][]; hasMore: boolean; onMore: () => void }) {
  const { i18n } = useLingui();
  return (
    <>
      <RetryFailed service={service} />
      <DataTable
        label={i18n._("Failed images")}
        rows={rows}
        columns={[
          {
            id: "source",
            title: i18n._("Image"),
            isRowHeader: true,
            cell: (row) => (
              <span className="row">
                <code className="prediction-path">{row.source}</code>
                <CopyButton text={row.source} label={i18n._("Copy path")} />
              </span>
            ),
          },
          { id: "error", title: i18n._("Why it failed"), cell: (row) => row.error },
        ]}
        empty={null}
      />
      {hasMore && (
        <div>
          <Button onPress={onMore}>{i18n._("Show more")}</Button>
        </div>
      )}
    </>
  );
}
