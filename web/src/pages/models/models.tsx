// SPDX-License-Identifier: Apache-2.0
// Models: what is imported, by name; each with its newest version and how many services use it.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { Database } from "lucide-react";
import { Link } from "react-aria-components";
import { useLocation } from "wouter";
import { modelsQuery, servicesQuery } from "../../api/queries";
import { useMay } from "../../app/session";
import { useUrlSort, useUrlState } from "../../app/url_state";
import { formatAgo, formatNumber } from "../../i18n/i18n";
import { Button } from "../../widgets/button";
import { DataTable, type DataColumn } from "../../widgets/data_table";
import { EmptyState } from "../../widgets/empty_state";
import { modelTypeName } from "../../widgets/model_words";
import { PageHeader } from "../../widgets/page_header";
import { SearchField } from "../../widgets/search_field";
import { ImportModel } from "./import_model";
import { cardOf, inputWords } from "./model_card";
import { modelGroups, type ModelGroup } from "./model_groups";

export default function Models() {
  const { i18n } = useLingui();
  const models = useQuery(modelsQuery());
  const services = useQuery(servicesQuery());
  const [state, change] = useUrlState();
  const [sort, setSort] = useUrlSort("-created");
  const [, navigate] = useLocation();
  const mayImport = useMay("admin");
  const name = (state["name"] ?? "").toLowerCase();
  const groups = models.data && modelGroups(models.data, services.data ?? []).filter((group) => group.name.toLowerCase().includes(name));
  const columns: DataColumn<ModelGroup>[] = [
    { id: "name", title: i18n._("Name"), isRowHeader: true, sortBy: (group) => group.name, cell: (group) => <Link href={`/models/${group.name}`}>{group.name}</Link> },
    {
      id: "version",
      title: i18n._("Newest version"),
      cell: (group) => (
        <>
          {group.newest.version}
          {group.versions.length > 1 && <span className="soft small"> {i18n._("of {count}", { count: formatNumber(group.versions.length) })}</span>}
        </>
      ),
    },
    { id: "type", title: i18n._("Type"), from: "middle", sortBy: (group) => group.newest.model_type, cell: (group) => modelTypeName(i18n, group.newest.model_type) },
    { id: "labels", title: i18n._("Classes"), isNumber: true, from: "middle", cell: (group) => formatNumber(cardOf(group.newest).labels?.length ?? 0) },
    { id: "input", title: i18n._("Input"), from: "wide", cell: (group) => inputWords(group.newest) || "–" },
    {
      id: "used",
      title: i18n._("Used by"),
      from: "middle",
      sortBy: (group) => group.services.length,
      cell: (group) => (group.services.length === 0 ? "–" : i18n._("{count, plural, one {# service} other {# services}}", { count: group.services.length })),
    },
    {
      id: "created",
      title: i18n._("Imported"),
      from: "middle",
      sortBy: (group) => group.newest.created,
      cell: (group) => <time dateTime={group.newest.created}>{formatAgo(group.newest.created)}</time>,
    },
  ];
  const importButton = (
    <Button look="primary" onPress={() => change({ import: "yes" })} why={!mayImport && i18n._("Only an administrator imports models.")}>
      {i18n._("Import")}
    </Button>
  );
  return (
    <>
      <PageHeader
        title={i18n._("Models")}
        actions={
          <>
            <SearchField label={i18n._("Search by name")} value={state["name"] ?? ""} onChange={(value) => change({ name: value }, { replace: true })} />
            {importButton}
          </>
        }
      />
      <DataTable
        label={i18n._("Models")}
        columns={columns}
        rows={groups}
        problem={models.error}
        onRetry={() => void models.refetch()}
        sort={sort}
        onSort={setSort}
        onOpen={(group) => navigate(`/models/${group.name}`)}
        empty={
          name === "" ? (
            <EmptyState icon={Database} title={i18n._("No model yet")} actions={importButton}>
              {i18n._("A model is an ONNX file that classifies images or detects objects in them.")}
            </EmptyState>
          ) : (
            <EmptyState icon={Database} title={i18n._("No model matches")} actions={<Button onPress={() => change({ name: undefined })}>{i18n._("Clear filters")}</Button>} />
          )
        }
      />
      {state["import"] === "yes" && mayImport && <ImportModel onClose={() => change({ import: undefined }, { replace: true })} onImported={(model) => navigate(`/models/${model.name}`)} />}
    </>
  );
}
