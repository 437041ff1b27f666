// SPDX-License-Identifier: Apache-2.0
// Review: one sample at a time, large, with why it is hard beside it; one key decides and shows the next, which is there already.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { CircleCheckBig } from "lucide-react";
import { useMemo, useState } from "react";
import { useParams } from "wouter";
import { datasetQuery } from "../../api/queries";
import { facetsQuery, sampleIds } from "../../api/samples";
import { useUrlState } from "../../app/url_state";
import { labelNames } from "../../labelling/label_names";
import { filterOf, queryOf } from "../../labelling/filter";
import { LinkButton } from "../../widgets/button";
import { EmptyState } from "../../widgets/empty_state";
import { ProblemBlock } from "../../widgets/problem_block";
import { Skeleton } from "../../widgets/skeleton";
import { Desk, QUEUE_MAX } from "./desk";
import "./review.css";

export default function ReviewPage() {
  const { i18n } = useLingui();
  const { dataset = "" } = useParams<{ dataset: string }>();
  const [url] = useUrlState();
  // As it was on entry: nothing moves while one works.
  const [entry] = useState(() => ({ filter: filterOf(url), sample: url["sample"] }));
  const query = useMemo(() => queryOf(entry.filter), [entry]);
  const steady = { staleTime: Infinity, gcTime: 0, refetchOnMount: false, refetchOnWindowFocus: false, refetchOnReconnect: false } as const;
  const ids = useQuery({ ...steady, queryKey: ["review", dataset, "ids", query, entry.filter.sort], queryFn: () => sampleIds(dataset, query, entry.filter.sort, QUEUE_MAX) });
  const known = useQuery({ ...steady, queryKey: ["review", dataset, "dataset"], queryFn: datasetQuery(dataset).queryFn });
  const facets = useQuery({ ...steady, queryKey: ["review", dataset, "facets"], queryFn: facetsQuery(dataset, {}).queryFn });
  const labels = useMemo(() => {
    return labelNames(known.data?.labels ?? [], (facets.data?.facets.labels ?? []).map(({ value }) => value));
  }, [known.data, facets.data]);

  // A sample that a link names is there also when so many come before it that the list ends sooner.
  const queue = useMemo(() => {
    const listed = ids.data?.ids ?? [];
    return entry.sample === undefined || listed.includes(entry.sample) ? listed : [entry.sample, ...listed];
  }, [ids.data, entry]);

  const failed = [ids, known, facets].find(({ isError }) => isError);
  if (failed) return <ProblemBlock thrown={failed.error} onRetry={() => void failed.refetch()} />;
  if (!ids.data || !known.data || !facets.data)
    return (
      <div className="review-waits">
        <Skeleton rows={4} height={120} />
      </div>
    );
  if (queue.length === 0)
    return (
      <>
      <h1 className="unseen">{i18n._("Review")}</h1>
      <EmptyState icon={CircleCheckBig} title={i18n._("Nothing to review")} actions={<LinkButton look="primary" href={`/datasets/${dataset}/label`}>{i18n._("To all samples")}</LinkButton>}>
        {entry.filter.state === "to_be_confirmed" ? i18n._("Nothing waits. Hard examples appear here when a task reaches Dataset imported.") : i18n._("No sample matches the filter any more.")}
      </EmptyState>
      </>
    );
  return <Desk dataset={known.data} labels={labels} ids={queue} total={ids.data.total} first={Math.max(0, queue.indexOf(entry.sample ?? ""))} filter={entry.filter} />;
}
