// SPDX-License-Identifier: Apache-2.0
// One dataset: how far it is, what is in it, its published versions.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { Images } from "lucide-react";
import { Link } from "react-aria-components";
import { lazy, Suspense, useState, type ComponentType } from "react";
import { useLocation, useParams } from "wouter";
import type { Schemas } from "../../api/client";
import { datasetQuery } from "../../api/queries";
import { facetsQuery } from "../../api/samples";
import { asProblem } from "../../api/problem";
import { useMay } from "../../app/session";
import { useUrlState } from "../../app/url_state";
import { formatNumber, formatShare } from "../../i18n/i18n";
import { Button, LinkButton } from "../../widgets/button";
import { EmptyState } from "../../widgets/empty_state";
import { Histogram } from "../../widgets/histogram";
import { modelTypeName } from "../../widgets/model_words";
import { PageHeader } from "../../widgets/page_header";
import { ProblemBlock } from "../../widgets/problem_block";
import { ReasonChip } from "../../widgets/reason_chip";
import { reasonName } from "../../widgets/reason_words";
import { Skeleton } from "../../widgets/skeleton";
import { stateWord } from "../../widgets/status_word";
import { Tabs } from "../../widgets/tabs";
import { SystemPage } from "../system/system_page";
import { DatasetMenu } from "../datasets/dataset_menu";
import { StateBar } from "../datasets/state_bar";
import { AddToDataset } from "../merge/add_to_dataset";
import { Publish } from "./publish";
import { Versions } from "./versions";
import "./dataset.css";

const Features = lazy(() => import("../features/features"));
const Activity = lazy(() => import("../activity/activity"));
const Labels = lazy(() => import("../labels/labels"));
const Sources = lazy(() => import("../sources/sources"));

// A class with fewer confirmed samples is warned of.
const FEW = 5;

export default function DatasetPage() {
  const { i18n } = useLingui();
  const { dataset: name = "" } = useParams<{ dataset: string }>();
  const query = useQuery(datasetQuery(name));
  const [state, change] = useUrlState();
  const [, navigate] = useLocation();
  const publish = (isOn: boolean) => change({ publish: isOn ? "1" : undefined }, { replace: true });
  const mayPublish = useMay("admin");
  const mayLabel = useMay("label");
  const [isAdding, add] = useState(false);
  const crumbs = [{ title: i18n._("Datasets"), href: "/datasets" }];
  if (query.isPending) return <Skeleton rows={8} />;
  if (!query.data && [403, 404, 410].includes(asProblem(query.error).status)) return <SystemPage thrown={query.error} />;
  if (!query.data)
    return (
      <>
        <PageHeader title={name} crumbs={crumbs} />
        <ProblemBlock thrown={query.error} onRetry={() => void query.refetch()} />
      </>
    );
  const dataset = query.data;
  const why = !mayPublish ? i18n._("Only an administrator publishes.") : dataset.labeled === 0 && i18n._("Nothing is labeled yet: confirm samples first.");
  return (
    <div className="stack">
      <PageHeader
        title={dataset.name}
        crumbs={crumbs}
        beside={<span className="soft">{modelTypeName(i18n, dataset.dataset_type)}</span>}
        actions={
          <>
            <LinkButton look="primary" href={`/datasets/${dataset.name}/label${dataset.to_be_confirmed > 0 ? "?state=to_be_confirmed" : ""}`}>
              {i18n._("Label")}
            </LinkButton>
            <Button onPress={() => publish(true)} why={why}>
              {i18n._("Publish")}
            </Button>
            <Button onPress={() => add(true)} why={!mayLabel ? i18n._("Your role only reads.") : dataset.labeled === 0 && i18n._("Nothing is labeled yet: confirm samples first.")}>
              {i18n._("Add to training dataset")}
            </Button>
            <DatasetMenu dataset={dataset} onDeleted={() => navigate("/datasets")} />
          </>
        }
      >
        {dataset.description && <p className="soft">{dataset.description}</p>}
      </PageHeader>
      <Tabs
        label={i18n._("Dataset")}
        tabs={[
          { id: "dashboard", title: i18n._("Dashboard"), panel: () => <Dashboard dataset={dataset} /> },
          { id: "versions", title: i18n._("Versions"), panel: () => <Versions dataset={dataset} onPublish={() => publish(true)} why={why} /> },
          { id: "features", title: i18n._("Data Features"), panel: () => <Later panel={Features} dataset={dataset} /> },
          { id: "labels", title: i18n._("Labels"), panel: () => <Later panel={Labels} dataset={dataset} /> },
          { id: "sources", title: i18n._("Sources"), panel: () => <Later panel={Sources} dataset={dataset} /> },
          { id: "activity", title: i18n._("Activity"), panel: () => <Later panel={Activity} dataset={dataset} /> },
        ]}
      />
      {isAdding && <AddToDataset dataset={dataset} onClose={() => add(false)} />}
      {state["publish"] === "1" && mayPublish && <Publish dataset={dataset} onClose={() => publish(false)} />}
    </div>
  );
}

