// SPDX-License-Identifier: Apache-2.0
// x, y, width and height of a box, to be typed. Enter or leaving the field takes the number, Esc the one before.
import { useLingui } from "@lingui/react";
import { useEffect, useId, useRef, useState, type KeyboardEvent } from "react";
import { reshaped, type Frame, type LabelBox } from "../../labelling/boxes";
import type { Size } from "../../labelling/geometry";

interface BoxNumbersProps {
  box: LabelBox;
  image: Size;
  onChange: (change: (frame: Frame) => Frame) => void;
}

export function BoxNumbers({ box, image, onChange }: BoxNumbersProps) {
  const { i18n } = useLingui();
  const { xmin, ymin, xmax, ymax } = box.box;
  const put = (to: Partial<typeof box.box>) => onChange((frame) => reshaped(frame, box.id, { ...box.box, ...to }));
  const width = xmax - xmin;
  const height = ymax - ymin;
  return (
    <div className="box-numbers">
      <Px label="x" words={i18n._("Left edge, px")} value={xmin} onChange={(x) => put({ xmin: x, xmax: Math.min(x + width, image.width) })} />
      <Px label="y" words={i18n._("Upper edge, px")} value={ymin} onChange={(y) => put({ ymin: y, ymax: Math.min(y + height, image.height) })} />
      <Px label="w" words={i18n._("Width, px")} value={width} onChange={(w) => put({ xmax: xmin + w })} />
      <Px label="h" words={i18n._("Height, px")} value={height} onChange={(h) => put({ ymax: ymin + h })} />
    </div>
  );
}

function Px({ label, words, value, onChange }: { label: string; words: string; value: number; onChange: (value: number) => void }) {
  const id = useId();
  const shown = String(Math.round(value));
  const [typed, type] = useState(shown);
  useEffect(() => type(shown), [shown]);
  const isGivenUp = useRef(false);
  const onBlur = () => {
    const number = Number(typed);
    const isNumber = typed.trim() !== "" && Number.isFinite(number) && number >= 0;
    if (isNumber && typed !== shown && !isGivenUp.current) onChange(Math.round(number));
    isGivenUp.current = false;
    type(shown);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key !== "Enter" && event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    isGivenUp.current = event.key === "Escape";
    event.currentTarget.blur(); // keys mean boxes again
  };
  return (
    <label htmlFor={id} className="px">
      <span aria-hidden>{label}</span>
      <input id={id} aria-label={words} inputMode="numeric" className="input" value={typed} onChange={(event) => type(event.target.value)} onFocus={(event) => event.target.select()} onBlur={onBlur} onKeyDown={onKeyDown} />
    </label>
  );
}
