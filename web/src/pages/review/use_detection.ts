// SPDX-License-Identifier: Apache-2.0
// The detection editor at Review: its keys, what it sends, and boxes from the image that is most like this one.
import type { LabelNames } from "../../labelling/label_names";
import { useLingui } from "@lingui/react";
import { ask, client, type Schemas } from "../../api/client";
import { useKeys } from "../../app/keys";
import { addedFrom, answerOf, isChanged, isInAnswer, rectangleOf, wholeAnswerOf } from "../../labelling/boxes";
import { confirming, did, rejecting, type Editor } from "../../labelling/box_editor";
import { boxKeys } from "../../labelling/box_keys";
import { tell, tellProblem } from "../../widgets/toast";
import type { Loaded } from "./loaded";
import { useBoxEditor, type BoxEditing } from "./use_box_editor";
import type { ReviewSitting } from "./use_sitting";
import type { Viewing } from "./use_view";

export interface DetectionOptions {
  loaded: Loaded | undefined;
  explanation: Schemas["Explanation"] | null | undefined;
  labels: LabelNames;
  viewing: Viewing;
  isOn: boolean;
  sitting: ReviewSitting;
  openLabelBox: () => void;
}
export interface Detection extends BoxEditing {
  hasBox: boolean;
  /** As F, R and W do; reject is left to the page while no box is selected. */
  confirm: () => void;
  reject: (() => void) | undefined;
  notHard: () => void;
}

/** How many of the nearest are asked whether they are labeled. */
const NEAREST = 8;

async function boxesOfNearest(sample: string): Promise<{ source: string; boxes: { name: string; box: NonNullable<ReturnType<typeof rectangleOf>> }[] } | null> {
  const path = { path: { sample } };
  const { neighbors } = await ask(client.GET("/api/v1/samples/{sample}/neighbors", { params: { ...path, query: { in: "dataset", k: NEAREST } } }));
  for (const { sample: id } of neighbors) {
    if (!id) continue;
    const { sample: near } = await ask(client.GET("/api/v1/samples/{sample}", { params: { path: { sample: id } } }));
    const boxes = near.labels.flatMap((label) => {
      const box = label.state === "confirmed" ? rectangleOf(label) : undefined;
      return box ? [{ name: label.name, box }] : [];
    });
    if (near.state === "labeled" && boxes.length > 0) return { source: near.source.split("/").at(-1) ?? near.source, boxes };
  }
  return null;
}

export function useDetection({ loaded, explanation, labels, viewing, isOn, sitting, openLabelBox }: DetectionOptions): Detection | null {
  const { i18n } = useLingui();
  const editing = useBoxEditor(loaded, explanation, labels, viewing, isOn);
  const decide = (editor: Editor, isEased: boolean) => {
    if (!editing || sitting.overwriteHere()) return;
    editing.change(editor);
    sitting.press((sample) => {
      const { frame, came } = editor;
      if (sample.state === "unlabeled" && !frame.boxes.some(isInAnswer)) return { kind: "say", message: i18n._("It has no box yet: B says that there is nothing in the image.") };
      const labels = [...new Set(frame.boxes.filter(isInAnswer).map(({ name }) => name))];
      const choice = isEased ? ({ action: "annotate", hard: false, ...wholeAnswerOf(frame) } as const) : ({ action: "confirm", ...answerOf(frame, came, sample.state) } as const);
      return { kind: "decide", choice, labels, isAsSuggested: !isChanged(frame, came), over: { ...choice, ...wholeAnswerOf(frame) } };
    });
  };
  const confirm = (editor: Editor) => {
    const next = confirming(editor);
    if (next) editing?.change(next, true);
    else decide(editor, false);
  };
  const reject = (editor: Editor) => {
    const next = rejecting(editor);
    if (next) editing?.change(next, true);
  };
  async function takeFromSimilar() {
    if (!editing) return;
    try {
      const near = await boxesOfNearest(editing.sample);
      if (!near) return tell(i18n._("None of the images most like this one is labeled."));
      const before = editing.now();
      if (before.came.boxes !== editing.editor.came.boxes) return; // another image is shown by now
      const next = did(before, addedFrom(before.frame, near.boxes));
      editing.change(next);
      tell(i18n._("{count, plural, one {# box} other {# boxes}} copied from {name}", { count: next.frame.boxes.length - before.frame.boxes.length, name: near.source }));
    } catch (thrown) {
      tellProblem(thrown);
    }
  }
  const bindings = editing
    ? boxKeys({
        editor: editing.now(),
        labels,
        copied: editing.copied,
        change: editing.change,
        copy: editing.copy,
        confirmImage: (editor) => decide(editor, false),
        easeImage: (editor) => decide(editor, true),
        toggleZoom: editing.toggleZoom,
        takeFromSimilar: () => void takeFromSimilar(),
        openLabelBox,
        say: (id) => i18n._(id),
      })
    : [];
  useKeys("detection", bindings, editing !== null, 1);
  if (!editing) return null;
  const hasBox = editing.editor.frame.selected !== null;
  return {
    ...editing,
    hasBox,
    confirm: () => confirm(editing.now()),
    reject: hasBox ? () => reject(editing.now()) : undefined,
    notHard: () => decide(editing.now(), true),
  };
}
