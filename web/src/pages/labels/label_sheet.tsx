// SPDX-License-Identifier: Apache-2.0
// A new label, or how one looks: name, colour, key, and what is filled in beside it.
import { useMutation } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { asProblem } from "../../api/problem";
import { keyClash } from "../../labelling/label_keys";
import { nameOf } from "../../labelling/keymap";
import { swatches } from "../../labelling/palette";
import { Button } from "../../widgets/button";
import { TextField } from "../../widgets/field";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";
import { tell } from "../../widgets/toast";
import { Attributes, type Attribute } from "./attributes";
import { clashWords } from "./clash_words";
import { createLabel, editLabel, useStaleLabels, type Label } from "./labels_query";

interface SheetProps {
  dataset: string;
  labels: readonly Label[];
  /** Without it a new one is made. */
  label?: Label;
  onClose: () => void;
}

export function LabelSheet({ dataset, labels, label, onClose }: SheetProps) {
  const { i18n } = useLingui();
  const [name, setName] = useState(label?.name ?? "");
  const [color, paint] = useState(label?.color ?? "");
  const [shortcut, setKey] = useState(label?.shortcut ?? "");
  const [attributes, attribute] = useState<readonly Attribute[]>((label?.attributes ?? []) as unknown as readonly Attribute[]);
  const stale = useStaleLabels(dataset);
  const body = { color, shortcut, attributes: attributes.map(({ values, ...rest }) => ({ ...rest, values: rest.type === "select" ? values : [] })) };
  const save = useMutation({
    mutationFn: () => (label ? editLabel(dataset, label.name, { ...body, ...(name !== label.name && { name }) }) : createLabel(dataset, { name, ...body })) as Promise<unknown>,
    onSuccess: () => {
      tell(label ? i18n._("{name} is changed", { name }) : i18n._("{name} is in the label set", { name }));
      onClose();
    },
    onSettled: stale,
  });
  const problem = save.error ? asProblem(save.error) : null;
  const owner = labels.find((other) => other.name !== label?.name && other.shortcut === shortcut && shortcut !== "");
  const clash = owner ? i18n._("{name} has this key", { name: owner.name }) : clashWords(i18n, shortcut === "" ? undefined : keyClash(shortcut));
  return (
    <Sheet
      title={label ? i18n._("Modify {name}", { name: label.name }) : i18n._("Create label")}
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          <Button look="primary" isDisabled={name === "" || owner !== undefined || save.isPending} onPress={() => save.mutate()}>
            {label ? i18n._("Save") : i18n._("Create")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <TextField label={i18n._("Name")} value={name} onChange={setName} error={problem?.about("/name")} autoFocus autoComplete="off" help={label && i18n._("Another name is given to all its samples; published versions keep the old one.")} />
        <fieldset className="field swatches">
          <legend className="field-label">{i18n._("Colour")}</legend>
          <div className="row wrap">
            <button type="button" className="swatch-choice none" aria-pressed={color === ""} onClick={() => paint("")}>
              {i18n._("by itself")}
            </button>
            {swatches.map((one) => (
              <button key={one} type="button" className="swatch-choice" aria-pressed={color === one} aria-label={one} style={{ background: one }} onClick={() => paint(one)} />
            ))}
            <input type="color" className="swatch-choice" aria-label={i18n._("Another colour")} value={color === "" ? "#3399ff" : color} onChange={(event) => paint(event.target.value)} />
          </div>
        </fieldset>
        <div
          onKeyDownCapture={(event) => {
            if (!(event.target instanceof HTMLInputElement) || event.target.name !== "shortcut" || ["Tab", "Enter", "Escape", "Backspace", "Delete", "Shift", "Control", "Alt", "Meta"].includes(event.key)) return;
            event.preventDefault();
            setKey(nameOf(event.nativeEvent));
          }}
        >
          <TextField label={i18n._("Key")} name="shortcut" value={shortcut} onChange={(typed) => typed === "" && setKey("")} error={problem?.about("/shortcut")} help={clash ? <span className="status wait">{clash}</span> : i18n._("Press the key; Backspace takes it away. Without one the digit of its place counts.")} autoComplete="off" />
        </div>
        <Attributes value={attributes} onChange={attribute} error={problem?.body.errors?.find(({ pointer }) => pointer?.startsWith("/attributes"))?.detail} />
        {problem && <ProblemBlock thrown={problem} compact />}
      </div>
    </Sheet>
  );
}
