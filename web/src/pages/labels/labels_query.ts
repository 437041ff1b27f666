// SPDX-License-Identifier: Apache-2.0
import { queryOptions, useQueryClient } from "@tanstack/react-query";
import { ask, client, idempotencyKey, type Schemas } from "../../api/client";

export type Label = Schemas["Label"];
export type LabelChange = Schemas["LabelChange"];

export const labelsQuery = (dataset: string) =>
  queryOptions({
    queryKey: ["datasets", dataset, "labels"],
    queryFn: async ({ signal }) => (await ask(client.GET("/api/v1/datasets/{dataset}/labels", { params: { path: { dataset } }, signal }))).labels,
  });

/** What a change of labels makes stale: the dataset, its counts, and the samples that are shown. */
export function useStaleLabels(dataset: string): () => Promise<unknown> {
  const queries = useQueryClient();
  return () => Promise.all([queries.invalidateQueries({ queryKey: ["datasets"] }), queries.invalidateQueries({ queryKey: ["samples", dataset] })]);
}

export const createLabel = (dataset: string, body: object) => ask(client.POST("/api/v1/datasets/{dataset}/labels", { params: { path: { dataset } }, body: body as never }));
export const editLabel = (dataset: string, label: string, body: object) => ask(client.PATCH("/api/v1/datasets/{dataset}/labels/{label}", { params: { path: { dataset, label } }, body: body as never }));
export const mergeLabel = (dataset: string, label: string, into: string, preview: boolean) =>
  ask(client.POST("/api/v1/datasets/{dataset}/labels/{label}/merge", { params: { path: { dataset, label }, ...(!preview && { header: { "Idempotency-Key": idempotencyKey() } }) }, body: { into, ...(preview && { preview }) } as never }));

export const policies = ["label", "samples", "files"] as const;
export type Policy = (typeof policies)[number];
export const deleteLabel = (dataset: string, label: string, policy: Policy, preview: boolean) =>
  ask(client.DELETE("/api/v1/datasets/{dataset}/labels/{label}", { params: { path: { dataset, label }, query: { policy, ...(preview && { preview }) } as never } }));
