// SPDX-License-Identifier: Apache-2.0
// Sources of a dataset: which services, filterings and imports brought its samples, and what has become of them.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { Import } from "lucide-react";
import { Link } from "react-aria-components";
import { useState } from "react";
import { ask, client, type Schemas } from "../../api/client";
import { useMay } from "../../app/session";
import { formatAgo, formatNumber, formatShare } from "../../i18n/i18n";
import { Button, LinkButton } from "../../widgets/button";
import { DataTable, type DataColumn } from "../../widgets/data_table";
import { EmptyState } from "../../widgets/empty_state";
import { StateBar } from "../datasets/state_bar";
import { ImportDataset } from "../datasets/import_dataset";
import { originName } from "../label/conditions";

type Source = Schemas["DatasetSource"];

export default function SourcesPanel({ dataset }: { dataset: Schemas["Dataset"] }) {
  const { i18n } = useLingui();
  const mayImport = useMay("label");
  const [isImporting, importing] = useState(false);
  const sources = useQuery({
    queryKey: ["datasets", dataset.name, "sources"],
    queryFn: ({ signal }) => ask(client.GET("/api/v1/datasets/{dataset}/sources", { params: { path: { dataset: dataset.name } }, signal })),
  });
  const shown = (source: Source) => `/datasets/${dataset.name}/label?${source.task === null ? `origin=${source.origin}` : `task=${source.task}`}`;
  const columns: DataColumn<Source & { id: string }>[] = [
    {
      id: "origin",
      title: i18n._("Source"),
      isRowHeader: true,
      cell: ({ origin, service, task }) => (
        <span className="row wrap">
          <span>{originName(i18n, origin)}</span>
          {service !== null && <Link href={`/services/${service}?tab=sample`}>{service}</Link>}
          {task === null && <span className="soft small">{i18n._("no task is known")}</span>}
        </span>
      ),
    },
    { id: "task", title: i18n._("Task"), from: "middle", cell: ({ task, kind }) => (task === null ? "–" : kind === null ? <span className="soft">{i18n._("is gone")}</span> : <Link href={`/tasks/${task}`}>{task.slice(0, 8)}</Link>) },
    {
      id: "samples",
      title: i18n._("Samples"),
      isNumber: true,
      cell: (source) => (
        <Link href={shown(source)} aria-label={i18n._("Show {count, plural, one {# sample} other {# samples}}", { count: source.samples })}>
          {formatNumber(source.samples)}
        </Link>
      ),
    },
    { id: "states", title: i18n._("Status"), from: "wide", cell: (source) => <StateBar dataset={source} /> },
    { id: "hard", title: i18n._("Hard"), isNumber: true, from: "middle", cell: ({ hard, samples }) => `${formatNumber(hard)} (${formatShare(samples > 0 ? hard / samples : 0)})` },
    { id: "created", title: i18n._("When"), from: "middle", cell: ({ created }) => (created === null ? "–" : <time dateTime={created}>{formatAgo(created)}</time>) },
  ];
  const rows = sources.data?.sources.map((source) => ({ ...source, id: `${source.origin} ${source.task ?? ""}` }));
  const unlisted = (sources.data?.sources_known ?? 0) - (rows?.length ?? 0);
  const importButton = (
    <Button onPress={() => importing(true)} why={!mayImport && i18n._("Your role only reads.")}>
      {i18n._("Import…")}
    </Button>
  );
  return (
    <section className="stack tight">
      <div className="row wrap">
        <h2 className="grow">{i18n._("What brought the samples")}</h2>
        {importButton}
        <LinkButton href="/services">{i18n._("Batch Services")}</LinkButton>
      </div>
      <DataTable
        label={i18n._("What brought the samples")}
        columns={columns}
        rows={rows}
        problem={sources.error}
        onRetry={() => void sources.refetch()}
        empty={
          <EmptyState icon={Import} title={i18n._("Nothing has brought samples yet")}>
            {i18n._("Samples come from batch services, by Synchronize Data to Dataset and Hard Example Filtering, or from files: More, Import.")}
          </EmptyState>
        }
      />
      {unlisted > 0 && <p className="soft small">{i18n._("{count} smaller sources are not listed.", { count: formatNumber(unlisted) })}</p>}
      {isImporting && <ImportDataset dataset={dataset} onClose={() => importing(false)} />}
    </section>
  );
}
