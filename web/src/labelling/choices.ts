// SPDX-License-Identifier: Apache-2.0
// What a key at Review comes to, for the sample it falls on.
import { hasOtherShapes } from "./boxes";
import { boxOf, boxText } from "./shape";
import type { Choice, SeenSample, Step } from "./sitting";

export interface LabeledSample extends SeenSample {
  labels: readonly { name: string; state: string; shape?: unknown }[];
}
/** Why a key does nothing here; words for it are the page's. */
export type Refusal = "no_label" | "no_box" | "other_shapes";
export interface Kind {
  isDetection: boolean;
  say: (refusal: Refusal) => string;
}

const namesOf = (sample: SeenSample) => [...new Set(sample.labels.map(({ name }) => name))];
const isSuggestion = (sample: SeenSample) => sample.labels.length > 0 && sample.labels.every(({ state }) => state === "suggested");

/** All that the sample shows now, as an answer of one's own; undefined: it shows nothing. */
function ownAnswer(sample: LabeledSample, isDetection: boolean): Pick<Choice, "labels" | "boxes" | "nothing"> | undefined {
  if (!isDetection) return sample.labels.length > 0 ? { labels: namesOf(sample) } : undefined;
  const boxes = sample.labels.flatMap((label) => {
    const box = boxOf(label);
    return box ? [boxText(label.name, box)] : [];
  });
  if (boxes.length > 0) return { boxes };
  return sample.state === "unlabeled" ? undefined : { nothing: true };
}

const refused = ({ say, isDetection }: Kind): Step => ({ kind: "say", message: say(isDetection ? "no_box" : "no_label") });

/** What is shown is right. */
export function confirming<S extends LabeledSample>(kind: Kind): (sample: S) => Step {
  return (sample) => {
    const labels = namesOf(sample);
    if (isSuggestion(sample) || (kind.isDetection && sample.labels.length === 0 && sample.state === "to_be_confirmed"))
      return { kind: "decide", choice: { action: "confirm" }, labels, isAsSuggested: true, over: { action: "confirm", ...ownAnswer(sample, kind.isDetection) } };
    // Boxes alone would take the place of its other shapes.
    if (hasOtherShapes(sample.labels)) return sample.state === "labeled" ? { kind: "move", by: 1 } : { kind: "say", message: kind.say("other_shapes") };
    const answer = ownAnswer(sample, kind.isDetection);
    return answer ? { kind: "decide", choice: { action: "confirm", ...answer }, labels, isAsSuggested: true } : refused(kind);
  };
}

/** It is these classes instead. */
export function labelling<S extends LabeledSample>(labels: readonly string[]): (sample: S) => Step {
  return (sample) => {
    const before = namesOf(sample);
    const isSame = before.length === labels.length && labels.every((label) => before.includes(label));
    return { kind: "decide", choice: { action: "confirm", labels }, labels, isAsSuggested: isSame };
  };
}

/** There is nothing of the classes in the image. */
export function emptying<S extends LabeledSample>(): (sample: S) => Step {
  return (sample) => ({ kind: "decide", choice: { action: "confirm", nothing: true }, labels: [], isAsSuggested: sample.labels.length === 0 });
}

/** The suggestion is wrong, or what was confirmed: it is unlabeled again. */
export function rejecting<S extends LabeledSample>(kind: Kind): (sample: S) => Step {
  const over: Choice = { action: "annotate", ...(kind.isDetection ? { boxes: [] } : { labels: [] }) };
  return (sample) => ({ kind: "decide", choice: sample.state === "labeled" ? over : { action: "reject" }, labels: [], over });
}

/** What is shown is right, and it was not hard. */
export function easing<S extends LabeledSample>(kind: Kind): (sample: S) => Step {
  return (sample) => {
    if (hasOtherShapes(sample.labels))
      return sample.state === "labeled" ? { kind: "decide", choice: { action: "clear_hard" }, labels: namesOf(sample), isAsSuggested: true } : { kind: "say", message: kind.say("other_shapes") };
    const answer = ownAnswer(sample, kind.isDetection);
    return answer ? { kind: "decide", choice: { action: "annotate", hard: false, ...answer }, labels: namesOf(sample), isAsSuggested: true } : refused(kind);
  };
}

/** Marks it hard, or takes the mark off; stays at it. */
export function turningHard<S extends LabeledSample>(): (sample: S) => Step {
  return (sample) => ({ kind: "decide", choice: { action: sample.hard ? "clear_hard" : "mark_hard" }, labels: namesOf(sample), stays: { hard: !sample.hard } });
}

export function excluding<S extends LabeledSample>(): (sample: S) => Step {
  return () => ({ kind: "decide", choice: { action: "exclude" }, labels: [] });
}
