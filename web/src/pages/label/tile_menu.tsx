// SPDX-License-Identifier: Apache-2.0
// What can be done with one tile, or with the selection it is part of: right click, or Shift+F10.
import { useLingui } from "@lingui/react";
import { useRef } from "react";
import { Menu, MenuItem, Popover, Separator } from "react-aria-components";
import type { BulkDecision, SampleRow } from "../../api/samples";

export interface TileMenuProps {
  sample: SampleRow;
  tile: HTMLElement;
  mayLabel: boolean;
  onClose: () => void;
  onReview: (sample: string) => void;
  onDecide: (action: BulkDecision["action"]) => void;
}

export function TileMenu({ sample, tile, mayLabel, onClose, onReview, onDecide }: TileMenuProps) {
  const { i18n } = useLingui();
  const anchor = useRef(tile);
  anchor.current = tile;
  const decisions: [BulkDecision["action"], string, string][] = [
    ["confirm", i18n._("Confirm"), "F"],
    ["reject", i18n._("Clear labels"), "R"],
    sample.hard ? ["clear_hard", i18n._("Clear Hard Example"), "W"] : ["mark_hard", i18n._("Confirm Hard Example"), "H"],
    sample.is_excluded ? ["include", i18n._("Include again"), "X"] : ["exclude", i18n._("Exclude"), "X"],
  ];
  return (
    <Popover className="popover" isOpen onOpenChange={(isOpen) => !isOpen && onClose()} triggerRef={anchor} placement="right top">
      <Menu
        className="menu"
        aria-label={i18n._("Sample")}
        autoFocus="first"
        onAction={(key) => {
          if (key === "review") onReview(sample.id);
          else if (key === "path") void navigator.clipboard.writeText(sample.source);
          else if (key === "id") void navigator.clipboard.writeText(sample.id);
          else onDecide(key as BulkDecision["action"]);
        }}
        onClose={onClose}
      >
        <MenuItem id="review" textValue={i18n._("Review")}>
          {i18n._("Review")} <kbd className="menu-key">Enter</kbd>
        </MenuItem>
        <Separator />
        {decisions.map(([action, text, key]) => (
          <MenuItem key={action} id={action} textValue={text} isDisabled={!mayLabel}>
            {text} <kbd className="menu-key">{key}</kbd>
          </MenuItem>
        ))}
        <Separator />
        <MenuItem id="path">{i18n._("Copy path")}</MenuItem>
        <MenuItem id="id">{i18n._("Copy ID")}</MenuItem>
      </Menu>
    </Popover>
  );
}
