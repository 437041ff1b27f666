// SPDX-License-Identifier: Apache-2.0
// The classes with their keys: a press gives one to the selected box and to what is drawn next; any other is found by typing.
import { useLingui } from "@lingui/react";
import { KeyCap } from "../../widgets/key_cap";
import { boxById } from "../../labelling/boxes";
import { labelling } from "../../labelling/box_editor";
import { keyedNames, keysByLabel } from "../../labelling/label_keys";
import { colorOf } from "../../labelling/palette";
import type { Drafts } from "./drafts";
import { LabelBox } from "./label_box";
import type { BoxEditing } from "./use_box_editor";

const KEYED = 10;

interface ClassBarProps {
  editing: BoxEditing;
  drafts: Drafts;
  isBoxOpen: boolean;
  onBox: (isOpen: boolean) => void;
}
export function ClassBar({ editing, drafts, isBoxOpen, onBox }: ClassBarProps) {
  const { i18n } = useLingui();
  const { editor, change } = editing;
  const { labels } = drafts;
  const selected = boxById(editor.frame, editor.frame.selected);
  const now = selected && editor.tool.kind === "select" ? selected.name : editor.label;
  const keys = keysByLabel(keyedNames(labels));
  const choose = (name: string) => {
    if (!labels.includes(name)) drafts.addLabel(name);
    change(labelling(editing.now(), name));
  };
  return (
    <>
      <div className="classes" role="group" aria-label={i18n._("Classes")}>
        {labels.slice(0, KEYED).map((name) => (
          <button key={name} type="button" aria-pressed={name === now} className="class-key" onClick={() => choose(name)}>
            <KeyCap group="detection" of={keys.get(name) ?? ""} />
            <span className="class-dot" style={{ background: colorOf(labels, name) }} />
            <span className="one-line">{name}</span>
          </button>
        ))}
        <button type="button" className="class-key other" onClick={() => onBox(true)}>
          <KeyCap group="detection" of="l" />
          <span className="one-line">{i18n._("Other…")}</span>
        </button>
      </div>
      {isBoxOpen && <LabelBox labels={labels} onPick={choose} onClose={() => onBox(false)} />}
    </>
  );
}
