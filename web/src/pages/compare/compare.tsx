// SPDX-License-Identifier: Apache-2.0
// What changed from one published version to another: counts, classes, and the samples themselves.
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { GitCompareArrows } from "lucide-react";
import { Link, ToggleButton, ToggleButtonGroup } from "react-aria-components";
import { useParams } from "wouter";
import { ask, client } from "../../api/client";
import { versionsQuery } from "../../api/queries";
import { useUrlState } from "../../app/url_state";
import { formatNumber } from "../../i18n/i18n";
import { Button } from "../../widgets/button";
import { EmptyState } from "../../widgets/empty_state";
import { Select } from "../../widgets/field";
import { PageHeader } from "../../widgets/page_header";
import { ProblemBlock } from "../../widgets/problem_block";
import { Skeleton } from "../../widgets/skeleton";
import { ChangeList } from "./change_list";
import { ClassChanges } from "./class_changes";
import { changeWord, kinds, pairOf, type ChangeKind } from "./changes";
import "./compare.css";

const PAGE = 60;

export default function ComparePage() {
  const { i18n } = useLingui();
  const { dataset = "" } = useParams<{ dataset: string }>();
  const versions = useQuery(versionsQuery(dataset));
  const [url, change] = useUrlState();
  const names = versions.data?.map(({ name }) => name) ?? [];
  const pair = pairOf(names, url["from"], url["to"]);
  const header = (
    <PageHeader
      title={i18n._("Compare versions")}
      crumbs={[
        { title: i18n._("Datasets"), href: "/datasets" },
        { title: dataset, href: `/datasets/${dataset}?tab=versions` },
      ]}
    />
  );
  if (versions.isError) return <ProblemBlock thrown={versions.error} onRetry={() => void versions.refetch()} />;
  if (versions.isPending) return <Skeleton rows={8} />;
  if (pair === null)
    return (
      <>
        {header}
        <div className="card">
          <EmptyState icon={GitCompareArrows} title={i18n._("Two versions are needed")}>
            {i18n._("What changed is shown from one published version to another.")}
          </EmptyState>
        </div>
      </>
    );
  const choices = names.map((name) => ({ id: name, name })).reverse();
  return (
    <div className="stack">
      {header}
      <div className="compare-pair">
        <Select label={i18n._("Before")} value={pair.from} onChange={(from) => change({ from })} choices={choices} />
        <Button onPress={() => change({ from: pair.to, to: pair.from })}>
          <GitCompareArrows size={15} aria-hidden />
          {i18n._("Swap")}
        </Button>
        <Select label={i18n._("After")} value={pair.to} onChange={(to) => change({ to })} choices={choices} />
      </div>
      <Difference dataset={dataset} from={pair.from} to={pair.to} kind={kinds.find((kind) => kind === url["kind"])} onKind={(kind) => change({ kind })} />
    </div>
  );
}

interface DifferenceProps {
  dataset: string;
  from: string;
  to: string;
  kind: ChangeKind | undefined;
  onKind: (kind: ChangeKind | undefined) => void;
}
function Difference({ dataset, from, to, kind, onKind }: DifferenceProps) {
  const { i18n } = useLingui();
  const found = useInfiniteQuery({
    queryKey: ["diff", dataset, from, to, kind ?? null],
    staleTime: Infinity, // versions never change
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      ask(
        client.GET("/api/v1/datasets/{dataset}/versions/{version}/diff", {
          params: { path: { dataset, version: from }, query: { to, limit: PAGE, ...(kind && { kind }), ...(pageParam && { cursor: pageParam }) } },
          signal,
        }),
      ),
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
  if (found.isError) return <ProblemBlock thrown={found.error} onRetry={() => void found.refetch()} />;
  const diff = found.data?.pages[0]?.diff;
  if (!diff) return <Skeleton rows={8} />;
  const changes = found.data?.pages.flatMap((page) => page.changes) ?? [];
  const changed = kinds.reduce((sum, one) => sum + diff[one], 0);
  return (
    <>
      <ToggleButtonGroup
        aria-label={i18n._("Kind of change")}
        className="compare-kinds"
        selectedKeys={[kind ?? "all"]}
        disallowEmptySelection
        onSelectionChange={(keys) => onKind(kinds.find((one) => keys.has(one)))}
      >
        <ToggleButton id="all" className="compare-kind">
          <strong>{formatNumber(changed)}</strong> {i18n._("All changes")}
        </ToggleButton>
        {kinds.map((one) => (
          <ToggleButton key={one} id={one} className={`compare-kind ${one}`} isDisabled={diff[one] === 0}>
            <strong>{formatNumber(diff[one])}</strong> {changeWord(i18n, one)}
          </ToggleButton>
        ))}
        <span className="compare-kind still soft">
          <strong>{formatNumber(diff.unchanged)}</strong> {i18n._("Unchanged")}
        </span>
      </ToggleButtonGroup>
      <div className="compare-body">
        <section className="stack tight">
          <h2>{i18n._("Samples")}</h2>
          <ChangeList dataset={dataset} changes={changes} />
          {found.hasNextPage && (
            <div>
              <Button onPress={() => void found.fetchNextPage()} isDisabled={found.isFetchingNextPage}>
                {i18n._("Show more")}
              </Button>
            </div>
          )}
        </section>
        <ClassChanges classes={diff.classes} />
      </div>
      <Link href={`/datasets/${dataset}?tab=versions`} className="small">
        {i18n._("All versions")}
      </Link>
    </>
  );
}
