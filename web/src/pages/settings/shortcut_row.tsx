// SPDX-License-Identifier: Apache-2.0
// A shortcut and its keys; a key is changed by pressing it and then the one that is wanted.
import { useLingui } from "@lingui/react";
import { useEffect, useRef } from "react";
import { capsOf } from "./key_caps";

export interface ShortcutRowProps {
  name: string;
  /** Usual keys with those that are chosen, "" for none. */
  keys: readonly { usual: string; chosen: string }[];
  mayChange: (usual: string) => boolean;
  /** The key that is being changed. */
  recording: string | null;
  fault: string | null;
  onRecord: (usual: string | null) => void;
  onKey: (usual: string, event: KeyboardEvent) => void;
}

export function ShortcutRow({ name, keys, mayChange, recording, fault, onRecord, onKey }: ShortcutRowProps) {
  const { i18n } = useLingui();
  return (
    <div>
      <dt>
        {name}
        {fault && (
          <span role="alert" className="field-error shortcut-fault">
            {fault}
          </span>
        )}
      </dt>
      <dd>
        {keys.map(({ usual, chosen }, at) => (
          <span key={usual}>
            {at > 0 && <span className="soft small">{i18n._("or")}</span>}
            {recording === usual ? (
              <Recorder onKey={(event) => onKey(usual, event)} onEnd={() => onRecord(null)} />
            ) : mayChange(usual) ? (
              <button type="button" className="shortcut-key" onClick={() => onRecord(usual)}>
                <Caps of={chosen} />
                <span className="unseen">{i18n._("Change the key: {name}", { name })}</span>
              </button>
            ) : (
              <Caps of={chosen} />
            )}
          </span>
        ))}
      </dd>
    </div>
  );
}

function Caps({ of }: { of: string }) {
  const { i18n } = useLingui();
  if (of === "") return <span className="soft small">{i18n._("no key")}</span>;
  return capsOf(of).map((cap) => <kbd key={cap}>{cap}</kbd>);
}

/** Takes the next key, whatever it means elsewhere. */
function Recorder({ onKey, onEnd }: { onKey: (event: KeyboardEvent) => void; onEnd: () => void }) {
  const { i18n } = useLingui();
  const newest = useRef(onKey);
  newest.current = onKey;
  useEffect(() => {
    const take = (event: KeyboardEvent) => {
      if (["Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      newest.current(event);
    };
    window.addEventListener("keydown", take, true);
    return () => window.removeEventListener("keydown", take, true);
  }, []);
  return (
    <button type="button" className="shortcut-key recording" ref={(button) => button?.focus()} onBlur={onEnd}>
      {i18n._("Press a key; Esc leaves it, Delete takes it away")}
    </button>
  );
}
