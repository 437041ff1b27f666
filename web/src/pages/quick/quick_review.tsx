// SPDX-License-Identifier: Apache-2.0
// Quick Review: one class at a time as a wall; what does not belong is marked, all the rest is confirmed by one key.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { CircleCheckBig } from "lucide-react";
import { useEffect, useState } from "react";
import { useLocation, useParams } from "wouter";
import { asProblem } from "../../api/problem";
import { datasetQuery } from "../../api/queries";
import { facetsQuery, PAGE, samplePageQuery } from "../../api/samples";
import { useKeys } from "../../app/keys";
import { useMay } from "../../app/session";
import { useUrlState } from "../../app/url_state";
import { formatNumber } from "../../i18n/i18n";
import { Button, LinkButton } from "../../widgets/button";
import { EmptyState } from "../../widgets/empty_state";
import { Select } from "../../widgets/field";
import { PageHeader } from "../../widgets/page_header";
import { ProblemBlock } from "../../widgets/problem_block";
import { Skeleton } from "../../widgets/skeleton";
import { stateWord } from "../../widgets/status_word";
import { SystemPage } from "../system/system_page";
import { CropWall } from "./crop_wall";
import { useApply } from "./use_apply";
import { itemsOf, planOf, sizeOf, type Item } from "./wall";
import "./quick.css";

const nobody: ReadonlySet<string> = new Set();

