// SPDX-License-Identifier: Apache-2.0
// Batch Services: what is deployed, how far it is, and More > Sample Collection, in ModelArts' words and places.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { Layers, RotateCw } from "lucide-react";
import { useState } from "react";
import { Link } from "react-aria-components";
import { useLocation } from "wouter";
import { ask, client, type Schemas } from "../../api/client";
import { servicesQuery, taskQuery } from "../../api/queries";
import { useMay } from "../../app/session";
import { useKeys } from "../../app/keys";
import { useUrlSort, useUrlState } from "../../app/url_state";
import { formatAgo, formatNumber } from "../../i18n/i18n";
import { Button, IconButton, LinkButton } from "../../widgets/button";
import { DataTable, type DataColumn } from "../../widgets/data_table";
import { EmptyState } from "../../widgets/empty_state";
import { PageHeader } from "../../widgets/page_header";
import { ProgressBar } from "../../widgets/progress_bar";
import { Select } from "../../widgets/field";
import { SearchField } from "../../widgets/search_field";
import { StatusWord, stateWord } from "../../widgets/status_word";
import { modelTypeName } from "../../widgets/model_words";
import { tell, tellProblem } from "../../widgets/toast";
import { DemoButton } from "../home/demo_button";
import { DeleteService } from "../service/delete_service";
import { EditDescription } from "../service/edit_description";
import { MoreMenu } from "../service/more_menu";
import "./services.css";

type Service = Schemas["Service"];
const ANY = "any";
const STATUSES = ["deploying", "running", "finished", "failed", "stopped"];

export default function Services() {
  const { i18n } = useLingui();
  const services = useQuery(servicesQuery());
  const [state, change] = useUrlState();
  const [sort, setSort] = useUrlSort("-updated");
  const [, navigate] = useLocation();
  const mayDeploy = useMay("admin");
  const [doomed, doom] = useState<Service | null>(null);
  const [described, describe] = useState<Service | null>(null);
  const name = (state["name"] ?? "").toLowerCase();
  const status = state["status"] ?? ANY;
  const filtering = state["filtering"] ?? ANY;
  const shown = services.data?.filter(
    (service) =>
      service.name.toLowerCase().includes(name) &&
      (status === ANY || service.status === status) &&
      (filtering === ANY || (service.hard_example_filtering !== null) === (filtering === "on")),
  );
  const isFiltered = name !== "" || status !== ANY || filtering !== ANY;
  useKeys("services", [{ keys: ["Shift+R"], name: i18n._("Refresh"), run: () => void services.refetch() }]);

  const columns: DataColumn<Service>[] = [
    {
      id: "name",
      title: i18n._("Name"),
      isRowHeader: true,
      sortBy: (service) => service.name,
      cell: (service) => (
        <span className="name">
          <Link href={`/services/${service.name}`}>{service.name}</Link>
          {service.description && <span className="small soft one-line">{service.description}</span>}
        </span>
      ),
    },
    { id: "status", title: i18n._("Status"), sortBy: (service) => service.status, cell: (service) => <StatusWord state={service.status} /> },
    { id: "model", title: i18n._("Model"), from: "wide", sortBy: (service) => service.model ?? "", cell: (service) => service.model },
    { id: "type", title: i18n._("Type"), from: "wide", cell: (service) => modelTypeName(i18n, service.model_type) },
    { id: "images", title: i18n._("Images"), isNumber: true, from: "middle", sortBy: (service) => service.images, cell: (service) => <Images service={service} /> },
    { id: "filtering", title: i18n._("Hard Example Filtering"), from: "middle", cell: (service) => <Filtering service={service} /> },
    {
      id: "updated",
      title: i18n._("Updated"),
      from: "middle",
      sortBy: (service) => service.updated,
      cell: (service) => <time dateTime={service.updated}>{formatAgo(service.updated)}</time>,
    },
    { id: "operation", title: i18n._("Operation"), cell: (service) => <Operation service={service} onDescribe={() => describe(service)} onDelete={() => doom(service)} /> },
  ];
  return (
    <>
      <PageHeader
        title={i18n._("Batch Services")}
        actions={
          <>
            <SearchField label={i18n._("Search by name")} value={state["name"] ?? ""} onChange={(value) => change({ name: value }, { replace: true })} />
            <IconButton look="plain" label={i18n._("Refresh")} keys="Shift+R" onPress={() => void services.refetch()}>
              <RotateCw size={15} aria-hidden />
            </IconButton>
            {mayDeploy ? (
              <LinkButton look="primary" href="/deploy">
                {i18n._("Deploy")}
              </LinkButton>
            ) : (
              <Button look="primary" why={i18n._("Only an administrator deploys services.")}>
                {i18n._("Deploy")}
              </Button>
            )}
          </>
        }
      />
      {(services.data?.length ?? 0) > 0 && (
        <div className="service-filters">
          <Select
            label={i18n._("Status")}
            value={status}
            onChange={(chosen) => change({ status: chosen === ANY ? undefined : chosen })}
            choices={[{ id: ANY, name: i18n._("Any status") }, ...STATUSES.map((id) => ({ id, name: stateWord(i18n, id) }))]}
          />
          <Select
            label={i18n._("Hard Example Filtering")}
            value={filtering}
            onChange={(chosen) => change({ filtering: chosen === ANY ? undefined : chosen })}
            choices={[
              { id: ANY, name: i18n._("On or off") },
              { id: "on", name: i18n._("On") },
              { id: "off", name: i18n._("Off") },
            ]}
          />
          <span className="grow" />
          <span className="soft">{i18n._("{count, plural, one {# service} other {# services}}", { count: shown?.length ?? 0 })}</span>
        </div>
      )}
      <DataTable
        label={i18n._("Batch Services")}
        columns={columns}
        rows={shown}
        problem={services.error}
        onRetry={() => void services.refetch()}
        sort={sort}
        onSort={setSort}
        onOpen={(service) => navigate(`/services/${service.name}`)}
        empty={
          !isFiltered ? (
            <EmptyState
              icon={Layers}
              title={i18n._("No batch service yet")}
              actions={
                mayDeploy && (
                  <>
                    <LinkButton look="primary" href="/deploy">
                      {i18n._("Deploy")}
                    </LinkButton>
                    <DemoButton look="plain" />
                  </>
                )
              }
            >
              {i18n._("A batch service runs a model over a folder of images and keeps the results. Deploy one, or load the demo's data.")}
            </EmptyState>
          ) : (
            <EmptyState icon={Layers} title={i18n._("No service matches")} actions={<Button onPress={() => change({ name: undefined, status: undefined, filtering: undefined })}>{i18n._("Clear filters")}</Button>} />
          )
        }
      />
      {doomed && <DeleteService service={doomed} onClose={() => doom(null)} />}
      {described && <EditDescription service={described} onClose={() => describe(null)} />}
    </>
  );
}

