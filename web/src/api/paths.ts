// SPDX-License-Identifier: Apache-2.0
// Folders of the server's machine, and files sent to it.
import { queryOptions } from "@tanstack/react-query";
import { ask, client, type Schemas } from "./client";
import type { Problem } from "./problem";

export type PathFiles = "manifest" | "model" | "image" | "dataset" | "none";

export const pathQuery = (path: string, files: PathFiles) =>
  queryOptions<Schemas["PathShown"], Problem>({
    queryKey: ["paths", path, files],
    staleTime: 10_000,
    retry: false,
    queryFn: ({ signal }) => ask(client.GET("/api/v1/paths", { params: { query: path === "" ? { files } : { path, files } }, signal })),
  });

/** Names of uploads: letters, digits, '.', '_' and '-', no dot first. A beginning of its own keeps two files of one name apart. */
export function uploadName(file: string): string {
  return `${crypto.randomUUID().slice(0, 8)}-${file.replaceAll(/[^\w.-]/g, "_").slice(-80)}`;
}

/** Sends a file; what a request names it by. */
export async function sendFile(file: File, name: string): Promise<string> {
  const { upload } = await ask(
    client.PUT("/api/v1/uploads/{upload}", {
      params: { path: { upload: name } },
      body: file as never,
      bodySerializer: (body: unknown) => body as BodyInit,
      headers: { "Content-Type": "application/octet-stream" },
    } as never),
  ) as { upload: Schemas["Upload"] };
  return upload.file;
}

/** It is taken away again; that it is there no longer is as good. */
export async function forgetFile(name: string): Promise<void> {
  await ask(client.DELETE("/api/v1/uploads/{upload}", { params: { path: { upload: name } } })).catch(() => undefined);
}
