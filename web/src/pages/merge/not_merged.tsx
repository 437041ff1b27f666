// SPDX-License-Identifier: Apache-2.0
import { useInfiniteQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import type { I18n } from "@lingui/core";
import { Link } from "react-aria-components";
import { ask, client, type Schemas } from "../../api/client";
import { imagePath } from "../../api/samples";
import { Button } from "../../widgets/button";
import { ProblemBlock } from "../../widgets/problem_block";
import { Skeleton } from "../../widgets/skeleton";
import { Thumb } from "../../widgets/thumb";
import { counted, namesOf } from "../compare/changes";
import "./merge.css";

const PAGE = 20;

/** Samples that a merge left to a person, or that were there already: each beside the one that it met. */
export function NotMerged({ task, kind, title, from }: { task: string; kind: "left" | "duplicates"; title: string; from: string }) {
  const { i18n } = useLingui();
  const query = useInfiniteQuery({
    queryKey: ["merged", task, kind],
    staleTime: Infinity,
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam, signal }) =>
      ask(client.GET("/api/v1/tasks/{task}/merged", { params: { path: { task }, query: { kind, limit: PAGE, ...(pageParam && { cursor: pageParam }) } }, signal })),
    getNextPageParam: ({ next_cursor }) => next_cursor ?? undefined,
  });
  const pairs = query.data?.pages.flatMap(({ samples }) => samples);
  return (
    <section className="stack tight" aria-label={title}>
      <h2>{title}</h2>
      {query.isError && <ProblemBlock thrown={query.error} onRetry={() => void query.refetch()} />}
      {query.isPending && <Skeleton rows={2} height={180} />}
      <ul className="merge-pairs">
        {pairs?.map((pair) => (
          <Pair key={`${pair.id}-${pair.other_id}`} pair={pair} from={from} />
        ))}
      </ul>
      {query.hasNextPage && (
        <div>
          <Button onPress={() => void query.fetchNextPage()} isDisabled={query.isFetchingNextPage}>
            {i18n._("Show more")}
          </Button>
        </div>
      )}
    </section>
  );
}

function why(i18n: I18n, kind: string): string {
  const words: Record<string, () => string> = {
    contradiction: () => i18n._("Contradiction: labeled in two ways"),
    excluded: () => i18n._("Excluded there"),
    unreadable: () => i18n._("Its image could not be read"),
    duplicate: () => i18n._("The same image, labeled alike"),
  };
  return words[kind]?.() ?? kind;
}

function Pair({ pair, from }: { pair: Schemas["NotMerged"]; from: string }) {
  const { i18n } = useLingui();
  const look = pair.kind === "contradiction" ? "bad" : pair.kind === "duplicate" ? "" : "wait";
  return (
    <li className="card stack tight">
      <span className={`merge-tag ${look}`}>{why(i18n, pair.kind)}</span>
      <div className="merge-pair">
        <One id={pair.id} source={pair.source} labels={pair.labels} dataset={from} />
        {pair.other_id && <One id={pair.other_id} source={pair.other_source ?? ""} labels={pair.other_labels} dataset={pair.other_dataset ?? ""} />}
      </div>
    </li>
  );
}

function One({ id, source, labels, dataset }: { id: string; source: string; labels: unknown; dataset: string }) {
  const { i18n } = useLingui();
  const name = source.split("/").at(-1) ?? source;
  const names = counted(namesOf(labels));
  return (
    <div className="merge-one">
      <Link href={`/datasets/${dataset}/review?sample=${id}`} aria-label={i18n._("Review {name} in {dataset}", { name, dataset })}>
        <Thumb src={imagePath({ id }, "thumb")} />
      </Link>
      <strong className="one-line">{names.length > 0 ? names.join(", ") : i18n._("none of the classes")}</strong>
      <span className="one-line small" title={source}>
        {name}
      </span>
      <span className="one-line small soft">{dataset}</span>
    </div>
  );
}
