// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import { Sheet } from "../widgets/sheet";
import { keymap } from "./keys";
import "./shortcuts_sheet.css";

export function ShortcutsSheet({ isOpen, onOpenChange }: { isOpen: boolean; onOpenChange: (isOpen: boolean) => void }) {
  const { i18n } = useLingui();
  return (
    <Sheet title={i18n._("Shortcuts")} isOpen={isOpen} onOpenChange={onOpenChange}>
      <div className="shortcuts">
        {keymap.scopes().map(({ scope, bindings }, at) => (
          <dl key={`${scope}${at}`}>
            {bindings.map(({ keys, name }) => (
              <div key={keys.join()} className="shortcut">
                <dt>{name}</dt>
                <dd>
                  {keys.map((key) => (
                    <kbd key={key}>{key}</kbd>
                  ))}
                </dd>
              </div>
            ))}
          </dl>
        ))}
      </div>
    </Sheet>
  );
}
