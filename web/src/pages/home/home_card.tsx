// SPDX-License-Identifier: Apache-2.0
// A card of Home: its own skeleton and its own error; the others stay.
import type { UseQueryResult } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { ProblemBlock } from "../../widgets/problem_block";
import { Skeleton } from "../../widgets/skeleton";

export interface HomeCardProps<T> {
  title: string;
  query: UseQueryResult<T, unknown>;
  rows?: number;
  isWide?: boolean;
  beside?: ReactNode;
  children: (data: T) => ReactNode;
}

export function HomeCard<T>({ title, query, rows = 3, isWide = false, beside, children }: HomeCardProps<T>) {
  return (
    <section className={`card home-card${isWide ? " home-wide" : ""}`}>
      <header className="row">
        <h2 className="grow">{title}</h2>
        {beside}
      </header>
      {query.data !== undefined ? (
        children(query.data)
      ) : query.isError ? (
        <ProblemBlock thrown={query.error} onRetry={() => void query.refetch()} compact />
      ) : (
        <Skeleton rows={rows} height={32} />
      )}
    </section>
  );
}
