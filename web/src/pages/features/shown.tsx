// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import type { I18n } from "@lingui/core";
import type { Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { FeatureCard } from "./feature_card";
import { FeatureTable } from "./feature_table";

function sideName(i18n: I18n, { dataset, version, run }: Schemas["FeatureSide"], service?: string): string {
  return dataset !== null ? `${dataset}@${version}` : service !== undefined ? i18n._("run of {service}", { service }) : i18n._("run {id}", { id: (run ?? "").slice(0, 8) });
}

/** All features that these images have: what has shifted in words, each histogram, and the figures as a table. */
export function Shown({ found, service, dataset, label }: { found: Schemas["FeatureHistograms"]; service: string | undefined; dataset: string; label: string | undefined }) {
  const { i18n } = useLingui();
  const { of, against, features } = found;
  const shifted = features.filter(({ shift }) => shift === "shifted");
  const few = features.filter(({ shift }) => shift === "too few samples");
  const names = { of: sideName(i18n, of), against: against && sideName(i18n, against, service) };
  const images = (side: Schemas["FeatureSide"]) => i18n._("{count, plural, one {# image} other {# images}}", { count: side.counted });
  return (
    <>
      <div className="features-legend row wrap" role="status">
        <span className="row">
          <span className="features-key of" aria-hidden />
          <strong>{names.of}</strong> <span className="soft">{images(of)}</span>
        </span>
        {against && (
          <span className="row">
            <span className="features-key against" aria-hidden />
            <strong>{names.against}</strong> <span className="soft">{images(against)}</span>
          </span>
        )}
        <span className="grow" />
        {against && (
          <strong>
            {few.length === features.length
              ? i18n._("Too few samples to compare: 50 on each side are needed")
              : shifted.length === 0
                ? i18n._("No feature has shifted")
                : i18n._("{count} of {all} features have shifted", { count: formatNumber(shifted.length), all: formatNumber(features.length) })}
          </strong>
        )}
      </div>
      {(of.is_small || against?.is_small) && <p className="features-small small">{i18n._("With fewer than 1,000 images histograms are not steady yet.")}</p>}
      {of.unreadable + (against?.unreadable ?? 0) > 0 && <p className="soft small">{i18n._("{count} images could not be read and do not count.", { count: formatNumber(of.unreadable + (against?.unreadable ?? 0)) })}</p>}
      <p className="soft small">{i18n._("Drag over a histogram, or move the ends below it, to see the samples of that range.")}</p>
      <ul className="features-grid">
        {features.map((feature) => (
          <FeatureCard key={feature.feature} feature={feature} of={names.of} against={names.against} dataset={dataset} label={label} />
        ))}
      </ul>
      <FeatureTable features={features} of={names.of} against={names.against} />
    </>
  );
}