/** A panel whose script is loaded when it is opened. */
function Later({ panel: Panel, dataset }: { panel: ComponentType<{ dataset: Schemas["Dataset"] }>; dataset: Schemas["Dataset"] }) {
  return (
    <Suspense fallback={<Skeleton rows={8} />}>
      <Panel dataset={dataset} />
    </Suspense>
  );
}

function Dashboard({ dataset }: { dataset: Schemas["Dataset"] }) {
  const { i18n } = useLingui();
  const facets = useQuery(facetsQuery(dataset.name, {}));
  const counted = facets.data?.facets;
  const label = `/datasets/${dataset.name}/label`;
  if (dataset.samples === 0)
    return (
      <div className="card">
        <EmptyState icon={Images} title={i18n._("No sample yet")} actions={<LinkButton href="/services">{i18n._("Batch Services")}</LinkButton>}>
          {i18n._("Samples come from batch services, by Synchronize Data to Dataset and Hard Example Filtering, or from files: More, Import.")}
        </EmptyState>
      </div>
    );
  const imbalance = [...(counted?.labels ?? [])].filter(({ confirmed }) => confirmed > 0 && confirmed < FEW);
  return (
    <div className="dashboard">
      <div className="stack">
        <section className="card stack tight">
          <h2>{i18n._("{count, plural, one {# sample} other {# samples}}", { count: dataset.samples })}</h2>
          <StateBar dataset={dataset} />
          <ul className="figures">
            {(["unlabeled", "to_be_confirmed", "labeled"] as const).map((state) => (
              <li key={state}>
                <Link href={`${label}?state=${state}`} className="row">
                  <span className={`state-dot ${state}`} aria-hidden />
                  {stateWord(i18n, state)}
                </Link>
                <strong>{formatNumber(dataset[state])}</strong>
                <span className="soft">{dataset.samples > 0 ? formatShare(dataset[state] / dataset.samples) : "–"}</span>
              </li>
            ))}
            <li>
              <Link href={`${label}?hard=true`}>{i18n._("Hard")}</Link>
              <strong>{formatNumber(dataset.hard)}</strong>
              <span className="soft">{dataset.samples > 0 ? formatShare(dataset.hard / dataset.samples) : "–"}</span>
            </li>
            <li>
              <Link href={`/datasets/${dataset.name}?tab=versions`}>{i18n._("Current version")}</Link>
              <strong>{dataset.current_version ?? "–"}</strong>
              <span />
            </li>
          </ul>
        </section>
        <section className="card stack tight">
          <h2>{i18n._("Labels")}</h2>
          {facets.isPending && <Skeleton rows={4} height={28} />}
          <ul className="figures">
            {counted?.labels.map(({ value, samples, confirmed }) => (
              <li key={value}>
                <Link href={`${label}?label=${encodeURIComponent(encodeURIComponent(value))}`} className="one-line">
                  {value}
                </Link>
                <strong>{formatNumber(samples)}</strong>
                <span className="soft">{i18n._("{count} confirmed", { count: formatNumber(confirmed) })}</span>
              </li>
            ))}
          </ul>
          {counted?.labels.length === 0 && <p className="soft">{i18n._("No sample has one.")}</p>}
          {imbalance.length > 0 && (
            <p className="small imbalance">
              {i18n._("{labels} {count, plural, one {has} other {have}} fewer than {few} confirmed samples: too few to learn from, and to tell how well it is learned.", { labels: imbalance.map(({ value }) => value).join(", "), count: imbalance.length, few: FEW })}
            </p>
          )}
        </section>
      </div>
      <div className="stack">
        {counted && dataset.hard > 0 && (
          <section className="card stack tight">
            <h2>{i18n._("Hard coefficient")}</h2>
            <Histogram from={0} to={1} bins={counted.hard_coefficient.bins.map(({ samples }) => samples)} height={110} label={i18n._("Samples by hard coefficient, from 0 to 1")} />
          </section>
        )}
        <section className="card stack tight">
          <h2>{i18n._("Reasons")}</h2>
          {facets.isPending && <Skeleton rows={4} height={28} />}
          {facets.isError && <ProblemBlock thrown={facets.error} onRetry={() => void facets.refetch()} compact />}
          <ul className="figures">
            {[...(counted?.reasons ?? [])]
              .sort((a, b) => b.samples - a.samples)
              .map(({ id, code, name, samples }) => (
                <li key={id}>
                  <Link href={`${label}?reason=${id}`} className="row">
                    <ReasonChip code={code} /> <span className="one-line">{reasonName(i18n, id) ?? name}</span>
                  </Link>
                  <strong>{formatNumber(samples)}</strong>
                  <span className="soft">{formatShare(samples / Math.max(dataset.samples, 1))}</span>
                </li>
              ))}
          </ul>
          {counted?.reasons.length === 0 && <p className="soft">{i18n._("No sample has one: reasons come with Hard Example Filtering.")}</p>}
        </section>
      </div>
    </div>
  );
}
