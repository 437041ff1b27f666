// SPDX-License-Identifier: Apache-2.0
// Splitting: how much of the labeled samples is for training, and what stands in its way.
import { useLingui } from "@lingui/react";
import type { Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { Checkbox, NumberField, Switch } from "../../widgets/field";
import { SEED_MAX, SPLIT_MIN, shares, tooRare, type PublishDraft } from "./split";

const NAMED = 5;

export interface SplitFieldsProps {
  dataset: Schemas["Dataset"];
  draft: PublishDraft;
  onChange: (change: Partial<PublishDraft>) => void;
  /** Why the server refused the split. */
  refused: string | undefined;
}

export function SplitFields({ dataset, draft, onChange, refused }: SplitFieldsProps) {
  const { i18n } = useLingui();
  const rare = tooRare(dataset.labels ?? []);
  const { train, evaluation } = shares(draft.ratio, dataset.labeled);
  const named = rare.slice(0, NAMED).map(({ name, samples }) => `${name} ${formatNumber(samples)}`).join(", ");
  return (
    <div className="stack tight">
      <Switch label={i18n._("Splitting: labeled samples are for training (TRAIN) or evaluation (EVAL)")} isSelected={draft.splits} onChange={(splits) => onChange({ splits })} />
      {draft.splits && (
        <div className="stack tight split-fields">
          <div className="split-pair">
            <NumberField
              label={i18n._("Training set ratio")}
              help={i18n._("About {train} TRAIN and {evaluation} EVAL, the same share of each label.", { train: formatNumber(train), evaluation: formatNumber(evaluation) })}
              value={draft.ratio}
              onChange={(ratio) => Number.isFinite(ratio) && onChange({ ratio })}
              minValue={0}
              maxValue={1}
              step={0.05}
              error={refused}
            />
            <NumberField label={i18n._("Seed")} help={i18n._("The same seed gives the same split.")} value={draft.seed} onChange={(seed) => Number.isFinite(seed) && onChange({ seed })} minValue={0} maxValue={SEED_MAX} formatOptions={{ useGrouping: false }} />
          </div>
          <Checkbox label={i18n._("Keep the usage of samples that have one, split only the others")} isSelected={draft.keepsUsage} onChange={(keepsUsage) => onChange({ keepsUsage })} />
          {rare.length > 0 && !refused && (
            <p role="status" className="small split-warning">
              {i18n._("A split needs at least {least} labeled samples of each label. Too few have: {labels}.", { least: SPLIT_MIN, labels: rare.length > NAMED ? `${named}, …` : named })}
            </p>
          )}
        </div>
      )}
    </div>
  );
}