function Filtering({ service }: { service: Service }) {
  const { i18n } = useLingui();
  const filtering = service.hard_example_filtering as { dataset?: string; create?: string } | null;
  const output = filtering?.dataset ?? filtering?.create;
  if (!filtering) return i18n._("Off");
  return (
    <>
      {i18n._("On")}
      {output && (
        <>
          {" → "}
          <Link href={`/datasets/${output}`}>{output}</Link>
        </>
      )}
    </>
  );
}

/** How many; while it runs, how far it is. */
function Images({ service }: { service: Service }) {
  const { i18n } = useLingui();
  const task = useQuery({ ...taskQuery(service.run ?? ""), enabled: isRunning(service) && service.run !== null });
  if (isRunning(service) && task.data) return <ProgressBar label={task.data.stage || i18n._("Queued")} value={task.data.items_done} of={task.data.items_total} />;
  return (
    <>
      {formatNumber(service.images)}
      {service.failed > 0 && <span className="small soft"> {i18n._("({count} failed)", { count: formatNumber(service.failed) })}</span>}
    </>
  );
}

const isRunning = (service: Service) => service.status === "running" || service.status === "deploying";

function Operation({ service, onDescribe, onDelete }: { service: Service; onDescribe: () => void; onDelete: () => void }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const mayRun = useMay("admin");
  const path = { params: { path: { service: service.name } } };
  const turn = useMutation({
    mutationFn: () => ask<unknown>(isRunning(service) ? client.POST("/api/v1/services/{service}/stop", path) : client.POST("/api/v1/services/{service}/start", { ...path, body: {} })),
    onSuccess: () => tell(isRunning(service) ? i18n._("{name} is stopping", { name: service.name }) : i18n._("{name} runs again", { name: service.name })),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ["services"] }),
  });
  return (
    <span className="row">
      <Button size="small" onPress={() => turn.mutate()} isDisabled={turn.isPending} why={!mayRun && i18n._("Only an administrator starts and stops services.")}>
        {isRunning(service) ? i18n._("Stop") : i18n._("Start")}
      </Button>
      <MoreMenu service={service} onDescribe={onDescribe} onDelete={onDelete} />
    </span>
  );
}
