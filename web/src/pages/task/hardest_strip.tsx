// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import { Link } from "react-aria-components";
import type { Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { ReasonChip } from "../../widgets/reason_chip";
import { reasonName } from "../../widgets/reason_words";

const CHIPS = 2;
const COARSE_PX = 64;

/** The hardest images, each a way into Review. */
export function HardestStrip({ examples, dataset }: { examples: readonly Schemas["ReportedExample"][]; dataset: string }) {
  const { i18n } = useLingui();
  return (
    <section className="card stack tight">
      <h2>{i18n._("The hardest")}</h2>
      <ul className="hardest">
        {examples.map(({ sample, name, image, hard_coefficient, label, score, reasons, width }) => (
          <li key={sample}>
            <Link href={`/datasets/${dataset}/review?sample=${sample}`} className="hardest-one">
              <span className="unseen">{i18n._("Review {name}", { name })}</span>
              <span className="hardest-picture">
                <img src={`${image}?size=thumb`} alt="" loading="lazy" className={width > 0 && width < COARSE_PX ? "coarse" : ""} />
                {hard_coefficient !== null && <span className="hardest-number">{formatNumber(hard_coefficient, { minimumFractionDigits: 2, maximumFractionDigits: 2 })}</span>}
              </span>
              <span className="one-line small">
                {label ?? i18n._("nothing found")} {score !== null && <span className="soft">{formatNumber(score, { minimumFractionDigits: 2, maximumFractionDigits: 2 })}</span>}
              </span>
              <span className="row hardest-chips">
                {reasons.slice(0, CHIPS).map(({ id, code, name: reason }) => (
                  <ReasonChip key={id} code={code} name={reasonName(i18n, id) ?? reason} />
                ))}
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
