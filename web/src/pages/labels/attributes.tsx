// SPDX-License-Identifier: Apache-2.0
// What is filled in beside a label: free texts, or one of several values.
import { useLingui } from "@lingui/react";
import { Plus, Trash2 } from "lucide-react";
import { Button, IconButton } from "../../widgets/button";
import { Select, TextField } from "../../widgets/field";

export interface Attribute {
  name: string;
  type: "text" | "select";
  default: string | null;
  values: readonly string[];
}
const ATTRIBUTES_MAX = 32;

export function Attributes({ value, onChange, error }: { value: readonly Attribute[]; onChange: (value: readonly Attribute[]) => void; error?: string | undefined }) {
  const { i18n } = useLingui();
  const change = (at: number, to: Partial<Attribute>) => onChange(value.map((one, place) => (place === at ? { ...one, ...to } : one)));
  return (
    <fieldset className="field attributes">
      <legend className="field-label">{i18n._("Attributes")}</legend>
      {value.map((one, at) => (
        <div key={at} className="attribute" role="group" aria-label={i18n._("Attribute {number}", { number: at + 1 })}>
          <TextField label={i18n._("Name")} value={one.name} onChange={(name) => change(at, { name })} autoComplete="off" />
          <Select label={i18n._("Type")} value={one.type} onChange={(type) => change(at, { type: type === "select" ? "select" : "text" })} choices={[{ id: "text", name: i18n._("text") }, { id: "select", name: i18n._("one of several") }]} />
          {one.type === "select" && <TextField label={i18n._("Values, with commas between")} value={one.values.join(",")} onChange={(typed) => change(at, { values: typed === "" ? [] : typed.split(",").map((part) => part.trimStart()) })} autoComplete="off" />}
          <TextField label={i18n._("Default")} value={one.default ?? ""} onChange={(typed) => change(at, { default: typed === "" ? null : typed })} autoComplete="off" />
          <IconButton size="small" label={i18n._("Remove attribute {name}", { name: one.name })} onPress={() => onChange(value.filter((_, place) => place !== at))}>
            <Trash2 size={14} aria-hidden />
          </IconButton>
        </div>
      ))}
      {error && <span className="field-error">{error}</span>}
      <div>
        <Button size="small" isDisabled={value.length >= ATTRIBUTES_MAX} onPress={() => onChange([...value, { name: "", type: "text", default: null, values: [] }])}>
          <Plus size={14} aria-hidden /> {i18n._("Add attribute")}
        </Button>
      </div>
    </fieldset>
  );
}
