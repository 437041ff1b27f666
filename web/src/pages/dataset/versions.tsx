// SPDX-License-Identifier: Apache-2.0
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { GitCompareArrows, Tag } from "lucide-react";
import { useState } from "react";
import { ask, client, type Schemas } from "../../api/client";
import { versionsQuery } from "../../api/queries";
import { useMay } from "../../app/session";
import { formatNumber, formatShare, formatTime } from "../../i18n/i18n";
import { Button, LinkButton } from "../../widgets/button";
import { CopyButton } from "../../widgets/copy_button";
import { DataTable, type DataColumn } from "../../widgets/data_table";
import { EmptyState } from "../../widgets/empty_state";
import { tell, tellProblem } from "../../widgets/toast";
import { ManifestSheet } from "./manifest_sheet";
import { VersionMenu } from "./version_menu";

type Version = Schemas["DatasetVersion"] & { id: string };

export function Versions({ dataset, onPublish, why }: { dataset: Schemas["Dataset"]; onPublish: () => void; why: string | false }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const mayChange = useMay("admin");
  const [looked, look] = useState<Version | null>(null);
  const versions = useQuery(versionsQuery(dataset.name));
  const makeCurrent = useMutation({
    mutationFn: (version: string) =>
      ask<unknown>(
        client.PUT("/api/v1/datasets/{dataset}/current-version", {
          params: { path: { dataset: dataset.name } },
          body: { version } as never,
        }),
      ),
    onSuccess: (_, version) => tell(i18n._("{version} is the current version", { version })),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ["datasets"] }),
  });
  const columns: DataColumn<Version>[] = [
    {
      id: "name",
      title: i18n._("Version"),
      isRowHeader: true,
      cell: (version) => (
        <span className="row">
          <strong title={version.description ?? undefined}>{version.name}</strong>
          {version.name === dataset.current_version && <span className="status good">{i18n._("Current version")}</span>}
        </span>
      ),
    },
    { id: "samples", title: i18n._("Samples"), isNumber: true, cell: (version) => formatNumber(version.samples) },
    { id: "labeled", title: i18n._("Labeled"), isNumber: true, from: "middle", cell: (version) => formatNumber(version.labeled) },
    {
      id: "split",
      title: i18n._("Split"),
      from: "wide",
      cell: (version) => (version.train_ratio === null ? "–" : i18n._("{ratio} TRAIN, seed {seed}", { ratio: formatShare(version.train_ratio), seed: formatNumber(version.seed ?? 0, { useGrouping: false }) })),
    },
    { id: "hard", title: i18n._("Hard Example"), from: "wide", cell: (version) => (version.has_hard_attributes ? i18n._("Written") : "–") },
    { id: "created", title: i18n._("Saved"), from: "middle", cell: (version) => formatTime(version.created) },
    {
      id: "path",
      title: i18n._("Storage Path"),
      from: "wide",
      cell: (version) => (
        <span className="row">
          <code className="one-line">{version.manifest_path.split("/").slice(-3).join("/")}</code>
          <CopyButton text={version.manifest_path} label={i18n._("Copy path")} />
        </span>
      ),
    },
    {
      id: "operation",
      title: i18n._("Operation"),
      cell: (version) => (
        <span className="row">
          <Button size="small" onPress={() => look(version)}>
            {i18n._("Manifest")}
          </Button>
          {version.name !== dataset.current_version && (
            <Button size="small" onPress={() => makeCurrent.mutate(version.name)} isDisabled={makeCurrent.isPending} why={!mayChange && i18n._("Only an administrator sets the current version.")}>
              {i18n._("Set to Current Version")}
            </Button>
          )}
          <VersionMenu dataset={dataset} version={version} mayChange={mayChange} />
        </span>
      ),
    },
  ];
  return (
    <div className="stack">
    {(versions.data?.length ?? 0) > 1 && (
      <div>
        <LinkButton href={`/datasets/${dataset.name}/compare`}>
          <GitCompareArrows size={15} aria-hidden />
          {i18n._("Compare versions")}
        </LinkButton>
      </div>
    )}
    <DataTable
      label={i18n._("Versions")}
      columns={columns}
      rows={versions.data?.map((version) => ({ ...version, id: version.name })).reverse()}
      problem={versions.error}
      onRetry={() => void versions.refetch()}
      empty={
        <EmptyState
          icon={Tag}
          title={i18n._("Not published yet")}
          actions={
            <Button look="primary" onPress={onPublish} why={why}>
              {i18n._("Publish")}
            </Button>
          }
        >
          {i18n._("A version is a manifest that never changes, for training and for filtering.")}
        </EmptyState>
      }
    />
    {looked && <ManifestSheet dataset={dataset.name} version={looked} onClose={() => look(null)} />}
    </div>
  );
}
