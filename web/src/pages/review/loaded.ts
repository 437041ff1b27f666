// SPDX-License-Identifier: Apache-2.0
// What Review shows of a sample, fetched before it is looked at: first what it is with its picture decoded, then why it is hard.
import { ask, client, type Schemas } from "../../api/client";
import { imagePath } from "../../api/samples";
import { asProblem, Problem, problemOf } from "../../api/problem";
import type { Loader } from "../../labelling/prefetch";

export interface Loaded {
  sample: Schemas["Sample"];
  image: HTMLImageElement | null; // null: it cannot be shown
  /** Why it cannot, as the server says it. */
  whyNot?: string;
}
export interface Evidence {
  explanation: Schemas["Explanation"] | null;
  neighbors: readonly Schemas["Neighbor"][];
  /** Held so that the browser keeps them decoded. */
  pictures: readonly HTMLImageElement[];
}

const NEIGHBORS = 5;

/** What may rightly be missing: a sample that no filtering found has no explanation. */
async function orNothing<T>(call: Promise<T>): Promise<T | null> {
  try {
    return await call;
  } catch (thrown) {
    const { status } = asProblem(thrown);
    if (status >= 400 && status < 500) return null;
    throw thrown;
  }
}

export async function decoded(path: string, priority: "high" | "low" = "high"): Promise<HTMLImageElement | null> {
  const image = new Image();
  image.fetchPriority = priority;
  image.src = path;
  try {
    await image.decode();
    return image;
  } catch {
    return null;
  }
}

export const sampleLoader: Loader<Loaded> = {
  async load(id, signal) {
    const { sample } = await ask(client.GET("/api/v1/samples/{sample}", { params: { path: { sample: id } }, signal }));
    const path = imagePath(sample, "mid");
    const image = await decoded(path);
    if (image) return { sample, image };
    // A picture that did not come because nothing comes is no broken picture: this throws then.
    const whyNot = await whyGone(path, signal);
    return { sample, image: whyNot === undefined ? await decoded(path) : null, whyNot };
  },
};
/** undefined: the picture is there after all. */
async function whyGone(path: string, signal: AbortSignal): Promise<string | undefined> {
  let response: Response;
  try {
    response = await fetch(path, { signal, credentials: "same-origin" });
  } catch (cause) {
    throw Problem.unreachable(cause);
  }
  if (response.ok) return undefined;
  return problemOf(await response.json().catch(() => null), response).message;
}

/** Filterings without a training set: their samples have no nearest training samples, and nobody need be asked again. */
const untrained = new Set<string>();

async function nearest(id: string, task: string, signal: AbortSignal): Promise<Evidence["neighbors"]> {
  const near = await orNothing(ask(client.GET("/api/v1/samples/{sample}/neighbors", { params: { path: { sample: id }, query: { k: NEIGHBORS } }, signal })));
  if (near === null) untrained.add(task);
  return near?.neighbors ?? [];
}

export const evidenceLoader: Loader<Evidence> = {
  async load(id, signal) {
    const path = { path: { sample: id } };
    const explanation = await orNothing(ask(client.GET("/api/v1/samples/{sample}/explanation", { params: path, signal })));
    const task = explanation?.task ?? "";
    const neighbors = untrained.has(task) ? [] : await nearest(id, task, signal);
    const paths = [...neighbors.map(({ image }) => image), ...(explanation?.reasons ?? []).flatMap(({ augmented }) => (augmented ? [augmented.image] : []))];
    if (signal.aborted) return { explanation, neighbors, pictures: [] };
    const pictures = paths.map((one) => {
      const image = new Image();
      image.fetchPriority = "low";
      image.src = one;
      return image;
    });
    return { explanation, neighbors, pictures };
  },
  drop({ pictures }) {
    for (const picture of pictures) if (!picture.complete) picture.src = "";
  },
};
