// SPDX-License-Identifier: Apache-2.0
// A label by typing: the classes that match, Enter takes the first or makes the one that is typed.
import { useLingui } from "@lingui/react";
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";

const SHOWN_MAX = 8;
const NAME_MAX = 100;

export function LabelBox({ labels, onPick, onClose }: { labels: readonly string[]; onPick: (label: string) => void; onClose: () => void }) {
  const { i18n } = useLingui();
  const [text, setText] = useState("");
  const [at, setAt] = useState(0);
  const list = useId();
  const input = useRef<HTMLInputElement>(null);
  useEffect(() => input.current?.focus(), []);
  const typed = text.trim();
  const lower = typed.toLowerCase();
  const matching = labels.filter((label) => label.toLowerCase().includes(lower)).sort((a, b) => Number(b.toLowerCase().startsWith(lower)) - Number(a.toLowerCase().startsWith(lower)));
  const isNew = typed !== "" && !labels.includes(typed);
  const choices = [...matching.slice(0, SHOWN_MAX), ...(isNew ? [typed] : [])];
  const chosen = Math.min(at, choices.length - 1);
  const take = (label: string | undefined) => {
    if (label === undefined) return;
    onClose();
    onPick(label);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Enter") take(choices[chosen]);
    else if (event.key === "Escape") onClose();
    else if (event.key === "ArrowDown") setAt(Math.min(chosen + 1, choices.length - 1));
    else if (event.key === "ArrowUp") setAt(Math.max(chosen - 1, 0));
    else return;
    event.preventDefault();
  };
  return (
    <div className="label-box" onBlur={(event) => !event.currentTarget.contains(event.relatedTarget) && onClose()}>
      <input
        ref={input}
        className="input"
        role="combobox"
        aria-label={i18n._("Label")}
        aria-expanded="true"
        aria-controls={list}
        aria-autocomplete="list"
        aria-activedescendant={choices.length > 0 ? `${list}-${chosen}` : undefined}
        placeholder={i18n._("Input a label and press Enter")}
        maxLength={NAME_MAX}
        value={text}
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul id={list} role="listbox" aria-label={i18n._("Labels")} className="label-choices">
        {choices.map((label, place) => (
          <li key={label} id={`${list}-${place}`} role="option" aria-selected={place === chosen} onPointerDown={(event) => event.preventDefault()} onClick={() => take(label)}>
            {isNew && place === choices.length - 1 ? i18n._("New label {label}", { label }) : label}
          </li>
        ))}
      </ul>
    </div>
  );
}
