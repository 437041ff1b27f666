// SPDX-License-Identifier: Apache-2.0
// The ends of the chosen range of a histogram: what dragging does, by keyboard, and said by a screen reader.
import { useLingui } from "@lingui/react";
import { Slider, SliderThumb, SliderTrack } from "react-aria-components";
import { said } from "./feature_card";
import "../../widgets/slider.css";
import type { Bins } from "./use_brush";

interface EndsProps {
  title: string;
  edges: readonly number[];
  bins: Bins;
  onChange: (bins: Bins) => void;
}
export function RangeEnds({ title, edges, bins, onChange }: EndsProps) {
  const { i18n } = useLingui();
  const count = edges.length - 1;
  if (count < 2) return null;
  const ends = [i18n._("from {value}", { value: said(edges[bins[0]]) }), i18n._("to {value}", { value: said(edges[bins[1]]) })] as const;
  return (
    <Slider
      aria-label={i18n._("Range of {title}", { title })}
      minValue={0}
      maxValue={count}
      step={1}
      value={[...bins]}
      onChange={(next) => {
        const [from = 0, to = count] = next as number[];
        if (from < to) onChange([from, to]);
      }}
      className="slider"
    >
      <SliderTrack className="slider-track">
        {ends.map((end, index) => (
          <SliderThumb key={index} index={index} aria-label={end} className="slider-thumb" />
        ))}
      </SliderTrack>
    </Slider>
  );
}
