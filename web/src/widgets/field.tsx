// SPDX-License-Identifier: Apache-2.0
// Fields: a label, the control, what it means, and what is wrong with it.
import type { ReactNode } from "react";
import {
  FieldError,
  Input,
  Label,
  NumberField as AriaNumberField,
  Radio,
  RadioGroup,
  Select as AriaSelect,
  SelectValue,
  Button,
  Popover,
  ListBox,
  ListBoxItem,
  Switch as AriaSwitch,
  Checkbox as AriaCheckbox,
  Text,
  TextArea,
  TextField as AriaTextField,
  type Key,
} from "react-aria-components";
import { Check, ChevronDown } from "lucide-react";
import { useLingui } from "@lingui/react";
import "./field.css";
import "./menu.css";

interface Common {
  label: string;
  help?: ReactNode;
  /** What the server or the form says is wrong. */
  error?: string | undefined;
  isRequired?: boolean;
  isDisabled?: boolean;
  autoFocus?: boolean;
}

function Below({ help, error }: Pick<Common, "help" | "error">) {
  return (
    <>
      {help && (
        <Text slot="description" className="field-help">
          {help}
        </Text>
      )}
      <FieldError className="field-error">{error}</FieldError>
    </>
  );
}

export interface TextFieldProps extends Common {
  value: string;
  onChange: (value: string) => void;
  onBlur?: () => void;
  name?: string;
  type?: "text" | "password" | "search";
  placeholder?: string;
  maxLength?: number;
  autoComplete?: string;
  lines?: number;
  isMono?: boolean;
}
export function TextField({ label, help, error, lines, placeholder, isMono, ...rest }: TextFieldProps) {
  return (
    <AriaTextField {...rest} isInvalid={error !== undefined} className="field">
      <Label>{label}</Label>
      {lines ? <TextArea rows={lines} placeholder={placeholder} className="input" /> : <Input placeholder={placeholder} className={isMono ? "input mono" : "input"} />}
      <Below help={help} error={error} />
    </AriaTextField>
  );
}

export interface NumberFieldProps extends Common {
  value: number;
  onChange: (value: number) => void;
  minValue?: number;
  maxValue?: number;
  step?: number;
  formatOptions?: Intl.NumberFormatOptions;
}
export function NumberField({ label, help, error, ...rest }: NumberFieldProps) {
  return (
    <AriaNumberField {...rest} isInvalid={error !== undefined} className="field">
      <Label>{label}</Label>
      <Input className="input number" />
      <Below help={help} error={error} />
    </AriaNumberField>
  );
}

export interface Choice {
  id: string;
  name: string;
  /** What stands small beneath the name. */
  note?: string;
  /** Why it cannot be chosen. */
  why?: string;
}
export interface SelectProps extends Common {
  value: string | null;
  onChange: (value: string) => void;
  choices: readonly Choice[];
  placeholder?: string;
}
export function Select({ label, help, error, value, onChange, choices, placeholder, ...rest }: SelectProps) {
  const { i18n } = useLingui();
  const refused = choices.filter((choice) => choice.why).map((choice) => choice.id);
  return (
    <AriaSelect
      {...rest}
      value={value}
      onChange={(key: Key | null) => key !== null && onChange(String(key))}
      disabledKeys={refused}
      isInvalid={error !== undefined}
      placeholder={placeholder ?? i18n._("Select…")}
      className="field"
    >
      <Label>{label}</Label>
      <Button className="input select">
        <SelectValue className="select-value one-line">{({ selectedText, isPlaceholder, defaultChildren }) => (isPlaceholder ? defaultChildren : (choices.find(({ id }) => id === value)?.name ?? selectedText))}</SelectValue>
        <ChevronDown size={16} aria-hidden />
      </Button>
      <Below help={help} error={error} />
      <Popover className="popover select-list">
        <ListBox className="menu" items={choices}>
          {(choice) => (
            <ListBoxItem id={choice.id} textValue={choice.name}>
              <span className="stack choice">
                <span>{choice.name}</span>
                {(choice.why ?? choice.note) && <span className="small soft">{choice.why ?? choice.note}</span>}
              </span>
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </AriaSelect>
  );
}

export interface RadiosProps extends Common {
  value: string;
  onChange: (value: string) => void;
  choices: readonly Choice[];
  orientation?: "horizontal" | "vertical";
}
export function Radios({ label, help, error, choices, orientation = "horizontal", ...rest }: RadiosProps) {
  return (
    <RadioGroup {...rest} orientation={orientation} isInvalid={error !== undefined} className="field">
      <Label>{label}</Label>
      <div className={`radios ${orientation}`}>
        {choices.map((choice) => (
          <Radio key={choice.id} value={choice.id} isDisabled={choice.why !== undefined} className="radio">
            <span className="radio-dot" aria-hidden />
            <span className="stack choice">
              <span>{choice.name}</span>
              {(choice.why ?? choice.note) && <span className="small soft">{choice.why ?? choice.note}</span>}
            </span>
          </Radio>
        ))}
      </div>
      <Below help={help} error={error} />
    </RadioGroup>
  );
}

export function Switch({ label, isSelected, onChange, isDisabled }: { label: string; isSelected: boolean; onChange: (isSelected: boolean) => void; isDisabled?: boolean }) {
  return (
    <AriaSwitch isSelected={isSelected} onChange={onChange} isDisabled={isDisabled} className="switch">
      <span className="switch-track" aria-hidden>
        <span className="switch-knob" />
      </span>
      {label}
    </AriaSwitch>
  );
}

export function Checkbox({ label, isSelected, onChange, isDisabled }: { label: ReactNode; isSelected: boolean; onChange: (isSelected: boolean) => void; isDisabled?: boolean }) {
  return (
    <AriaCheckbox isSelected={isSelected} onChange={onChange} isDisabled={isDisabled} className="checkbox">
      <span className="checkbox-box" aria-hidden>
        <Check size={12} strokeWidth={3} />
      </span>
      {label}
    </AriaCheckbox>
  );
}
