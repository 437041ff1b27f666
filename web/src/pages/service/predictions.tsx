// SPDX-License-Identifier: Apache-2.0
// Predictions: what the model said of each image of the latest run, by class, score and failure; one of them in full beside.
import { keepPreviousData, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { Images } from "lucide-react";
import { useMemo } from "react";
import { ask, client, type Schemas } from "../../api/client";
import { useUrlState } from "../../app/url_state";
import { formatNumber } from "../../i18n/i18n";
import { Button, LinkButton } from "../../widgets/button";
import { EmptyState } from "../../widgets/empty_state";
import { Select } from "../../widgets/field";
import { ProblemBlock } from "../../widgets/problem_block";
import { Skeleton } from "../../widgets/skeleton";
import { FailedList } from "./failed_list";
import { PredictionGrid } from "./prediction_grid";
import { PredictionPanel } from "./prediction_panel";
import { runQuery } from "./run_query";
import { scoreRanges, scoreRangeOf } from "./score_ranges";
import "./predictions.css";

const PAGE = 200;
const ANY = "any";
type Shown = "ok" | "failed";

export function Predictions({ service }: { service: Schemas["Service"] }) {
  const { i18n } = useLingui();
  const [state, change] = useUrlState();
  const isDetection = service.model_type === "object_detection";
  const run = useQuery({ ...runQuery(service.name, service.run ?? ""), enabled: service.run !== null });
  const shown: Shown = state["show"] === "failed" ? "failed" : "ok";
  const wantedClass = state["class"];
  const range = scoreRangeOf(state["score"]);
  const results = useInfiniteQuery({
    queryKey: ["services", service.name, "results", service.run, shown, wantedClass, range],
    enabled: run.data?.run.is_complete === true,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (last: Schemas["Results"]) => last.next_cursor ?? undefined,
    queryFn: ({ pageParam, signal }): Promise<Schemas["Results"]> =>
      ask(
        client.GET("/api/v1/services/{service}/results", {
          params: {
            path: { service: service.name },
            query: {
              run: service.run ?? undefined,
              state: shown,
              limit: PAGE,
              ...(pageParam !== undefined && { cursor: pageParam }),
              ...(shown === "ok" && wantedClass !== undefined && { class: wantedClass }),
              ...(shown === "ok" && range && { score_min: range[0], score_max: range[1] }),
            },
          },
          signal,
        }),
      ),
  });
  const rows = useMemo(() => results.data?.pages.flatMap((page) => page.results) ?? [], [results.data]);
  const total = results.data?.pages[0]?.total;
  if (service.run === null)
    return (
      <EmptyState icon={Images} title={i18n._("It has not run yet")}>
        {i18n._("Start the service: what it predicts appears here.")}
      </EmptyState>
    );
  if (run.isError) return <ProblemBlock thrown={run.error} onRetry={() => void run.refetch()} />;
  if (run.data && !run.data.run.is_complete)
    return (
      <EmptyState icon={Images} title={i18n._("The run is not complete")}>
        {i18n._("Predictions can be looked through when all images are done.")}
      </EmptyState>
    );
  const { classes = [], run: facts } = run.data ?? {};
  const open = state["result"];
  const place = rows.findIndex((row) => row.id === open);
  const show = (id: string | undefined) => change({ result: id }, { replace: open !== undefined });
  const clear = () => change({ class: undefined, score: undefined });
  return (
    <div className="stack">
      <div className="prediction-filters">
        <Select
          label={i18n._("Show")}
          value={shown}
          onChange={(chosen) => change({ show: chosen === "ok" ? undefined : chosen, result: undefined })}
          choices={[
            { id: "ok", name: i18n._("Predicted ({count})", { count: formatNumber((facts?.images ?? 0) - (facts?.failed ?? 0)) }) },
            { id: "failed", name: i18n._("Failed ({count})", { count: formatNumber(facts?.failed ?? 0) }) },
          ]}
        />
        {shown === "ok" && (
          <>
            <Select
              label={i18n._("Class")}
              value={wantedClass ?? ANY}
              onChange={(chosen) => change({ class: chosen === ANY ? undefined : chosen, result: undefined })}
              choices={[{ id: ANY, name: i18n._("Any class") }, ...classes.map(({ label, images }) => ({ id: label, name: label, note: i18n._("{count, plural, one {# image} other {# images}}", { count: images }) }))]}
            />
            <Select
              label={i18n._("Best score")}
              value={state["score"] ?? ANY}
              onChange={(chosen) => change({ score: chosen === ANY ? undefined : chosen, result: undefined })}
              choices={[{ id: ANY, name: i18n._("Any score") }, ...rangesWith(state["score"]).map(([low, high]) => ({ id: `${low}..${high}`, name: `${formatNumber(low)} – ${formatNumber(high)}` }))]}
            />
          </>
        )}
        <span className="grow" />
        {total !== undefined && <span className="soft prediction-total">{i18n._("{count, plural, one {# image} other {# images}}", { count: total })}</span>}
        <LinkButton href={`/api/v1/services/${service.name}/runs/${service.run}/manifest`} download={`infer-result-${service.run}.manifest`} target="_blank">
          {i18n._("Download manifest")}
        </LinkButton>
      </div>
      {results.isError && !results.data && <ProblemBlock thrown={results.error} onRetry={() => void results.refetch()} />}
      {!results.data && !results.isError && <Skeleton rows={3} height={200} />}
      {results.data && rows.length === 0 && (
        <div className="card">
          {shown === "failed" ? (
            <EmptyState icon={Images} title={i18n._("No image failed")} />
          ) : (
            <EmptyState icon={Images} title={i18n._("No image matches")} actions={<Button onPress={clear}>{i18n._("Clear filters")}</Button>} />
          )}
        </div>
      )}
      {rows.length > 0 && shown === "failed" && <FailedList service={service} rows={rows} hasMore={results.hasNextPage} onMore={() => void results.fetchNextPage()} />}
      {rows.length > 0 && shown === "ok" && (
        <div className={open ? "predictions with-panel" : "predictions"}>
          <PredictionGrid
            service={service.name}
            rows={rows}
            total={total ?? rows.length}
            isDetection={isDetection}
            open={open}
            onOpen={show}
            onMore={() => {
              if (results.hasNextPage && !results.isFetchingNextPage) void results.fetchNextPage();
            }}
          />
          {open && <PredictionPanel service={service.name} result={open} onClose={() => show(undefined)} onPrevious={place > 0 ? () => show(rows[place - 1]?.id) : undefined} onNext={place >= 0 && place < rows.length - 1 ? () => show(rows[place + 1]?.id) : undefined} />}
        </div>
      )}
    </div>
  );
}

/** The usual ranges, and the one that the URL names. */
function rangesWith(text: string | undefined): readonly (readonly [number, number])[] {
  const named = scoreRangeOf(text);
  return named && !scoreRanges.some(([low, high]) => low === named[0] && high === named[1]) ? [named, ...scoreRanges] : scoreRanges;
}
