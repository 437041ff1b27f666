// SPDX-License-Identifier: Apache-2.0
// What went wrong, as the server says it (application/problem+json, RFC 9457).
import type { components } from "./schema";

type Body = components["schemas"]["Problem"];

export class Problem extends Error {
  readonly status: number; // 0: no answer came
  readonly body: Partial<Body>;

  constructor(status: number, body: Partial<Body>, options?: ErrorOptions) {
    super(body.detail ?? body.title ?? `HTTP ${status}`, options);
    this.name = "Problem";
    this.status = status;
    this.body = body;
  }

  static unreachable(cause: unknown): Problem {
    return new Problem(0, { retryable: true }, { cause });
  }

  /** The message about a member of the request, by its JSON pointer; undefined when there is none. */
  about(pointer: string): string | undefined {
    return this.body.errors?.find((place) => place.pointer === pointer)?.detail;
  }

  get isUnreachable(): boolean {
    return this.status === 0;
  }
}

export function problemOf(error: unknown, response: Response): Problem {
  const body = typeof error === "object" && error !== null ? (error as Partial<Body>) : {};
  return new Problem(response.status, {
    instance: response.headers.get("X-Request-Id") ?? undefined,
    ...body,
  });
}

/** Any thrown thing as a Problem. */
export function asProblem(thrown: unknown): Problem {
  if (thrown instanceof Problem) return thrown;
  return new Problem(-1, { detail: thrown instanceof Error ? thrown.message : String(thrown) });
}
