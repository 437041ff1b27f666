// SPDX-License-Identifier: Apache-2.0
// Keys of the Label page: they act on the selection, else on the tile in focus.
import { useLingui } from "@lingui/react";
import { useKeys } from "../../app/keys";
import { usePreferences } from "../../app/preferences";
import type { BulkDecision } from "../../api/samples";
import { CLASS_KEYS } from "../../labelling/class_keys";
import { givenKeys, keyedNames, labelsByKey } from "../../labelling/label_keys";
import type { LabelNames } from "../../labelling/label_names";
import { tileSizes } from "./tile_layout";

interface LabelKeys {
  mayLabel: boolean;
  /** Digits and L set classes: not for boxes. */
  setsClasses: boolean;
  onRail: () => void;
  onPanel: () => void;
  onSelect: (what: "all" | "others" | "none") => void;
  onDecide: (action: BulkDecision["action"] | "toggle_hard" | "toggle_excluded") => void;
  onConfirmAll: () => void;
  labels: LabelNames;
  onClass: (label: string) => void;
  onLabelBox: () => void;
  onTurn: (way: "undo" | "redo") => void;
  onRefresh: () => void;
}

export function useLabelKeys(keys: LabelKeys): void {
  const { i18n } = useLingui();
  const [{ tileSize, showsBoxes, digitConfirms }, prefer] = usePreferences();
  const resize = (by: number) => prefer({ tileSize: Math.min(Math.max(tileSize + by, 0), tileSizes.length - 1) });
  useKeys("label", [
    { keys: ["["], name: i18n._("Filters on and off"), run: keys.onRail },
    { keys: ["]"], name: i18n._("Panel on and off"), run: keys.onPanel },
    { keys: ["Ctrl+A"], name: i18n._("Select all that match"), run: () => keys.onSelect("all") },
    { keys: ["Ctrl+Shift+A"], name: i18n._("Turn the selection over"), run: () => keys.onSelect("others") },
    { keys: ["Escape"], name: i18n._("Select nothing"), run: () => keys.onSelect("none") },
    { keys: ["+", "="], name: i18n._("Larger tiles"), run: () => resize(1), repeats: true },
    { keys: ["-"], name: i18n._("Smaller tiles"), run: () => resize(-1), repeats: true },
    { keys: ["b"], name: i18n._("Boxes on and off"), run: () => prefer({ showsBoxes: !showsBoxes }) },
    { keys: ["Shift+R"], name: i18n._("Refresh"), run: keys.onRefresh },
  ]);
  useKeys(
    "decide",
    [
      { keys: ["f"], name: i18n._("Confirm"), run: () => keys.onDecide("confirm") },
      { keys: ["Shift+F"], name: i18n._("Confirm all that match"), run: keys.onConfirmAll },
      { keys: ["r"], name: i18n._("Clear labels"), run: () => keys.onDecide("reject") },
      { keys: ["h"], name: i18n._("Hard or not"), run: () => keys.onDecide("toggle_hard") },
      { keys: ["w"], name: i18n._("Clear Hard Example"), run: () => keys.onDecide("clear_hard") },
      { keys: ["x"], name: i18n._("Exclude, or include again"), run: () => keys.onDecide("toggle_excluded") },
      { keys: ["Ctrl+Z"], name: i18n._("Undo"), run: () => keys.onTurn("undo") },
      { keys: ["Ctrl+Shift+Z", "Ctrl+Y"], name: i18n._("Redo"), run: () => keys.onTurn("redo") },
    ],
    keys.mayLabel,
  );
  useKeys("classes", [{ keys: ["l"], name: i18n._("Type a label"), run: keys.onLabelBox }], keys.mayLabel && keys.setsClasses);
  const byKey = labelsByKey(keyedNames(keys.labels));
  const setClass = (press: string) => {
    const label = byKey.get(press);
    if (label !== undefined) keys.onClass(label);
  };
  useKeys("digits", [{ keys: [...CLASS_KEYS, ...givenKeys(keys.labels)], name: i18n._("Set the class and confirm"), run: setClass }], keys.mayLabel && keys.setsClasses && digitConfirms);
}
