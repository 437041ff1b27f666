// SPDX-License-Identifier: Apache-2.0
// One model: its versions, what it predicts and how it reads pictures, who uses it, and trying it on an image.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { Layers } from "lucide-react";
import { useState } from "react";
import { Link } from "react-aria-components";
import { useLocation, useParams } from "wouter";
import type { Schemas } from "../../api/client";
import { modelsQuery, servicesQuery } from "../../api/queries";
import { useMay } from "../../app/session";
import { formatAgo, formatNumber } from "../../i18n/i18n";
import { Button, LinkButton } from "../../widgets/button";
import { CopyButton } from "../../widgets/copy_button";
import { DataTable, type DataColumn } from "../../widgets/data_table";
import { EmptyState } from "../../widgets/empty_state";
import { Facts } from "../../widgets/facts";
import { modelTypeName } from "../../widgets/model_words";
import { PageHeader } from "../../widgets/page_header";
import { ProblemBlock } from "../../widgets/problem_block";
import { Skeleton } from "../../widgets/skeleton";
import { StatusWord } from "../../widgets/status_word";
import { Tabs } from "../../widgets/tabs";
import { NotFound } from "../system/not_found";
import { cardOf, inputWords } from "../models/model_card";
import { modelGroups, type ModelGroup } from "../models/model_groups";
import { DeleteModel } from "./delete_model";
import { TestModel } from "./test_model";
import "./model.css";

export default function ModelPage() {
  const { i18n } = useLingui();
  const { model: name = "" } = useParams<{ model: string }>();
  const models = useQuery(modelsQuery());
  const services = useQuery(servicesQuery());
  const group = models.data && modelGroups(models.data, services.data ?? []).find((one) => one.name === name);
  if (group) return <Known key={name} group={group} />;
  if (models.isError)
    return (
      <>
        <PageHeader title={name} crumbs={[{ title: i18n._("Models"), href: "/models" }]} />
        <ProblemBlock thrown={models.error} onRetry={() => void models.refetch()} />
      </>
    );
  return models.isPending ? <Skeleton rows={8} /> : <NotFound />;
}

function Known({ group }: { group: ModelGroup }) {
  const { i18n } = useLingui();
  const [, navigate] = useLocation();
  const mayChange = useMay("admin");
  const [tested, test] = useState<Schemas["Model"] | null>(null);
  const [doomed, doom] = useState<Schemas["Model"] | null>(null);
  const { newest } = group;
  const card = cardOf(newest);
  const why = !mayChange && i18n._("Only an administrator tries, deploys and deletes models.");
  return (
    <div className="stack">
      <PageHeader
        title={group.name}
        crumbs={[{ title: i18n._("Models"), href: "/models" }]}
        actions={
          <>
            <Button onPress={() => test(newest)} why={why}>
              {i18n._("Test on an image")}
            </Button>
            {mayChange ? (
              <LinkButton look="primary" href={`/deploy?model=${encodeURIComponent(`${newest.name}/${newest.version}`)}`}>
                {i18n._("Deploy")}
              </LinkButton>
            ) : (
              <Button look="primary" why={why}>
                {i18n._("Deploy")}
              </Button>
            )}
          </>
        }
      />
      <Facts
        facts={[
          [i18n._("Newest version"), newest.version],
          [i18n._("Type"), modelTypeName(i18n, newest.model_type)],
          [i18n._("Input"), inputWords(newest) || "–"],
          [i18n._("Outputs read as"), card.adapter ?? "–"],
          [i18n._("Imported"), <time key="created" dateTime={newest.created}>{formatAgo(newest.created)}</time>],
          [
            i18n._("ID"),
            <span key="id" className="row">
              <code className="one-line">{newest.id}</code>
              <CopyButton text={newest.id} label={i18n._("Copy ID")} />
            </span>,
          ],
        ]}
      />
      <Tabs
        label={i18n._("Model")}
        tabs={[
          { id: "versions", title: i18n._("Versions"), panel: () => <Versions group={group} why={why} onTest={test} onDelete={doom} /> },
          { id: "classes", title: i18n._("Classes"), panel: () => <Classes labels={card.labels ?? []} /> },
          { id: "card", title: i18n._("Model card"), panel: () => <Card model={newest} /> },
          { id: "used", title: i18n._("Used by"), panel: () => <UsedBy group={group} /> },
        ]}
      />
      {tested && <TestModel model={tested} onClose={() => test(null)} />}
      {doomed && <DeleteModel model={doomed} onClose={() => doom(null)} onDeleted={() => group.versions.length === 1 && navigate("/models")} />}
    </div>
  );
}

