// SPDX-License-Identifier: Apache-2.0
// One feature: the version as filled bars, what it is compared with as a line of steps, each as shares of its own images.
import { useLingui } from "@lingui/react";
import type { I18n } from "@lingui/core";
import type { Schemas } from "../../api/client";
import { formatNumber, formatShare } from "../../i18n/i18n";
import { featureName, featureUnit } from "../../widgets/feature_words";
import { ReasonChip } from "../../widgets/reason_chip";
import type { FeatureRange } from "../../labelling/filter";
import { ChosenRange } from "./chosen_range";
import { RangeEnds } from "./range_ends";
import { outline, rangeOf, sharesOf } from "./sides";
import { useBrush } from "./use_brush";

type Feature = Schemas["FeatureHistogram"];
interface Counts {
  bins: readonly number[];
  count: number;
  below: number;
  above: number;
  median: number | null;
}
const WIDTH = 320;
const HEIGHT = 96;
const FIRST_REASON = 5;
const codes = ["S5", "S6", "S7", "S8", "S9", "S10", "B11", "B12", "B13", "B14", "B15", "B16", "B17", "B18"] as const;

export const said = (value: number | null | undefined) =>
  value === null || value === undefined ? "–" : formatNumber(value, { maximumSignificantDigits: 3, notation: Math.abs(value) >= 100_000 ? "compact" : "standard" });

export function shiftWord(i18n: I18n, shift: string): string {
  return shift === "shifted" ? i18n._("shifted") : shift === "not shifted" ? i18n._("not shifted") : i18n._("too few samples");
}
export const shiftLook = (shift: string) => (shift === "shifted" ? "wait" : shift === "not shifted" ? "good" : "");

interface CardProps {
  feature: Feature;
  of: string;
  against: string | null;
  dataset: string;
  /** Only samples with this label are counted. */
  label: string | undefined;
}
export function FeatureCard({ feature, of: name, against: otherName, dataset, label }: CardProps) {
  const { i18n } = useLingui();
  const of = feature.of as unknown as Counts;
  const against = feature.against as unknown as Counts | null;
  const edges = feature.edges as unknown as readonly number[];
  const title = featureName(i18n, feature.feature);
  const [low, high] = [edges[0] ?? 0, edges.at(-1) ?? 1];
  const shares = sharesOf(of);
  const others = against && sharesOf(against);
  const most = Math.max(...shares, ...(others ?? []), 1e-9);
  const brush = useBrush(shares.length);
  const [from, to] = brush.bins ?? [0, shares.length];
  const step = WIDTH / Math.max(shares.length, 1);
  const place = (value: number) => (high > low ? Math.min(Math.max((value - low) / (high - low), 0), 1) : 0.5) * WIDTH;
  const medians = against ? i18n._("median {of}, beside {against}", { of: said(of.median), against: said(against.median) }) : i18n._("median {of}", { of: said(of.median) });
  const outside = of.below + of.above + (against ? against.below + against.above : 0);
  const words = [`${title}: ${name}`, otherName, medians, feature.shift && shiftWord(i18n, feature.shift)].filter(Boolean).join(", ");
  return (
    <li className="card feature-card">
      <header className="row">
        <ReasonChip code={codes[feature.reason - FIRST_REASON] ?? ""} />
        <h2 className="grow one-line">{title}</h2>
        {feature.shift && <span className={`status ${shiftLook(feature.shift)}`}>{shiftWord(i18n, feature.shift)}</span>}
      </header>
      <svg viewBox={`0 -2 ${WIDTH} ${HEIGHT + 2}`} preserveAspectRatio="none" role="img" aria-label={words} height={HEIGHT} className="brushed" {...brush.pointer}>
        {shares.map((share, bin) => (
          <g key={bin}>
            <rect x={bin * step + 0.5} width={Math.max(step - 1, 0.5)} y={HEIGHT - (share / most) * HEIGHT} height={(share / most) * HEIGHT} className="of" />
            <rect x={bin * step} width={step} y={0} height={HEIGHT} className="room">
              <title>{`${said(edges[bin])} – ${said(edges[bin + 1])}: ${formatShare(share)}${others ? ` / ${formatShare(others[bin] ?? 0)}` : ""}`}</title>
            </rect>
          </g>
        ))}
        {brush.bins && (
          <>
            <rect x={0} width={from * step} y={0} height={HEIGHT} className="outside" />
            <rect x={to * step} width={Math.max(WIDTH - to * step, 0)} y={0} height={HEIGHT} className="outside" />
          </>
        )}
        {others && <path d={outline(others, most, WIDTH, HEIGHT)} className="against" />}
        {of.median !== null && <line x1={place(of.median)} x2={place(of.median)} y1={0} y2={HEIGHT} className="median" />}
        {against && against.median !== null && <line x1={place(against.median)} x2={place(against.median)} y1={0} y2={HEIGHT} className="median against" />}
      </svg>
      <RangeEnds title={title} edges={edges} bins={[from, to]} onChange={brush.choose} />
      <div className="feature-axis small soft" aria-hidden>
        <span>{said(low)}</span>
        <span>{featureUnit(i18n, feature.unit)}</span>
        <span>{said(high)}</span>
      </div>
      <p className="small">
        {medians}
        {feature.distance !== null && <span className="soft"> · {i18n._("distance {distance}", { distance: formatNumber(feature.distance, { maximumFractionDigits: 2, minimumFractionDigits: 2 }) })}</span>}
        {outside > 0 && <span className="soft"> · {i18n._("{count, plural, one {# value} other {# values}} outside", { count: outside })}</span>}
      </p>
      {brush.bins && <ChosenRange dataset={dataset} label={label} range={rangeOf(feature.feature as FeatureRange["name"], edges, brush.bins)} onClear={() => brush.choose(null)} />}
    </li>
  );
}
