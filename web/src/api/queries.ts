// SPDX-License-Identifier: Apache-2.0
// What pages ask for, with the keys under which it is kept: ["services", …], ["tasks", …], ["datasets", …] go stale by events.
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { ask, client } from "./client";

export const servicesQuery = () =>
  queryOptions({ queryKey: ["services"], queryFn: async () => (await ask(client.GET("/api/v1/services"))).services });

export const serviceQuery = (service: string) =>
  queryOptions({
    queryKey: ["services", service],
    queryFn: async () => (await ask(client.GET("/api/v1/services/{service}", { params: { path: { service } } }))).service,
  });

export const sampleTasksQuery = (service: string) =>
  queryOptions({
    queryKey: ["tasks", "of-service", service],
    queryFn: async () => (await ask(client.GET("/api/v1/services/{service}/sample-tasks", { params: { path: { service } } }))).tasks,
  });

export const tasksQuery = (query: { kind?: string; subject?: string; state?: string; limit?: number } = {}) =>
  queryOptions({
    queryKey: ["tasks", "list", query],
    placeholderData: keepPreviousData,
    queryFn: () => ask(client.GET("/api/v1/tasks", { params: { query } })),
  });

export const taskQuery = (task: string) =>
  queryOptions({
    queryKey: ["tasks", task],
    queryFn: async () => (await ask(client.GET("/api/v1/tasks/{task}", { params: { path: { task } } }))).task,
  });

export const datasetsQuery = () =>
  queryOptions({ queryKey: ["datasets"], queryFn: async () => (await ask(client.GET("/api/v1/datasets"))).datasets });

export const datasetQuery = (dataset: string) =>
  queryOptions({
    queryKey: ["datasets", dataset],
    queryFn: async () => (await ask(client.GET("/api/v1/datasets/{dataset}", { params: { path: { dataset } } }))).dataset,
  });

export const versionsQuery = (dataset: string) =>
  queryOptions({
    queryKey: ["datasets", dataset, "versions"],
    queryFn: async () => (await ask(client.GET("/api/v1/datasets/{dataset}/versions", { params: { path: { dataset } } }))).versions,
  });

export const modelsQuery = () =>
  queryOptions({ queryKey: ["models"], queryFn: async () => (await ask(client.GET("/api/v1/models"))).models });
