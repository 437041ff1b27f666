// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import { Link } from "react-aria-components";
import type { Schemas } from "../../api/client";
import { imagePath } from "../../api/samples";
import { formatNumber } from "../../i18n/i18n";
import { stateWord } from "../../widgets/status_word";
import { Thumb } from "../../widgets/thumb";
import { counted, namesOf } from "../compare/changes";

/** Samples that show the same, side by side. */
export function Group({ group }: { group: Schemas["DuplicateGroup"] }) {
  const { i18n } = useLingui();
  return (
    <section className="card stack tight">
      <div className="row wrap">
        {group.is_leak && <span className="duplicates-tag bad">{i18n._("Leak: on both sides of training and evaluation")}</span>}
        {group.is_contradiction && <span className="duplicates-tag wait">{i18n._("Contradiction: labeled in two ways")}</span>}
        <h2>{group.kind === "exact" ? i18n._("{count} samples of the same bytes", { count: formatNumber(group.count) }) : i18n._("{count} samples that look the same", { count: formatNumber(group.count) })}</h2>
        {group.count > group.samples.length && <span className="soft small">{i18n._("the first {count} are shown", { count: formatNumber(group.samples.length) })}</span>}
      </div>
      <ul className="duplicates-pictures">
        {group.samples.map((sample, at) => (
          <One key={sample.id} sample={sample} isFirst={at === 0} />
        ))}
      </ul>
    </section>
  );
}

function One({ sample, isFirst }: { sample: Schemas["Duplicate"]; isFirst: boolean }) {
  const { i18n } = useLingui();
  const name = sample.source.split("/").at(-1) ?? sample.source;
  const labels = counted(namesOf(sample.labels));
  return (
    <li className="stack duplicates-one">
      <Link href={`/datasets/${sample.dataset}/review?sample=${sample.id}`} aria-label={i18n._("Review {name}", { name })}>
        <Thumb src={imagePath(sample, "thumb")} />
      </Link>
      <span className="one-line" title={sample.source}>
        {name}
      </span>
      <strong className="one-line small">{labels.length > 0 ? labels.join(", ") : stateWord(i18n, sample.state)}</strong>
      <span className="row wrap small soft">
        {sample.usage && <span className={`duplicates-usage ${sample.usage.toLowerCase()}`}>{sample.usage}</span>}
        <span className="one-line">{sample.dataset}</span>
        {!isFirst && <span>{sample.is_copy ? i18n._("same bytes") : i18n._("{bits, plural, one {# bit} other {# bits}} apart", { bits: sample.distance })}</span>}
      </span>
    </li>
  );
}
