// SPDX-License-Identifier: Apache-2.0
// The beginning of a version's manifest, and all of it to take away.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { ask, client, type Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { Button, LinkButton } from "../../widgets/button";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";
import { Skeleton } from "../../widgets/skeleton";

const LINES = 100;
// Enough for so many lines of a manifest; the rest is not fetched.
const HEAD_BYTES = 256 * 1024;

export function ManifestSheet({ dataset, version, onClose }: { dataset: string; version: Schemas["DatasetVersion"]; onClose: () => void }) {
  const { i18n } = useLingui();
  const path = { dataset, version: version.name };
  const head = useQuery({
    queryKey: ["datasets", dataset, "versions", version.name, "manifest"],
    staleTime: Infinity,
    queryFn: async () => {
      const text = await ask<unknown>(client.GET("/api/v1/datasets/{dataset}/versions/{version}/manifest", { params: { path }, headers: { Range: `bytes=0-${HEAD_BYTES - 1}` }, parseAs: "text" }));
      return String(text).split("\n").slice(0, LINES);
    },
  });
  const href = `/api/v1/datasets/${dataset}/versions/${version.name}/manifest`;
  return (
    <Sheet
      title={i18n._("Manifest of {version}", { version: version.name })}
      isOpen
      onOpenChange={onClose}
      width="wide"
      footer={
        <>
          <Button onPress={onClose}>{i18n._("Close")}</Button>
          <LinkButton look="primary" href={href} download={`${dataset}-${version.name}.manifest`}>
            {i18n._("Download")}
          </LinkButton>
        </>
      }
    >
      <div className="stack tight">
        <p className="soft small">{i18n._("The first lines of {count}, one a sample.", { count: formatNumber(version.samples) })}</p>
        {head.isPending && <Skeleton rows={6} height={28} />}
        {head.isError && <ProblemBlock thrown={head.error} onRetry={() => void head.refetch()} compact />}
        {head.data && (
          <pre className="manifest-text" tabIndex={0}>
            {head.data.join("\n")}
          </pre>
        )}
      </div>
    </Sheet>
  );
}
