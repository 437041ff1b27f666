// SPDX-License-Identifier: Apache-2.0
// What can be done with the sample, each with its key.
import { useLingui } from "@lingui/react";
import { ArrowLeft, ArrowRight, Ellipsis } from "lucide-react";
import { memo } from "react";
import { Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import { useKeyCap } from "../../app/key_choices";
import { Button, IconButton } from "../../widgets/button";
import { KeyCap } from "../../widgets/key_cap";
import type { DeskActions } from "./desk_keys";
import "../../widgets/menu.css";

interface ActionsProps {
  keys: DeskActions;
  isHard: boolean;
  mayLabel: boolean;
  isDetection: boolean;
  /** A box is selected: F and R are about it. */
  hasBox: boolean;
}
export const Actions = memo(function Actions({ keys, isHard, mayLabel, isDetection, hasBox }: ActionsProps) {
  const { i18n } = useLingui();
  const [previous, next] = [useKeyCap("review", "a"), useKeyCap("review", "d")];
  const group = isDetection ? "detection" : "review";
  const why = !mayLabel && i18n._("Your role only reads.");
  const more: Record<string, () => void> = { hard: keys.turnHard, skip: keys.skip, exclude: keys.exclude, nothing: keys.nothing };
  return (
    <div className="review-actions" role="group" aria-label={i18n._("Decision")}>
      <IconButton label={i18n._("Previous")} keys={previous} look="plain" onPress={keys.previous}>
        <ArrowLeft size={16} aria-hidden />
      </IconButton>
      <Button look="primary" onPress={keys.confirm} why={why}>
        {hasBox ? i18n._("Confirm box") : i18n._("Confirm")} <KeyCap group={group} of="f" />
      </Button>
      <Button onPress={keys.reject} why={why}>
        {hasBox ? i18n._("False detection") : i18n._("Reject")} <KeyCap group={hasBox ? "detection" : "review"} of="r" />
      </Button>
      <Button onPress={keys.notHard} why={why}>
        {i18n._("Not hard")} <KeyCap group={group} of="w" />
      </Button>
      <MenuTrigger>
        <IconButton label={i18n._("More")} look="plain">
          <Ellipsis size={16} aria-hidden />
        </IconButton>
        <Popover className="popover" placement="top end">
          <Menu className="menu" aria-label={i18n._("More")} onAction={(action) => more[action as string]?.()} disabledKeys={mayLabel ? [] : ["hard", "exclude", "nothing"]}>
            <MenuItem id="skip">
              <span className="grow">{i18n._("Skip to the end")}</span> <KeyCap group="review" of="s" />
            </MenuItem>
            <MenuItem id="hard">
              <span className="grow">{isHard ? i18n._("Clear Hard Example") : i18n._("Confirm Hard Example")}</span> <KeyCap group="review" of="h" />
            </MenuItem>
            {isDetection && (
              <MenuItem id="nothing">
                <span className="grow">{i18n._("Nothing in the image")}</span> <KeyCap group="review" of="b" />
              </MenuItem>
            )}
            <MenuItem id="exclude">
              <span className="grow">{i18n._("Exclude")}</span> <KeyCap group="review" of="x" />
            </MenuItem>
          </Menu>
        </Popover>
      </MenuTrigger>
      <IconButton label={i18n._("Next")} keys={next} look="plain" onPress={keys.next}>
        <ArrowRight size={16} aria-hidden />
      </IconButton>
    </div>
  );
});
