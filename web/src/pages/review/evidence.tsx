// SPDX-License-Identifier: Apache-2.0
// Why a sample is hard: how hard, each reason with what it saw, what it stands for, and the training samples that are most like it.
import { useLingui } from "@lingui/react";
import { memo, useEffect, useRef } from "react";
import type { Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { Skeleton } from "../../widgets/skeleton";
import type { Evidence } from "./loaded";
import { FeaturesTable, RawSample } from "./features_table";
import { Neighbors } from "./neighbors";
import { ReasonCard } from "./reason_card";
import "./evidence.css";

export interface EvidenceRailProps {
  sample: Schemas["Sample"];
  image: HTMLImageElement | null;
  evidence: Evidence | undefined;
  highlighted: number | null;
  onReason: (at: number | null) => void;
  compared: number | null;
  onCompare: (at: number) => void;
}

export const EvidenceRail = memo(function EvidenceRail({ sample, image, evidence, highlighted, onReason, compared, onCompare }: EvidenceRailProps) {
  const { i18n } = useLingui();
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (highlighted !== null) list.current?.querySelectorAll(".reason")[highlighted]?.scrollIntoView({ block: "nearest" });
  }, [highlighted]);
  const explanation = evidence?.explanation;
  return (
    <div className="evidence">
      <section className="stack tight" aria-label={i18n._("Why it is hard")} ref={list} data-coach="why">
        <header className="row">
          <h2 className="grow">{sample.hard ? i18n._("Why it is hard") : i18n._("Why it was hard")}</h2>
          {sample.hard_coefficient !== null && <Coefficient value={sample.hard_coefficient} />}
        </header>
        {!evidence && <Skeleton rows={5} />}
        {evidence && !explanation && <p className="soft">{i18n._("It came without filtering: nothing is known of why it could be hard.")}</p>}
        {explanation && explanation.reasons.length === 0 && <p className="soft">{i18n._("No reason is kept for it.")}</p>}
        {explanation?.reasons.map((reason, at) => (
          <ReasonCard key={reason.id} reason={reason} original={image?.src} neighbors={evidence?.neighbors ?? []} frames={explanation.frames} isHighlighted={at === highlighted} onPress={() => onReason(at === highlighted ? null : at)} />
        ))}
        {explanation?.group && <Group group={explanation.group} result={explanation.result} />}
      </section>
      {evidence && evidence.neighbors.length > 0 && <Neighbors neighbors={evidence.neighbors} compared={compared} onCompare={onCompare} />}
      {explanation && <Combination of={explanation.combination} />}
      {explanation && <FeaturesTable explanation={explanation} />}
      {evidence && <RawSample sample={sample} explanation={explanation ?? null} />}
    </div>
  );
});

const two = (value: number) => formatNumber(value, { maximumFractionDigits: 2, minimumFractionDigits: 2 });

function Coefficient({ value }: { value: number }) {
  const { i18n } = useLingui();
  return (
    <span className="coefficient" title={i18n._("Hard coefficient, 0 to 1")}>
      <svg viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden>
        <rect width="100" height="6" className="track" />
        <rect width={100 * value} height="6" className="value" />
      </svg>
      <strong>{two(value)}</strong>
    </span>
  );
}

const SHOWN = 6;
/** Near-duplicates that the sample stands for; their pictures are those of the same run. */
function Group({ group, result }: { group: Schemas["Group"]; result: string | null }) {
  const { i18n } = useLingui();
  const run = result?.replace(/-\d+$/, "");
  return (
    <div className="reason">
      <p>{i18n._("Stands for {count, plural, one {# other that looks alike} other {# others that look alike}}.", { count: group.count })}</p>
      {run && (
        <ul className="frames">
          {group.images.slice(0, SHOWN).map(({ source, record }) => (
            <li key={record}>
              <img src={`${run}-${record}/image`} alt={source.split("/").at(-1) ?? ""} loading="lazy" />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Combination({ of }: { of: Schemas["Combination"] }) {
  const { i18n } = useLingui();
  if (of.methods.length === 0) return null;
  return (
    <details className="combination small">
      <summary>{i18n._("How this becomes the hard coefficient")}</summary>
      <table>
        <thead>
          <tr>
            <th scope="col">{i18n._("Method")}</th>
            <th scope="col">{i18n._("Strength")}</th>
            <th scope="col">{i18n._("Weight")}</th>
          </tr>
        </thead>
        <tbody>
          {of.methods.map(({ method, code, strength, weight }) => (
            <tr key={method}>
              <td>
                {method} <span className="soft">{code}</span>
              </td>
              <td>{strength === null ? "–" : two(strength)}</td>
              <td>{weight === null ? "–" : two(weight)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <p className="soft">{i18n._("Coefficient = 1 - product over methods of (1 - weight × strength of its strongest reason); of augmented copies the mean of all operations counts.")}</p>
    </details>
  );
}
