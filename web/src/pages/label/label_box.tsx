// SPDX-License-Identifier: Apache-2.0
// Type a label's beginning, Enter: the selected samples get it, and are confirmed.
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { ComboBox, Input, Label, ListBox, ListBoxItem, Popover } from "react-aria-components";
import { keyedNames, keysByLabel } from "../../labelling/label_keys";
import type { LabelNames } from "../../labelling/label_names";

export function LabelBox({ labels, why, onLabel }: { labels: LabelNames; why: string | false; onLabel: (label: string) => void }) {
  const { i18n } = useLingui();
  const [typed, type] = useState("");
  const choose = (label: string) => {
    type("");
    onLabel(label);
  };
  const keys = keysByLabel(keyedNames(labels));
  const matching = labels.filter((label) => label.toLowerCase().includes(typed.trim().toLowerCase()));
  return (
    <ComboBox
      className="field label-box"
      items={matching.map((name) => ({ id: name, name }))}
      inputValue={typed}
      onInputChange={type}
      selectedKey={null}
      onSelectionChange={(key) => key !== null && choose(String(key))}
      isDisabled={why !== false}
      menuTrigger="focus"
      allowsEmptyCollection={false}
    >
      <Label>{i18n._("Label")}</Label>
      <Input
        className="input"
        id="label-box"
        placeholder={i18n._("Type and press Enter")}
        onKeyDown={(event) => {
          if (event.key !== "Enter" || typed.trim() === "" || event.currentTarget.getAttribute("aria-activedescendant")) return;
          const whole = matching.find((label) => label.toLowerCase() === typed.trim().toLowerCase()) ?? (matching.length === 1 ? matching[0] : undefined);
          if (whole) choose(whole);
        }}
      />
      {why && <span className="field-help">{why}</span>}
      <Popover className="popover select-list">
        <ListBox className="menu">
          {({ name }: { name: string }) => (
            <ListBoxItem id={name} textValue={name}>
              <span className="one-line grow">{name}</span>
              {keys.has(name) && <kbd className="menu-key">{keys.get(name)}</kbd>}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </ComboBox>
  );
}