export default function QuickReviewPage() {
  const { i18n } = useLingui();
  const { dataset: name = "" } = useParams<{ dataset: string }>();
  const [, navigate] = useLocation();
  const [url, change] = useUrlState();
  const mayLabel = useMay("label");
  const dataset = useQuery(datasetQuery(name));
  const hasBoxes = dataset.data?.dataset_type === "object_detection";
  // Boxes of one class say nothing about the others of their image: images that wait are confirmed in Review.
  const isWaiting = !hasBoxes && url["state"] !== "labeled";
  const state = isWaiting ? "to_be_confirmed" : "labeled";
  const facets = useQuery({ ...facetsQuery(name, { filter: { and: [{ state }] } }), enabled: dataset.data !== undefined });
  const classes = [...(facets.data?.facets.labels ?? [])].filter(({ samples }) => samples > 0).sort((a, b) => b.samples - a.samples);
  const label = url["label"] ?? classes[0]?.value;
  const page = Math.max(0, (Number(url["page"]) || 1) - 1);
  const query = { filter: { and: [{ state }, { label }] } };
  const samples = useQuery({ ...samplePageQuery(name, query, "-hard_coefficient", page), enabled: dataset.data !== undefined && label !== undefined });
  const [marked, mark] = useState(nobody);
  const [at, setAt] = useState(0);
  const { apply, isBusy, undo } = useApply(name);
  useEffect(() => {
    mark(nobody);
    setAt(0);
  }, [label, state, page, samples.data]);
  const items = label === undefined ? [] : itemsOf(samples.data?.samples ?? [], label, hasBoxes);
  const plan = planOf(items, marked, isWaiting, hasBoxes);
  const toggle = ({ key }: Item) => {
    const next = new Set(marked);
    if (!next.delete(key)) next.add(key);
    mark(next);
  };
  const send = () => mayLabel && !isBusy && sizeOf(plan) > 0 && apply(plan);
  const open = ({ sample }: Item) => navigate(`/datasets/${name}/review?sample=${sample.id}`);
  useKeys("quick-review", [
    { keys: ["x", "Delete"], name: i18n._("Not of this class"), run: () => items[at] && toggle(items[at]) },
    { keys: ["f", "Ctrl+Enter"], name: isWaiting ? i18n._("Confirm all the rest") : i18n._("Apply"), run: () => void send() },
    { keys: ["Ctrl+Z"], name: i18n._("Undo"), run: () => void undo() },
  ]);
  if (dataset.isError) return [403, 404, 410].includes(asProblem(dataset.error).status) ? <SystemPage thrown={dataset.error} /> : <ProblemBlock thrown={dataset.error} onRetry={() => void dataset.refetch()} />;
  if (!dataset.data) return <Skeleton rows={8} />;
  const total = samples.data?.total ?? 0;
  const pages = Math.ceil(total / PAGE);
  const problem = facets.error ?? samples.error;
  const why = (!mayLabel && i18n._("Your role only reads.")) || (sizeOf(plan) === 0 && i18n._("Nothing is marked."));
  return (
    <div className="stack">
      <PageHeader
        title={i18n._("Quick Review")}
        crumbs={[
          { title: i18n._("Datasets"), href: "/datasets" },
          { title: name, href: `/datasets/${name}` },
        ]}
      />
      <div className="quick-tools">
        <Select
          label={i18n._("Label")}
          value={label ?? null}
          onChange={(value) => change({ label: value, page: undefined })}
          choices={classes.map(({ value, samples: count }) => ({ id: value, name: value, note: i18n._("{count, plural, one {# sample} other {# samples}}", { count }) }))}
        />
        {!hasBoxes && (
          <Select label={i18n._("State")} value={state} onChange={(value) => change({ state: value === "labeled" ? value : undefined, label: undefined, page: undefined })} choices={["to_be_confirmed", "labeled"].map((id) => ({ id, name: stateWord(i18n, id) }))} />
        )}
        <p className="soft small grow">
          {isWaiting
            ? i18n._("Mark what is not {label}: it loses its suggestion. All the rest is confirmed at once.", { label: label ?? "" })
            : hasBoxes
              ? i18n._("Mark boxes that are not {label}: they go. Images that wait are confirmed in Review, because one class says nothing about the others.", { label: label ?? "" })
              : i18n._("Mark what is not {label}: it becomes unlabeled.", { label: label ?? "" })}
        </p>
      </div>
      {problem ? (
        <ProblemBlock thrown={problem} onRetry={() => void Promise.all([facets.refetch(), samples.refetch()])} />
      ) : facets.isPending || (label !== undefined && samples.isPending) ? (
        <Skeleton rows={4} height={140} />
      ) : items.length === 0 ? (
        <div className="card">
          <EmptyState icon={CircleCheckBig} title={i18n._("Nothing is left here")} actions={classes[0] && classes[0].value !== label ? <Button look="primary" onPress={() => change({ label: undefined, page: undefined })}>{i18n._("Next: {label}", { label: classes[0].value })}</Button> : <LinkButton href={`/datasets/${name}`}>{i18n._("To the dataset")}</LinkButton>}>
            {i18n._("No sample in this state has this label.")}
          </EmptyState>
        </div>
      ) : (
        <>
          <CropWall items={items} label={label ?? ""} marked={marked} at={Math.min(at, items.length - 1)} onFocus={setAt} onToggle={toggle} onOpen={open} />
          <div className="quick-bar" role="toolbar" aria-label={i18n._("Decide")}>
            <strong aria-live="polite">{i18n._("{marked} of {count} marked", { marked: formatNumber(marked.size), count: formatNumber(items.length) })}</strong>
            {pages > 1 && (
              <span className="row">
                <Button size="small" look="quiet" isDisabled={page === 0} onPress={() => change({ page: page > 1 ? String(page) : undefined })}>
                  {i18n._("Previous")}
                </Button>
                <span className="soft small">{i18n._("{page} of {pages}", { page: formatNumber(page + 1), pages: formatNumber(pages) })}</span>
                <Button size="small" look="quiet" isDisabled={page + 1 >= pages} onPress={() => change({ page: String(page + 2) })}>
                  {i18n._("Next")}
                </Button>
              </span>
            )}
            <span className="grow" />
            <Button size="small" look="quiet" onPress={() => mark(nobody)} isDisabled={marked.size === 0}>
              {i18n._("Discard")}
            </Button>
            <Button look="primary" size="small" onPress={() => void send()} isDisabled={isBusy} why={why}>
              {isWaiting ? i18n._("Confirm the other {count}", { count: formatNumber(items.length - marked.size) }) : i18n._("Apply")} <kbd>F</kbd>
            </Button>
          </div>
        </>
      )}
    </div>
  );
}
