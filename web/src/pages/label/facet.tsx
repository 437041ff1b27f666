// SPDX-License-Identifier: Apache-2.0
// The parts of the filter rail: a titled group, a value with its count, a range under its histogram.
import { useLingui } from "@lingui/react";
import { useEffect, useState, type ReactNode } from "react";
import { Slider, SliderThumb, SliderTrack } from "react-aria-components";
import type { Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { Checkbox } from "../../widgets/field";
import { Histogram } from "../../widgets/histogram";
import { SearchField } from "../../widgets/search_field";
import "../../widgets/slider.css";

const TYPING_MS = 250;
const STEP = 0.05;

export function Facet({ title, beside, children }: { title: string; beside?: ReactNode; children: ReactNode }) {
  return (
    <fieldset className="facet">
      <legend>
        <span>{title}</span>
        {beside}
      </legend>
      {children}
    </fieldset>
  );
}

export interface CountedProps {
  label: ReactNode;
  count: number | undefined;
  /** Of so many, for the bar behind. */
  of?: number;
  isSelected: boolean;
  onChange: (isSelected: boolean) => void;
}
export function Counted({ label, count, of, isSelected, onChange }: CountedProps) {
  return (
    <div className="counted" data-empty={count === 0 && !isSelected ? true : undefined}>
      {of !== undefined && of > 0 && (
        <svg className="counted-bar" viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden>
          <rect width={((count ?? 0) / of) * 100} height="1" />
        </svg>
      )}
      <Checkbox label={label} isSelected={isSelected} onChange={onChange} />
      <span className="soft small">{count !== undefined && formatNumber(count)}</span>
    </div>
  );
}

/** Asked for when the typing pauses. */
export function NameSearch({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const { i18n } = useLingui();
  const [typed, type] = useState(value);
  useEffect(() => type(value), [value]);
  useEffect(() => {
    if (typed === value) return;
    const timer = setTimeout(() => onChange(typed), TYPING_MS);
    return () => clearTimeout(timer);
  }, [typed, value, onChange]);
  return <SearchField label={i18n._("Name or path contains")} value={typed} onChange={type} />;
}

export interface RangeProps {
  title: string;
  histogram: Schemas["Histogram"] | undefined;
  value: readonly [number, number] | undefined;
  onChange: (value: readonly [number, number] | undefined) => void;
}
export function Range({ title, histogram, value, onChange }: RangeProps) {
  const { i18n } = useLingui();
  const [dragged, drag] = useState<number[]>([...(value ?? [0, 1])]);
  useEffect(() => drag([...(value ?? [0, 1])]), [value]);
  const bins = histogram?.bins.map(({ samples }) => samples) ?? [];
  if (bins.every((count) => count === 0) && !value) return null;
  const [low = 0, high = 1] = dragged;
  const said = (bound: number) => formatNumber(bound, { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return (
    <Facet title={title} beside={<span className="facet-range">{`${said(low)} – ${said(high)}`}</span>}>
      <Histogram from={0} to={1} bins={bins} height={40} label={i18n._("{title}: samples from 0 to 1", { title })} />
      <Slider
        aria-label={title}
        minValue={0}
        maxValue={1}
        step={STEP}
        value={dragged}
        onChange={(next) => drag(next as number[])}
        onChangeEnd={(next) => {
          const [from = 0, to = 1] = next as number[];
          onChange(from === 0 && to === 1 ? undefined : [from, to]);
        }}
        className="slider"
      >
        <SliderTrack className="slider-track">
          <SliderThumb index={0} aria-label={i18n._("from")} className="slider-thumb" />
          <SliderThumb index={1} aria-label={i18n._("to")} className="slider-thumb" />
        </SliderTrack>
      </Slider>
    </Facet>
  );
}