function Versions({ group, why, onTest, onDelete }: { group: ModelGroup; why: string | false; onTest: (model: Schemas["Model"]) => void; onDelete: (model: Schemas["Model"]) => void }) {
  const { i18n } = useLingui();
  const users = (model: Schemas["Model"]) => group.services.filter((service) => service.model_id === model.id).length;
  const columns: DataColumn<Schemas["Model"]>[] = [
    { id: "version", title: i18n._("Version"), isRowHeader: true, cell: (model) => <strong>{model.version}</strong> },
    { id: "classes", title: i18n._("Classes"), isNumber: true, from: "middle", cell: (model) => formatNumber(cardOf(model).labels?.length ?? 0) },
    { id: "input", title: i18n._("Input"), from: "middle", cell: (model) => inputWords(model) || "–" },
    { id: "used", title: i18n._("Used by"), from: "middle", cell: (model) => (users(model) ? i18n._("{count, plural, one {# service} other {# services}}", { count: users(model) }) : "–") },
    { id: "hash", title: i18n._("File"), from: "wide", cell: (model) => <code>{model.content_hash.slice(0, 12)}</code> },
    { id: "created", title: i18n._("Imported"), from: "middle", cell: (model) => <time dateTime={model.created}>{formatAgo(model.created)}</time> },
    {
      id: "operation",
      title: i18n._("Operation"),
      cell: (model) => (
        <span className="row">
          <Button size="small" onPress={() => onTest(model)} why={why}>
            {i18n._("Test")}
          </Button>
          <Button size="small" look="danger" onPress={() => onDelete(model)} why={why || (users(model) > 0 && i18n._("A service uses it: delete the service first."))}>
            {i18n._("Delete…")}
          </Button>
        </span>
      ),
    },
  ];
  return <DataTable label={i18n._("Versions")} columns={columns} rows={group.versions} empty={null} />;
}

function Classes({ labels }: { labels: readonly string[] }) {
  const { i18n } = useLingui();
  return (
    <ol className="card model-classes" aria-label={i18n._("Classes")}>
      {labels.map((label, at) => (
        <li key={label}>
          <span className="soft small">{at}</span> {label}
        </li>
      ))}
    </ol>
  );
}

function Card({ model }: { model: Schemas["Model"] }) {
  const { i18n } = useLingui();
  const text = JSON.stringify(model.card, null, 2);
  return (
    <div className="card model-card">
      <CopyButton text={text} label={i18n._("Copy the model card")} />
      <pre>{text}</pre>
    </div>
  );
}

function UsedBy({ group }: { group: ModelGroup }) {
  const { i18n } = useLingui();
  const columns: DataColumn<Schemas["Service"]>[] = [
    { id: "name", title: i18n._("Name"), isRowHeader: true, cell: (service) => <Link href={`/services/${service.name}`}>{service.name}</Link> },
    { id: "version", title: i18n._("Model"), cell: (service) => service.model },
    { id: "status", title: i18n._("Status"), cell: (service) => <StatusWord state={service.status} /> },
    { id: "updated", title: i18n._("Updated"), from: "middle", cell: (service) => formatAgo(service.updated) },
  ];
  return (
    <DataTable
      label={i18n._("Used by")}
      columns={columns}
      rows={group.services}
      empty={
        <EmptyState icon={Layers} title={i18n._("No service uses it")}>
          {i18n._("Deploy it as a batch service to run it over a folder of images.")}
        </EmptyState>
      }
    />
  );
}
