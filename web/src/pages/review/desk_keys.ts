// SPDX-License-Identifier: Apache-2.0
// The keys of Review, and what its buttons do: the same.
import { useLingui } from "@lingui/react";
import { useEffect, useMemo, useRef } from "react";
import { useKeys } from "../../app/keys";
import { usePreferences } from "../../app/preferences";
import { confirming, easing, emptying, excluding, labelling, rejecting, turningHard, type Kind } from "../../labelling/choices";
import { givenKeys, keyedNames, labelsByKey } from "../../labelling/label_keys";
import type { Binding } from "../../labelling/keymap";
import { tell, tellProblem } from "../../widgets/toast";
import type { Drafts } from "./drafts";
import type { ReviewSitting } from "./use_sitting";

export interface DeskKeysOptions {
  sitting: ReviewSitting;
  drafts: Drafts;
  isDetection: boolean;
  mayLabel: boolean;
  undo: () => void;
  redo: () => void;
  leave: () => void;
  zoom: () => void;
  step: (direction: 1 | -1) => void;
  openLabelBox: () => void;
  nextReason: () => void;
  turnRail: () => void;
  turnBoxes: () => void;
  peek: (isOn: boolean) => void;
  compare: () => void;
}
export interface DeskActions {
  confirm: () => void;
  reject: () => void;
  notHard: () => void;
  turnHard: () => void;
  exclude: () => void;
  nothing: () => void;
  skip: () => void;
  next: () => void;
  previous: () => void;
  /** A class: confirms and goes on, or toggles where a sample may have several. */
  choose: (label: string) => void;
}

const digits = ["1", "2", "3", "4", "5", "6", "7", "8", "9", "0"];

export function useDeskKeys(of: DeskKeysOptions): DeskActions {
  const { i18n } = useLingui();
  const { sitting, drafts, isDetection, mayLabel } = of;
  const kind: Kind = {
    isDetection,
    say: (refusal) =>
      ({
        no_label: i18n._("It has no label yet: press a digit, or L to type one."),
        no_box: i18n._("It has no box yet: B says that there is nothing in the image."),
        other_shapes: i18n._("It has shapes that are not boxes: confirm it as it is, then clear its mark."),
      })[refusal],
  };
  const newest: DeskActions = {
    confirm: () => {
      if (sitting.overwriteHere()) return;
      sitting.press((sample) => {
        const draft = drafts.of(sample.id);
        drafts.drop(sample.id);
        return draft && draft.length > 0 ? labelling(draft)(sample) : confirming(kind)(sample);
      });
    },
    reject: () => sitting.press(rejecting(kind)),
    notHard: () => sitting.press(easing(kind)),
    turnHard: () => sitting.press(turningHard()),
    exclude: () => sitting.press(excluding()),
    nothing: () => sitting.press(emptying()),
    skip: () => sitting.skip(),
    next: () => sitting.move(1),
    previous: () => sitting.move(-1),
    choose: (label) =>
      sitting.press((sample) => {
        if (!drafts.isSeveral) return labelling([label])(sample);
        drafts.toggle(sample, label);
        return { kind: "stay" };
      }),
  };
  const held = useRef(newest);
  held.current = newest;
  // Always the same object: buttons need not be drawn again with each sample.
  const actions = useMemo((): DeskActions => {
    const call = (name: Exclude<keyof DeskActions, "choose">) => () => held.current[name]();
    return {
      confirm: call("confirm"),
      reject: call("reject"),
      notHard: call("notHard"),
      turnHard: call("turnHard"),
      exclude: call("exclude"),
      nothing: call("nothing"),
      skip: call("skip"),
      next: call("next"),
      previous: call("previous"),
      choose: (label) => held.current.choose(label),
    };
  }, []);
  const [{ digitConfirms }] = usePreferences();
  const digit = (press: string) => {
    const label = labelsByKey(keyedNames(drafts.labels)).get(press);
    if (label !== undefined) actions.choose(label);
  };
  const copyPath = () => {
    const source = sitting.current?.sample.source;
    if (source === undefined) return;
    if (!navigator.clipboard) return tellProblem(new Error(i18n._("This browser does not let the page copy: {source}", { source })));
    navigator.clipboard.writeText(source).then(() => tell(i18n._("Copied: {source}", { source })), tellProblem);
  };
  const deciding: Binding[] = [
    // The box editor, once it is there, takes both before the page does.
    { keys: isDetection ? ["f", "Shift+F"] : ["f"], name: i18n._("Confirm and next"), run: actions.confirm },
    ...(isDetection
      ? [{ keys: ["b"], name: i18n._("Nothing in the image, next"), run: actions.nothing }]
      : [
          ...(digitConfirms ? [{ keys: digits, name: drafts.isSeveral ? i18n._("Class on and off") : i18n._("Set the class, confirm, next"), run: digit }] : []),
          { keys: ["l"], name: i18n._("Type a label"), run: of.openLabelBox },
        ]),
    { keys: ["r"], name: i18n._("Reject, next"), run: actions.reject },
    { keys: ["w"], name: i18n._("Right, but not hard, next"), run: actions.notHard },
    { keys: ["h"], name: i18n._("Hard on and off"), run: actions.turnHard },
    { keys: ["x"], name: i18n._("Exclude, next"), run: actions.exclude },
    { keys: ["Ctrl+Z"], name: i18n._("Undo"), run: of.undo, repeats: true },
    { keys: ["Ctrl+Shift+Z", "Ctrl+Y"], name: i18n._("Redo"), run: of.redo },
  ];
  useKeys("review", [
    ...(mayLabel ? deciding : []),
    { keys: ["s"], name: i18n._("Skip to the end"), run: actions.skip },
    { keys: ["d", "ArrowRight"], name: i18n._("Next"), run: actions.next, repeats: true },
    { keys: ["a", "ArrowLeft"], name: i18n._("Previous"), run: actions.previous, repeats: true },
    { keys: ["e"], name: i18n._("Next reason"), run: of.nextReason },
    { keys: ["i"], name: i18n._("Evidence on and off"), run: of.turnRail },
    { keys: ["m"], name: i18n._("Compare with the nearest training sample"), run: of.compare },
    { keys: ["z"], name: i18n._("Zoom in, and back"), run: of.zoom },
    { keys: ["+", "="], name: i18n._("Larger"), run: () => of.step(1), repeats: true },
    { keys: ["-"], name: i18n._("Smaller"), run: () => of.step(-1), repeats: true },
    { keys: ["q"], name: i18n._("Held: without boxes"), run: () => of.peek(true) },
    { keys: ["Shift+H"], name: i18n._("Boxes on and off"), run: of.turnBoxes },
    { keys: ["o"], name: i18n._("Open the original"), run: () => sitting.id && window.open(`/api/v1/samples/${sitting.id}/image?size=orig`, "_blank", "noopener") },
    { keys: ["y"], name: i18n._("Copy the path"), run: copyPath },
    { keys: ["Escape"], name: i18n._("Back to the samples"), run: of.leave },
    ...(mayLabel && !isDetection && digitConfirms ? [{ keys: givenKeys(drafts.labels), name: i18n._("Set the class by its own key"), run: digit }] : []),
  ]);
  const { peek } = of;
  useEffect(() => {
    const end = () => peek(false); // whichever key it was: it may be another one than Q
    window.addEventListener("keyup", end);
    window.addEventListener("blur", end);
    return () => {
      window.removeEventListener("keyup", end);
      window.removeEventListener("blur", end);
    };
  }, [peek]);
  return actions;
}
