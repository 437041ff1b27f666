// SPDX-License-Identifier: Apache-2.0
// The training set, grey, behind this run, and where this sample stands between them. Each has a scale of its own: it is the shape that
// tells. The sentence above says the same in words.
import { useLingui } from "@lingui/react";
import type { Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";

export interface MiniHistogramProps {
  histogram: Schemas["PlacedHistogram"];
  value: number | null;
  /** Between these 98 % of the training images lie. */
  low: number | undefined;
  high: number | undefined;
  name: string;
}
const HEIGHT = 40;
const STEP = 10;

const shortly = (value: number) => formatNumber(value, Math.abs(value) >= 1000 ? { notation: "compact", maximumFractionDigits: 1 } : { maximumSignificantDigits: 3 });

export function MiniHistogram({ histogram, value, low, high, name }: MiniHistogramProps) {
  const { i18n } = useLingui();
  const { from, to } = histogram;
  const run = histogram.run as number[];
  const training = histogram.training as number[] | null;
  const width = run.length * STEP;
  const share = (at: number) => (to > from ? Math.min(Math.max((at - from) / (to - from), 0), 1) : 0.5);
  const bars = (counts: readonly number[], className: string, inset: number) => {
    const most = Math.max(...counts, 1);
    return counts.map((count, at) => {
      const size = count === 0 ? 0 : Math.max((count / most) * (HEIGHT - 2), 1);
      return <rect key={`${className}${at}`} x={at * STEP + inset} width={STEP - 2 * inset} y={HEIGHT - size} height={size} className={className} />;
    });
  };
  const place = value === null ? undefined : share(value);
  return (
    <figure className="mini">
      <div className="mini-plot">
        <svg viewBox={`0 0 ${width} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={i18n._("{name}: this sample among the run's images and the training samples", { name })}>
          {low !== undefined && high !== undefined && <rect x={share(low) * width} width={Math.max((share(high) - share(low)) * width, 1)} y="0" height={HEIGHT} className="usual" />}
          {training && bars(training, "training", 0.5)}
          {bars(run, "run", training ? 2.5 : 1)}
          <line x1="0" x2={width} y1={HEIGHT} y2={HEIGHT} className="axis" />
        </svg>
        {place !== undefined && value !== null && (
          <span className="mini-here" style={{ left: `${100 * place}%` }} data-side={place > 0.6 ? "left" : "right"}>
            <b>{shortly(value)}</b>
          </span>
        )}
      </div>
      <figcaption className="soft small" aria-hidden>
        <span>{shortly(from)}</span>
        <span className="mini-legend">
          {training && <i className="training">{i18n._("training")}</i>}
          <i className="run">{i18n._("this run")}</i>
          {place !== undefined && <i className="here">{i18n._("this sample")}</i>}
        </span>
        <span>{shortly(to)}</span>
      </figcaption>
    </figure>
  );
}
