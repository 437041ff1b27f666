// SPDX-License-Identifier: Apache-2.0
// ⋯ beside Review: what ModelArts has under Batch Process Hard Examples, and this page's twin on the command line.
import { useLingui } from "@lingui/react";
import { Ellipsis } from "lucide-react";
import { Menu, MenuItem, MenuTrigger, Popover, Separator, SubmenuTrigger } from "react-aria-components";
import type { BulkDecision } from "../../api/samples";
import { IconButton } from "../../widgets/button";
import { tell } from "../../widgets/toast";
import "../../widgets/menu.css";

/** A text as a shell takes it whole. */
const quoted = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

export interface MoreMenuProps {
  dataset: string;
  query: object;
  sort: string;
  selected: number;
  mayLabel: boolean;
  onDecide: (action: BulkDecision["action"]) => void;
  onUndo: (way: "undo" | "redo") => void;
}

export function MoreMenu({ dataset, query, sort, selected, mayLabel, onDecide, onUndo }: MoreMenuProps) {
  const { i18n } = useLingui();
  const { filter, include_excluded } = query as { filter?: object; include_excluded?: boolean };
  const command = ["trommel samples list", dataset, `--sort=${sort}`, filter && `--filter ${quoted(JSON.stringify(filter))}`, include_excluded && "--include-excluded"].filter(Boolean).join(" ");
  const refused = [...(mayLabel ? [] : ["undo", "redo"]), ...(mayLabel && selected > 0 ? [] : ["mark_hard", "clear_hard"])];
  return (
    <MenuTrigger>
      <IconButton label={i18n._("More")} look="plain">
        <Ellipsis size={16} aria-hidden />
      </IconButton>
      <Popover className="popover" placement="bottom end">
        <Menu
          className="menu"
          aria-label={i18n._("More")}
          disabledKeys={refused}
          onAction={(key) => {
            if (key === "undo" || key === "redo") onUndo(key);
            if (key === "cli") void navigator.clipboard.writeText(command).then(() => tell(i18n._("Command copied")));
          }}
        >
          <SubmenuTrigger>
            <MenuItem id="batch" textValue={i18n._("Batch Process Hard Examples")}>
              {i18n._("Batch Process Hard Examples")} <span className="menu-key">▸</span>
            </MenuItem>
            <Popover className="popover">
              <Menu className="menu" aria-label={i18n._("Batch Process Hard Examples")} disabledKeys={refused} onAction={(key) => onDecide(key as BulkDecision["action"])}>
                <MenuItem id="mark_hard">{i18n._("Confirm Hard Example")}</MenuItem>
                <MenuItem id="clear_hard">{i18n._("Clear Hard Example")}</MenuItem>
              </Menu>
            </Popover>
          </SubmenuTrigger>
          {selected === 0 && (
            <MenuItem id="hint" isDisabled textValue={i18n._("Select samples first")}>
              <span className="small">{i18n._("Select samples first")}</span>
            </MenuItem>
          )}
          <Separator />
          <MenuItem id="undo" textValue={i18n._("Undo")}>
            {i18n._("Undo")} <kbd className="menu-key">Ctrl Z</kbd>
          </MenuItem>
          <MenuItem id="redo" textValue={i18n._("Redo")}>
            {i18n._("Redo")} <kbd className="menu-key">Ctrl Shift Z</kbd>
          </MenuItem>
          <Separator />
          <MenuItem id="cli">{i18n._("Copy as CLI")}</MenuItem>
        </Menu>
      </Popover>
    </MenuTrigger>
  );
}
