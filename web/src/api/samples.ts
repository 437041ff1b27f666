// SPDX-License-Identifier: Apache-2.0
// Samples of a dataset: pages that are jumped to, counts, decisions on many. Pages are kept under ["samples", dataset]: nothing but the
// page that shows them makes them stale, so that what one looks at does not move because something happened elsewhere.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ask, client, idempotencyKey, type Schemas } from "./client";

export type SampleRow = Required<Pick<Schemas["Sample"], "id" | "source" | "state" | "hard" | "hard_coefficient" | "reasons" | "labels" | "width" | "height" | "content_hash" | "revision" | "is_excluded">>;
const FIELDS = ["source", "state", "hard", "hard_coefficient", "reasons", "labels", "width", "height", "content_hash", "revision", "is_excluded"];

export const PAGE = 100;
/** So many are decided, or named, at once. */
export const DECIDE_MAX = 100_000;

export interface SamplePage {
  samples: SampleRow[];
  total: number;
}

export const samplePageQuery = (dataset: string, query: object, sort: string, page: number) =>
  queryOptions({
    queryKey: ["samples", dataset, query, sort, page],
    staleTime: Infinity,
    queryFn: async ({ signal }): Promise<SamplePage> => {
      const body = { ...query, sort, limit: PAGE, offset: page * PAGE, fields: FIELDS };
      const answer = await ask(client.POST("/api/v1/datasets/{dataset}/samples:query", { params: { path: { dataset } }, body: body as never, signal }));
      return { samples: (answer.samples ?? []) as SampleRow[], total: answer.total };
    },
  });

export const facetsQuery = (dataset: string, query: object) =>
  queryOptions({
    queryKey: ["datasets", dataset, "facets", query],
    placeholderData: keepPreviousData,
    queryFn: ({ signal }) => ask(client.POST("/api/v1/datasets/{dataset}/facets", { params: { path: { dataset } }, body: query as never, signal })),
  });

/** Ids in their order, for a queue or a range. */
export async function sampleIds(dataset: string, query: object, sort: string, limit: number, offset = 0): Promise<{ ids: string[]; total: number }> {
  const body = { ...query, sort, limit, ids_only: true, ...(offset > 0 && { offset }) };
  const answer = await ask(client.POST("/api/v1/datasets/{dataset}/samples:query", { params: { path: { dataset } }, body: body as never }));
  return { ids: (answer.ids ?? []) as unknown as string[], total: answer.total };
}

export interface BulkDecision {
  target: object;
  action: "confirm" | "reject" | "mark_hard" | "clear_hard" | "exclude" | "include";
  labels?: string[];
}
export function decideAll(dataset: string, decision: BulkDecision): Promise<Schemas["Outcomes"]> {
  const params = { path: { dataset }, header: { "Idempotency-Key": idempotencyKey() } };
  return ask(client.POST("/api/v1/datasets/{dataset}/samples:decide", { params, body: decision as never }));
}
export function undoOperation(operation: string): Promise<Schemas["OperationTurned"]> {
  return ask(client.POST("/api/v1/operations/{operation}/undo", { params: { path: { operation }, header: { "Idempotency-Key": idempotencyKey() } } }));
}

/** Where the picture of a sample is; kept by the browser for ever, as its content does not change. */
export function imagePath(sample: { id: string; content_hash?: string | null }, size: "thumb" | "mid" | "orig"): string {
  const rev = sample.content_hash ? `&rev=${sample.content_hash.slice(0, 8)}` : "";
  return `/api/v1/samples/${sample.id}/image?size=${size}${rev}`;
}
export function redoOperation(operation: string): Promise<Schemas["OperationTurned"]> {
  return ask(client.POST("/api/v1/operations/{operation}/redo", { params: { path: { operation }, header: { "Idempotency-Key": idempotencyKey() } } }));
}
