// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { CircleCheckBig } from "lucide-react";
import { ask, client, type Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { Button } from "../../widgets/button";
import { EmptyState } from "../../widgets/empty_state";
import { Facts } from "../../widgets/facts";
import { ProblemBlock } from "../../widgets/problem_block";
import { Skeleton } from "../../widgets/skeleton";
import { Group } from "./group";

const PAGE = 20;

interface Counts {
  compared?: number;
  groups?: number;
  duplicates?: number;
  leaks?: number;
  contradictions?: number;
  unreadable?: number;
  against?: string;
}

/** What a task that ended well has found. */
export function Found({ task }: { task: Schemas["Task"] }) {
  const { i18n } = useLingui();
  const counts = (task.result ?? {}) as Counts;
  const found = useInfiniteQuery({
    queryKey: ["duplicates", task.id],
    staleTime: Infinity,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      ask(client.GET("/api/v1/tasks/{task}/duplicates", { params: { path: { task: task.id }, query: { limit: PAGE, ...(pageParam && { cursor: pageParam }) } }, signal })),
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
  const groups = found.data?.pages.flatMap((page) => page.groups);
  const said = (count: number | undefined) => formatNumber(count ?? 0);
  return (
    <>
      <Facts
        facts={[
          [i18n._("Leaks"), <strong key="leaks" className={counts.leaks ? "duplicates-bad" : ""}>{said(counts.leaks)}</strong>],
          [i18n._("Contradictions"), <strong key="contradictions" className={counts.contradictions ? "duplicates-bad" : ""}>{said(counts.contradictions)}</strong>],
          [i18n._("Groups of duplicates"), said(counts.groups)],
          [i18n._("Samples in them"), said(counts.duplicates)],
          [i18n._("Compared"), said(counts.compared)],
          ...(counts.unreadable ? [[i18n._("Not readable"), said(counts.unreadable)] as const] : []),
          ...(counts.against ? [[i18n._("Compared with"), counts.against] as const] : []),
        ]}
      />
      {found.isError && <ProblemBlock thrown={found.error} onRetry={() => void found.refetch()} />}
      {found.isPending && <Skeleton rows={4} height={120} />}
      {groups?.length === 0 && (
        <div className="card">
          <EmptyState icon={CircleCheckBig} title={i18n._("No duplicates")}>
            {i18n._("No two samples show the same.")}
          </EmptyState>
        </div>
      )}
      {groups?.map((group, at) => (
        <Group key={at} group={group} />
      ))}
      {found.hasNextPage && (
        <div>
          <Button onPress={() => void found.fetchNextPage()} isDisabled={found.isFetchingNextPage}>
            {i18n._("Show more")}
          </Button>
        </div>
      )}
    </>
  );
}
