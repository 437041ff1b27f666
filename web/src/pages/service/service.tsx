// SPDX-License-Identifier: Apache-2.0
// One batch service: what it is, and the tabs Overview, Predictions, Sample, Events, Logs, as ModelArts has them.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { CircleAlert, Pencil } from "lucide-react";
import { useState } from "react";
import { Link } from "react-aria-components";
import { useLocation, useParams } from "wouter";
import { ask, client, type Schemas } from "../../api/client";
import { serviceQuery } from "../../api/queries";
import { useMay } from "../../app/session";
import { formatAgo, formatNumber } from "../../i18n/i18n";
import { Button, IconButton, LinkButton } from "../../widgets/button";
import { CopyButton } from "../../widgets/copy_button";
import { Facts } from "../../widgets/facts";
import { modelTypeName } from "../../widgets/model_words";
import { PageHeader } from "../../widgets/page_header";
import { ProblemBlock } from "../../widgets/problem_block";
import { Skeleton } from "../../widgets/skeleton";
import { StatusWord } from "../../widgets/status_word";
import { Tabs } from "../../widgets/tabs";
import { tell, tellProblem } from "../../widgets/toast";
import { DeleteService } from "./delete_service";
import { EditDescription } from "./edit_description";
import { Events } from "./events";
import { HardFiltering } from "./hard_filtering";
import { Logs } from "./logs";
import { MoreMenu } from "./more_menu";
import { Overview } from "./overview";
import { Predictions } from "./predictions";
import { SampleTab } from "./sample_tab";

export default function ServicePage() {
  const { i18n } = useLingui();
  const { service: name = "" } = useParams<{ service: string }>();
  const query = useQuery(serviceQuery(name));
  if (query.isPending) return <Skeleton rows={8} />;
  if (query.isError && !query.data)
    return (
      <>
        <PageHeader title={name} crumbs={[{ title: i18n._("Batch Services"), href: "/services" }]} />
        <ProblemBlock thrown={query.error} onRetry={() => void query.refetch()} />
      </>
    );
  return <Known service={query.data} />;
}

const isRunning = (service: Schemas["Service"]) => service.status === "running" || service.status === "deploying";

