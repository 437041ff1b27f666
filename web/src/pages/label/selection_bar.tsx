// SPDX-License-Identifier: Apache-2.0
// What can be done with the selected samples.
import { useLingui } from "@lingui/react";
import { KeyCap } from "../../widgets/key_cap";
import { Ellipsis } from "lucide-react";
import { Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import type { BulkDecision } from "../../api/samples";
import { formatNumber } from "../../i18n/i18n";
import { everything, nothing, type Selection } from "../../labelling/selection";
import { Button, IconButton } from "../../widgets/button";
import "../../widgets/menu.css";

export interface SelectionBarProps {
  selection: Selection;
  selected: number;
  total: number;
  onSelect: (selection: Selection) => void;
  onDecide: (action: BulkDecision["action"]) => void;
  /** Opens the box for a label; without: labels are not set here. */
  onLabel?: (() => void) | undefined;
  /** Into the training dataset. */
  onAdd: () => void;
  why: string | false;
}

export function SelectionBar({ selection, selected, total, onSelect, onDecide, onLabel, onAdd, why }: SelectionBarProps) {
  const { i18n } = useLingui();
  if (selected === 0) return null;
  return (
    <div className="selection-bar" role="toolbar" aria-label={i18n._("Selection")}>
      <strong aria-live="polite">{i18n._("{selected} of {total} selected", { selected: formatNumber(selected), total: formatNumber(total) })}</strong>
      {selection.kind === "some" && selected < total && (
        <Button size="small" look="quiet" onPress={() => onSelect(everything)}>
          {i18n._("Select all {total}", { total: formatNumber(total) })} <kbd>Ctrl A</kbd>
        </Button>
      )}
      <span className="grow" />
      <Button size="small" look="primary" onPress={() => onDecide("confirm")} why={why}>
        {i18n._("Confirm")} <KeyCap group="label" of="f" />
      </Button>
      {onLabel && (
        <Button size="small" onPress={onLabel} why={why}>
          {i18n._("Label")} <KeyCap group="label" of="l" />
        </Button>
      )}
      <Button size="small" onPress={() => onDecide("reject")} why={why}>
        {i18n._("Clear labels")} <KeyCap group="label" of="r" />
      </Button>
      <Button size="small" onPress={onAdd} why={why}>
        {i18n._("Add to training dataset")}
      </Button>
      <MenuTrigger>
        <IconButton size="small" look="plain" label={i18n._("More decisions")} why={why}>
          <Ellipsis size={15} aria-hidden />
        </IconButton>
        <Popover className="popover" placement="top end">
          <Menu className="menu" aria-label={i18n._("More decisions")} onAction={(action) => onDecide(action as BulkDecision["action"])}>
            <MenuItem id="mark_hard">{i18n._("Confirm Hard Example")}</MenuItem>
            <MenuItem id="clear_hard">{i18n._("Clear Hard Example")}</MenuItem>
            <MenuItem id="exclude">{i18n._("Exclude")}</MenuItem>
            <MenuItem id="include">{i18n._("Include again")}</MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
      <Button size="small" look="quiet" onPress={() => onSelect(nothing)}>
        {i18n._("Clear")} <kbd>Esc</kbd>
      </Button>
    </div>
  );
}
