// SPDX-License-Identifier: Apache-2.0
// What a sitting at Review deals with.
import type { Decision, DecisionQueue } from "./queue";

export interface SeenSample {
  id: string;
  revision: number;
  state: string;
  hard: boolean;
  labels: readonly { name: string; state: string }[];
}
/** Samples as they are loaded before they are looked at (Prefetch). */
export interface Source<T> {
  look(ids: readonly string[], at: number): void;
  peek(id: string): T | undefined;
  get(id: string): Promise<T>;
  renew(id: string): void;
}
export type Choice = Pick<Decision, "action" | "labels" | "boxes" | "nothing" | "hard">;

/** What a key comes to, once its sample is there. */
export type Step =
  | { kind: "decide"; choice: Choice; /** Names after it. */ labels: readonly string[]; isAsSuggested?: boolean; /** What says the same whatever the sample has become. */ over?: Choice; /** Goes to no other sample; shown so at once. */ stays?: { hard: boolean } }
  | { kind: "move"; by: number }
  | { kind: "stay" }
  | { kind: "say"; message: string };
export type Command<S> = (sample: S) => Step;

export interface Done {
  action: Decision["action"];
  labels: readonly string[];
  /** What the model had suggested. */
  before: readonly string[];
  /** Whether the suggestion was taken as it is. */
  isAsSuggested: boolean;
  hard?: boolean;
  over?: Choice;
  at: number;
}
export interface Conflict<S> {
  decision: Decision;
  done: Done;
  theirs: S;
}
export interface SittingOptions<S, T> {
  dataset: string;
  ids: readonly string[];
  at: number;
  source: Source<T>;
  queue: DecisionQueue;
  newKey: () => string;
  now?: () => number;
  /** The sample as a 412 and an answer tell it. */
  read: (told: unknown) => S | undefined;
  /** Something to tell the person. */
  say: (message: string) => void;
}