function Known({ service }: { service: Schemas["Service"] }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const [, navigate] = useLocation();
  const mayRun = useMay("admin");
  const [dialog, open] = useState<"delete" | "filtering" | "description" | null>(null);
  const path = { params: { path: { service: service.name } } };
  const why = !mayRun && i18n._("Only an administrator starts, stops and changes services.");
  const act = useMutation({
    mutationFn: (what: "start" | "stop" | "restart" | "resume") =>
      ask<unknown>(
        what === "stop"
          ? client.POST("/api/v1/services/{service}/stop", path)
          : what === "start"
            ? client.POST("/api/v1/services/{service}/start", { ...path, body: {} })
            : client.POST("/api/v1/services/{service}/restart", { ...path, body: { resume: what === "resume" } as never }),
      ),
    onSuccess: (_, what) => tell(what === "stop" ? i18n._("{name} is stopping", { name: service.name }) : i18n._("{name} runs again", { name: service.name })),
    onError: tellProblem,
    onSettled: () => queries.invalidateQueries({ queryKey: ["services"] }),
  });
  return (
    <div className="stack">
      <PageHeader
        title={service.name}
        crumbs={[{ title: i18n._("Batch Services"), href: "/services" }]}
        beside={<StatusWord state={service.status} />}
        actions={
          <>
            {isRunning(service) ? (
              <Button onPress={() => act.mutate("stop")} why={why} isDisabled={act.isPending}>
                {i18n._("Stop")}
              </Button>
            ) : (
              <Button onPress={() => act.mutate("start")} why={why} isDisabled={act.isPending}>
                {i18n._("Start")}
              </Button>
            )}
            {service.status === "stopped" && service.run !== null && (
              <Button onPress={() => act.mutate("resume")} why={why} isDisabled={act.isPending}>
                {i18n._("Resume")}
              </Button>
            )}
            <Button onPress={() => act.mutate("restart")} why={why || (isRunning(service) && i18n._("It runs already."))} isDisabled={act.isPending}>
              {i18n._("Restart")}
            </Button>
            <MoreMenu service={service} size="normal" onDescribe={() => open("description")} onDelete={() => open("delete")} />
          </>
        }
      >
        <p className="row soft">
          {service.description || i18n._("No description")}
          <IconButton size="small" label={i18n._("Edit description")} onPress={() => open("description")} why={why}>
            <Pencil size={14} aria-hidden />
          </IconButton>
        </p>
      </PageHeader>
      {service.error_message && (
        <div role="alert" className="problem">
          <CircleAlert size={20} aria-hidden />
          <div className="stack tight grow">
            <h2>{i18n._("The run failed")}</h2>
            <p>{service.error_message}</p>
            <div className="row wrap">
              <Button size="small" onPress={() => act.mutate("resume")} why={why} isDisabled={act.isPending}>
                {i18n._("Retry")}
              </Button>
              <LinkButton size="small" look="quiet" href={`/services/${service.name}?tab=logs`}>
                {i18n._("Log")}
              </LinkButton>
            </div>
          </div>
        </div>
      )}
      <Facts
        facts={[
          [i18n._("Model"), service.model && <Link key="model" href={`/models/${service.model.split("/")[0]}`}>{service.model}</Link>],
          [i18n._("Type"), modelTypeName(i18n, service.model_type)],
          [i18n._("Images"), `${formatNumber(service.images)}${service.failed ? ` (${i18n._("{count} failed", { count: formatNumber(service.failed) })})` : ""}`],
          [i18n._("Updated"), formatAgo(service.updated)],
          [i18n._("Input Path"), <Path key="input" path={service.input} />],
          [i18n._("Output Path"), <Path key="output" path={service.output} />],
          [
            i18n._("ID"),
            <span key="id" className="row">
              <code>{service.id}</code>
              <CopyButton text={service.id} label={i18n._("Copy ID")} />
            </span>,
          ],
          [i18n._("Hard Example Filtering"), <FilteringFact key="filtering" service={service} onEdit={() => open("filtering")} why={why} />],
        ]}
      />
      <Tabs
        label={i18n._("Service")}
        tabs={[
          { id: "overview", title: i18n._("Overview"), panel: () => <Overview service={service} /> },
          { id: "predictions", title: i18n._("Predictions"), panel: () => <Predictions service={service} /> },
          { id: "sample", title: i18n._("Sample"), panel: () => <SampleTab service={service} onFiltering={() => open("filtering")} /> },
          { id: "events", title: i18n._("Events"), panel: () => <Events service={service} /> },
          { id: "logs", title: i18n._("Logs"), panel: () => <Logs service={service} /> },
        ]}
      />
      {dialog === "delete" && <DeleteService service={service} onClose={() => open(null)} onDeleted={() => navigate("/services")} />}
      {dialog === "description" && <EditDescription service={service} onClose={() => open(null)} />}
      {dialog === "filtering" && <HardFiltering service={service} onClose={() => open(null)} />}
    </div>
  );
}

function Path({ path }: { path: string }) {
  const { i18n } = useLingui();
  return (
    <span className="row">
      <code className="grow">{path}</code>
      <CopyButton text={path} label={i18n._("Copy path")} />
    </span>
  );
}

interface Filtering {
  dataset?: string;
  create?: string;
  train?: string;
}
export function filteringOf(service: Schemas["Service"]): Filtering | null {
  return (service.hard_example_filtering ?? null) as Filtering | null;
}

function FilteringFact({ service, onEdit, why }: { service: Schemas["Service"]; onEdit: () => void; why: string | false }) {
  const { i18n } = useLingui();
  const filtering = filteringOf(service);
  const output = filtering?.dataset ?? filtering?.create;
  return (
    <span className="row">
      {filtering ? i18n._("On") : i18n._("Off")}
      {output && (
        <>
          {" → "}
          <Link href={`/datasets/${output}`}>{output}</Link>
        </>
      )}
      <IconButton size="small" label={i18n._("Edit Hard Example Filtering")} onPress={onEdit} why={why}>
        <Pencil size={14} aria-hidden />
      </IconButton>
    </span>
  );
}
