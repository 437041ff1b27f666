// SPDX-License-Identifier: Apache-2.0
// The way to the jump box; what it needs is loaded when it is opened first.
import { useLingui } from "@lingui/react";
import { Search } from "lucide-react";
import { lazy, Suspense } from "react";
import { Button } from "react-aria-components";
import { openJump, useIsJumpOpen } from "./jump_state";
import { useKeys } from "./keys";
import "./jump_box.css";

const JumpBox = lazy(() => import("./jump_box"));

export function JumpButton() {
  const { i18n } = useLingui();
  const isOpen = useIsJumpOpen();
  useKeys("jump", [{ keys: ["Ctrl+K"], name: i18n._("Search or jump"), run: openJump }]);
  return (
    <>
      <Button className="jump-button" onPress={openJump}>
        <Search size={15} aria-hidden />
        <span className="jump-word grow one-line">{i18n._("Search or jump…")}</span>
        <kbd aria-hidden>Ctrl K</kbd>
      </Button>
      {isOpen && (
        <Suspense fallback={null}>
          <JumpBox />
        </Suspense>
      )}
    </>
  );
}
