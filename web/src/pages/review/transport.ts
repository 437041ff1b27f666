// SPDX-License-Identifier: Apache-2.0
// How decisions reach the server, and the one queue of them that this page has.
import { ask, client, idempotencyKey } from "../../api/client";
import { asProblem, problemOf } from "../../api/problem";
import { DecisionStore } from "../../labelling/decision_store";
import { DecisionQueue, type Decision, type Outcome, type Transport } from "../../labelling/queue";

interface Answer {
  data?: { sample?: { revision: number }; operation_id?: string | null };
  error?: unknown;
  response: Response;
}

/** What may go better the next time: no answer, nobody signed in, a busy or stopping server, a key that is being answered. */
function outcomeOf({ data, error, response }: Answer): Outcome {
  if (response.ok) return { kind: "done", operation: data?.operation_id ?? null, revision: data?.sample?.revision ?? 0, sample: data?.sample };
  const problem = problemOf(error, response);
  const { status } = response;
  if (status === 412) return { kind: "conflict", current: (problem.body.current as { sample?: unknown } | undefined)?.sample, message: problem.message };
  if (status === 401 || status === 429 || status >= 502 || problem.body.retryable === true) {
    const seconds = Number(response.headers.get("Retry-After"));
    return { kind: "unreachable", retrySeconds: seconds > 0 ? seconds : undefined };
  }
  return { kind: "refused", message: [problem.message, problem.body.advice].filter(Boolean).join(" ") };
}

async function tried(call: Promise<unknown>): Promise<Outcome> {
  try {
    return outcomeOf((await call) as Answer);
  } catch (thrown) {
    return asProblem(thrown).status > 0 ? { kind: "refused", message: asProblem(thrown).message } : { kind: "unreachable" };
  }
}

const transport: Transport = {
  send: ({ key, sample, revision, action, labels, boxes, nothing, hard }: Decision) => {
    const params = { path: { sample }, header: { "Idempotency-Key": key, "If-Match": `"${revision}"` } };
    const body = { ...(labels && { labels }), ...(boxes && { box: boxes }), ...(nothing && { nothing }) };
    if (action === "annotate") return tried(client.PATCH("/api/v1/samples/{sample}/annotation", { params, body: { ...body, ...(hard !== undefined && { hard }) } as never }));
    return tried(client.POST("/api/v1/samples/{sample}/decide", { params, body: { action, ...body } as never }));
  },
  undo: (operation, key) => tried(client.POST("/api/v1/operations/{operation}/undo", { params: { path: { operation }, header: { "Idempotency-Key": key } } })),
};

/** Sends on what an earlier page left unsent, as soon as it is made. */
export const decisions = new DecisionQueue(transport, new DecisionStore(localStorage));
window.addEventListener("online", () => decisions.hurry());

export const redoOperation = (operation: string) =>
  ask(client.POST("/api/v1/operations/{operation}/redo", { params: { path: { operation }, header: { "Idempotency-Key": idempotencyKey() } } }));

const LOOKED_AT = 100;
/** The person's last decision on one sample of the dataset that still holds; null: there is none. */
export async function lastOperation(dataset: string, user: string | null): Promise<{ sample: string; operation: string } | null> {
  const { operations } = await ask(client.GET("/api/v1/operations", { params: { query: { dataset, limit: LOOKED_AT } } }));
  const last = operations.find((one) => one.state === "done" && one.samples === 1 && one.user === user);
  if (!last) return null;
  const { changes } = await ask(client.GET("/api/v1/operations/{operation}", { params: { path: { operation: last.id }, query: { limit: 1 } } }));
  return changes[0] ? { sample: changes[0].sample, operation: last.id } : null;
}
