// SPDX-License-Identifier: Apache-2.0
import type { ReactElement } from "react";
import { Tooltip, TooltipTrigger } from "react-aria-components";
import "./tip.css";

/** A few words beside what the pointer or the focus is on, with the key that does the same. */
export function Tip({ text, keys, children }: { text: string; keys?: string | undefined; children: ReactElement }) {
  return (
    <TooltipTrigger delay={500} closeDelay={0}>
      {children}
      <Tooltip className="tip" offset={6}>
        {text}
        {keys && <kbd>{keys}</kbd>}
      </Tooltip>
    </TooltipTrigger>
  );
}
