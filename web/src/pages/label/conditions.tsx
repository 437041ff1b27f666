// SPDX-License-Identifier: Apache-2.0
// The chosen conditions as chips: a press takes one away.
import type { I18n } from "@lingui/core";
import { useLingui } from "@lingui/react";
import { X } from "lucide-react";
import type { ReactNode } from "react";
import { formatNumber } from "../../i18n/i18n";
import { conditionsOf, filterOf, toggledIn, type FeatureRange, type Filter } from "../../labelling/filter";
import { Button } from "../../widgets/button";
import { featureName } from "../../widgets/feature_words";
import { ReasonChip } from "../../widgets/reason_chip";
import { reasonName } from "../../widgets/reason_words";
import type { RailProps } from "./filter_rail";

export function originName(i18n: I18n, origin: string): string {
  const names: Record<string, string> = {
    import: i18n._("Import"),
    synchronize: i18n._("Synchronize"),
    hard_examples: i18n._("Hard examples"),
  };
  return names[origin] ?? origin;
}

export function rangeWords(i18n: I18n, { name, min, max }: FeatureRange): string {
  const said = (value: number) => formatNumber(value, { maximumSignificantDigits: 3 });
  const feature = featureName(i18n, name);
  if (min !== undefined && max !== undefined) return i18n._("{feature} {low} to {high}", { feature, low: said(min), high: said(max) });
  if (min !== undefined) return i18n._("{feature} from {low}", { feature, low: said(min) });
  return max === undefined ? i18n._("{feature} measured", { feature }) : i18n._("{feature} up to {high}", { feature, high: said(max) });
}

interface Chip {
  key: string;
  text: string;
  shown?: ReactNode;
  change: Partial<Filter>;
}

export function Conditions({ filter, facets, onChange }: RailProps) {
  const { i18n } = useLingui();
  const known = (id: number) => facets?.facets.reasons.find((reason) => reason.id === id);
  const chips: Chip[] = [
    ...(filter.hard === undefined ? [] : [{ key: "hard", text: filter.hard ? i18n._("Hard") : i18n._("Not hard"), change: { hard: undefined } }]),
    ...filter.reasons.map((id) => {
      const { code = String(id), name: english = "" } = known(id) ?? {};
      const name = reasonName(i18n, id) ?? english;
      return {
        key: `r${id}`,
        text: `${code} ${name}`,
        shown: (
          <>
            <ReasonChip code={code} />
            <span className="one-line">{name}</span>
          </>
        ),
        change: { reasons: toggledIn(filter.reasons, id) },
      };
    }),
    ...filter.labels.map((label) => ({ key: `l${label}`, text: i18n._("Label {label}", { label }), change: { labels: toggledIn(filter.labels, label) } })),
    ...(filter.coefficient ? [{ key: "c", text: i18n._("Coefficient {low} to {high}", { low: filter.coefficient[0], high: filter.coefficient[1] }), change: { coefficient: undefined } }] : []),
    ...(filter.score ? [{ key: "s", text: i18n._("Score {low} to {high}", { low: filter.score[0], high: filter.score[1] }), change: { score: undefined } }] : []),
    ...filter.features.map((range, at) => ({ key: `f${at}`, text: rangeWords(i18n, range), change: { features: filter.features.filter((one) => one !== range) } })),
    ...(filter.name ? [{ key: "n", text: i18n._("Name {name}", { name: filter.name }), change: { name: "" } }] : []),
    ...(filter.origin ? [{ key: "o", text: originName(i18n, filter.origin), change: { origin: undefined } }] : []),
    ...(filter.task ? [{ key: "t", text: i18n._("Brought by task {id}", { id: filter.task.slice(0, 8) }), change: { task: undefined } }] : []),
    ...(filter.withExcluded ? [{ key: "x", text: i18n._("with excluded"), change: { withExcluded: false } }] : []),
  ];
  if (chips.length === 0) return null;
  return (
    <div className="conditions" role="group" aria-label={i18n._("Conditions")}>
      {filter.allReasons && filter.reasons.length > 1 && <span className="soft small">{i18n._("all reasons:")}</span>}
      {chips.map(({ key, text, shown, change }) => (
        <button key={key} type="button" className="condition" onClick={() => onChange(change)} title={text}>
          <span className="unseen">{i18n._("Remove condition:")} </span>
          {shown ?? <span className="one-line">{text}</span>}
          <X size={12} aria-hidden />
        </button>
      ))}
      {conditionsOf(filter) > 1 && (
        <Button size="small" look="quiet" onPress={() => onChange(filterOf({ state: filter.state, sort: filter.sort }))}>
          {i18n._("Clear")}
        </Button>
      )}
    </div>
  );
}
