// SPDX-License-Identifier: Apache-2.0
// The one way to the server: typed by the server's own description of itself (docs/openapi.json).
import createClient, { type Middleware } from "openapi-fetch";
import type { components, paths } from "./schema";
import { Problem, problemOf } from "./problem";

export type Schemas = components["schemas"];

let csrfToken: string | null = null;
/** What the session said; sent with everything that changes something. */
export function setCsrfToken(token: string | null): void {
  csrfToken = token;
}

const signed: Middleware = {
  onRequest({ request }) {
    if (csrfToken !== null && request.method !== "GET") request.headers.set("X-CSRF-Token", csrfToken);
    return request;
  },
};

export const client = createClient<paths>({ credentials: "same-origin" });
client.use(signed);

type Answer<T> = { data?: T; error?: unknown; response: Response };

/** The data of an answer; throws a Problem, also when the server could not be reached. */
export async function ask<T>(call: Promise<Answer<T>>): Promise<T> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (cause) {
    throw Problem.unreachable(cause);
  }
  if (answer.error !== undefined || !answer.response.ok) throw problemOf(answer.error, answer.response);
  return answer.data as T;
}

/** A key under which the server carries a request out once, however often it is sent. */
export function idempotencyKey(): string {
  return crypto.randomUUID();
}
