// SPDX-License-Identifier: Apache-2.0
// Datasets: how much waits in each, how much is labeled, which version is current.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { Images } from "lucide-react";
import { Link } from "react-aria-components";
import { useLocation } from "wouter";
import type { Schemas } from "../../api/client";
import { datasetsQuery } from "../../api/queries";
import { useMay } from "../../app/session";
import { useUrlSort, useUrlState } from "../../app/url_state";
import { formatAgo, formatNumber } from "../../i18n/i18n";
import { Button, LinkButton } from "../../widgets/button";
import { DataTable, type DataColumn } from "../../widgets/data_table";
import { EmptyState } from "../../widgets/empty_state";
import { Select } from "../../widgets/field";
import { modelTypeName } from "../../widgets/model_words";
import { PageHeader } from "../../widgets/page_header";
import { SearchField } from "../../widgets/search_field";
import { CreateDataset } from "./create_dataset";
import { DatasetMenu } from "./dataset_menu";
import { StateBar } from "./state_bar";
import "./datasets.css";

type Dataset = Schemas["Dataset"];

export default function Datasets() {
  const { i18n } = useLingui();
  const datasets = useQuery(datasetsQuery());
  const [state, change] = useUrlState();
  const [sort, setSort] = useUrlSort("-updated");
  const [, navigate] = useLocation();
  const create = (isCreating: boolean) => change({ create: isCreating ? "1" : undefined }, { replace: true });
  const mayCreate = useMay("admin");
  const name = (state["name"] ?? "").toLowerCase();
  const type = state["type"];
  const isWaiting = state["waiting"] === "true";
  const shown = datasets.data?.filter((dataset) => dataset.name.toLowerCase().includes(name) && (!type || dataset.dataset_type === type) && (!isWaiting || dataset.to_be_confirmed > 0));
  const columns: DataColumn<Dataset>[] = [
    {
      id: "name",
      title: i18n._("Name"),
      isRowHeader: true,
      sortBy: (dataset) => dataset.name,
      cell: (dataset) => (
        <span className="name">
          <Link href={`/datasets/${dataset.name}`}>{dataset.name}</Link>
          {dataset.description && <span className="small soft one-line">{dataset.description}</span>}
        </span>
      ),
    },
    { id: "type", title: i18n._("Labeling type"), from: "wide", sortBy: (dataset) => dataset.dataset_type, cell: (dataset) => modelTypeName(i18n, dataset.dataset_type) },
    { id: "samples", title: i18n._("Samples"), isNumber: true, from: "middle", sortBy: (dataset) => dataset.samples, cell: (dataset) => formatNumber(dataset.samples) },
    { id: "states", title: i18n._("State"), from: "middle", cell: (dataset) => <StateBar dataset={dataset} /> },
    { id: "waiting", title: i18n._("To Be Confirmed"), isNumber: true, sortBy: (dataset) => dataset.to_be_confirmed, cell: (dataset) => formatNumber(dataset.to_be_confirmed) },
    { id: "hard", title: i18n._("Hard"), isNumber: true, from: "wide", sortBy: (dataset) => dataset.hard, cell: (dataset) => formatNumber(dataset.hard) },
    { id: "version", title: i18n._("Current version"), from: "wide", cell: (dataset) => dataset.current_version ?? "–" },
    { id: "updated", title: i18n._("Updated"), from: "middle", sortBy: (dataset) => dataset.updated, cell: (dataset) => <time dateTime={dataset.updated}>{formatAgo(dataset.updated)}</time> },
    {
      id: "operation",
      title: i18n._("Operation"),
      cell: (dataset) => (
        <span className="row">
          <LinkButton size="small" href={`/datasets/${dataset.name}/label${dataset.to_be_confirmed > 0 ? "?state=to_be_confirmed" : ""}`}>
            {i18n._("Label")}
          </LinkButton>
          <DatasetMenu dataset={dataset} isSmall />
        </span>
      ),
    },
  ];
  return (
    <>
      <PageHeader
        title={i18n._("Datasets")}
        actions={
          <>
            <SearchField label={i18n._("Search by name")} value={state["name"] ?? ""} onChange={(value) => change({ name: value }, { replace: true })} />
            <Show type={type} isWaiting={isWaiting} onChange={(next) => change(next, { replace: true })} />
            <Button look="primary" onPress={() => create(true)} why={!mayCreate && i18n._("Only an administrator creates datasets.")}>
              {i18n._("Create")}
            </Button>
          </>
        }
      />
      <DataTable
        label={i18n._("Datasets")}
        columns={columns}
        rows={shown}
        problem={datasets.error}
        onRetry={() => void datasets.refetch()}
        sort={sort}
        onSort={setSort}
        onOpen={(dataset) => navigate(`/datasets/${dataset.name}`)}
        empty={
          datasets.data?.length === 0 ? (
            <EmptyState
              icon={Images}
              title={i18n._("No dataset yet")}
              actions={
                <>
                  {mayCreate && (
                    <Button look="primary" onPress={() => create(true)}>
                      {i18n._("Create dataset")}
                    </Button>
                  )}
                  <LinkButton href="/services">{i18n._("Batch Services")}</LinkButton>
                </>
              }
            >
              {i18n._("A dataset holds samples: to be confirmed, labeled, published as versions. Batch services fill them; you may also create one.")}
            </EmptyState>
          ) : (
            <EmptyState icon={Images} title={i18n._("No dataset matches")} actions={<Button onPress={() => change({ name: undefined, type: undefined, waiting: undefined })}>{i18n._("Clear filters")}</Button>} />
          )
        }
      />
      {state["create"] === "1" && mayCreate && <CreateDataset onClose={() => create(false)} />}
    </>
  );
}

const ALL = "all";
const WAITING = "waiting";

/** Which of them, in one box: by type, or those where something waits. */
function Show({ type, isWaiting, onChange }: { type: string | undefined; isWaiting: boolean; onChange: (change: Record<string, string | undefined>) => void }) {
  const { i18n } = useLingui();
  const choices = [
    { id: ALL, name: i18n._("All datasets") },
    { id: WAITING, name: i18n._("With To Be Confirmed") },
    { id: "image_classification", name: i18n._("Image classification") },
    { id: "object_detection", name: i18n._("Object detection") },
  ];
  return (
    <div className="show-select">
      <Select label={i18n._("Show")} value={isWaiting ? WAITING : (type ?? ALL)} choices={choices} onChange={(chosen) => onChange({ waiting: chosen === WAITING ? "true" : undefined, type: chosen === ALL || chosen === WAITING ? undefined : chosen })} />
    </div>
  );
}
