// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { confirming, easing, emptying, labelling, rejecting, turningHard, type Kind, type LabeledSample } from "./choices";

const classes: Kind = { isDetection: false, say: (refusal) => refusal };
const boxes: Kind = { isDetection: true, say: (refusal) => refusal };
const shape = { "@modelarts:shape": "bndbox", "@modelarts:feature": [[1, 2], [11, 22]] };
const sample = (state: string, ...labels: LabeledSample["labels"]): LabeledSample => ({ id: "a", revision: 1, state, hard: true, labels });
const cat = { name: "cat", state: "suggested" };
const choiceOf = (step: ReturnType<ReturnType<typeof confirming>>) => (step.kind === "decide" ? step.choice : step);

describe("F", () => {
  it("takes a suggestion as it is", () => {
    expect(choiceOf(confirming(classes)(sample("to_be_confirmed", cat)))).toEqual({ action: "confirm" });
  });
  it("can be said again over what somebody else made of it", () => {
    expect(confirming(boxes)(sample("to_be_confirmed", { ...cat, shape }))).toMatchObject({ choice: { action: "confirm" }, over: { action: "confirm", boxes: ["cat:1,2,11,22"] } });
    expect(confirming(boxes)(sample("to_be_confirmed"))).toMatchObject({ over: { action: "confirm", nothing: true } });
    expect(rejecting(classes)(sample("to_be_confirmed", cat))).toMatchObject({ choice: { action: "reject" }, over: { action: "annotate", labels: [] } });
  });
  it("confirms again what was confirmed, beside a new suggestion too", () => {
    expect(choiceOf(confirming(classes)(sample("labeled", { name: "dog", state: "confirmed" }, cat)))).toEqual({ action: "confirm", labels: ["dog", "cat"] });
    expect(choiceOf(confirming(boxes)(sample("labeled", { name: "dog", state: "confirmed", shape })))).toEqual({ action: "confirm", boxes: ["dog:1,2,11,22"] });
  });
  it("confirms that nothing was found, and that nothing was there", () => {
    expect(choiceOf(confirming(boxes)(sample("to_be_confirmed")))).toEqual({ action: "confirm" });
    expect(choiceOf(confirming(boxes)(sample("labeled")))).toEqual({ action: "confirm", nothing: true });
  });
  it("asks for a label where there is none", () => {
    expect(confirming(classes)(sample("unlabeled"))).toEqual({ kind: "say", message: "no_label" });
    expect(confirming(boxes)(sample("unlabeled"))).toEqual({ kind: "say", message: "no_box" });
  });
});

describe("a sample with a polygon", () => {
  const polygon = { name: "lake", state: "confirmed", shape: { "@modelarts:shape": "polygon", "@modelarts:feature": [[1, 2], [11, 22], [3, 9]] } };
  it("is confirmed as it lies, and never sent as boxes", () => {
    expect(choiceOf(confirming(boxes)(sample("to_be_confirmed", { ...polygon, state: "suggested" })))).toEqual({ action: "confirm" });
    expect(confirming(boxes)(sample("labeled", polygon))).toEqual({ kind: "move", by: 1 });
    expect(confirming(boxes)(sample("to_be_confirmed", polygon, cat))).toEqual({ kind: "say", message: "other_shapes" });
  });
  it("is no hard example any more without losing it", () => {
    expect(choiceOf(easing(boxes)(sample("labeled", polygon)))).toEqual({ action: "clear_hard" });
    expect(easing(boxes)(sample("to_be_confirmed", polygon))).toEqual({ kind: "say", message: "other_shapes" });
  });
});

describe("the other keys", () => {
  it("give a class, and know when it is the one that was suggested", () => {
    expect(labelling(["dog"])(sample("to_be_confirmed", cat))).toMatchObject({ choice: { action: "confirm", labels: ["dog"] }, isAsSuggested: false });
    expect(labelling(["cat"])(sample("to_be_confirmed", cat))).toMatchObject({ isAsSuggested: true });
  });
  it("reject a suggestion, and take off what was confirmed", () => {
    expect(choiceOf(rejecting(classes)(sample("to_be_confirmed", cat)))).toEqual({ action: "reject" });
    expect(choiceOf(rejecting(classes)(sample("labeled", cat)))).toEqual({ action: "annotate", labels: [] });
    expect(choiceOf(rejecting(boxes)(sample("labeled")))).toEqual({ action: "annotate", boxes: [] });
  });
  it("keep the labels of what is not hard, and confirm them", () => {
    expect(choiceOf(easing(classes)(sample("to_be_confirmed", cat)))).toEqual({ action: "annotate", hard: false, labels: ["cat"] });
    expect(choiceOf(easing(boxes)(sample("to_be_confirmed")))).toEqual({ action: "annotate", hard: false, nothing: true });
    expect(easing(classes)(sample("unlabeled"))).toEqual({ kind: "say", message: "no_label" });
  });
  it("say that nothing is there", () => {
    expect(choiceOf(emptying()(sample("unlabeled")))).toEqual({ action: "confirm", nothing: true });
  });
  it("turn the hard mark and stay", () => {
    expect(turningHard()(sample("to_be_confirmed", cat))).toMatchObject({ choice: { action: "clear_hard" }, stays: { hard: false } });
  });
});
