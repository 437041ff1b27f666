// SPDX-License-Identifier: Apache-2.0
import { queryOptions } from "@tanstack/react-query";
import { ask, client } from "../../api/client";

export const runQuery = (service: string, run: string) =>
  queryOptions({
    queryKey: ["services", service, "run", run],
    queryFn: () => ask(client.GET("/api/v1/services/{service}/runs/{run}", { params: { path: { service, run } } })),
  });

/** What never changes once the run is complete. */
export const resultQuery = (service: string, result: string) =>
  queryOptions({
    queryKey: ["result", service, result],
    staleTime: Infinity,
    queryFn: async ({ signal }) =>
      (await ask(client.GET("/api/v1/services/{service}/results/{result}", { params: { path: { service, result } }, signal }))).result,
  });
