// SPDX-License-Identifier: Apache-2.0
// The training samples most like the one that is looked at, with their labels; a press sets one beside it.
import { useLingui } from "@lingui/react";
import { KeyCap } from "../../widgets/key_cap";
import type { Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";

export function Neighbors({ neighbors, compared, onCompare }: { neighbors: readonly Schemas["Neighbor"][]; compared: number | null; onCompare: (at: number) => void }) {
  const { i18n } = useLingui();
  return (
    <section className="stack tight" aria-label={i18n._("Nearest training samples")}>
      <header className="row">
        <h2 className="grow">{i18n._("Nearest training samples")}</h2>
        <span className="soft small">
          <KeyCap group="review" of="m" /> {i18n._("compare")}
        </span>
      </header>
      <ul className="neighbors">
        {neighbors.map((neighbor, at) => {
          const labels = (neighbor.labels as string[]).join(", ") || i18n._("no label");
          const cosine = formatNumber(neighbor.cosine, { maximumFractionDigits: 2, minimumFractionDigits: 2 });
          return (
            <li key={neighbor.image}>
              <button type="button" aria-pressed={compared === at} onClick={() => onCompare(at)}>
                <img src={neighbor.image} alt="" />
                <span className="unseen">{i18n._("Compare with")}</span>
                <span className="one-line" title={labels}>
                  {labels}
                </span>
                <span className="soft">{cosine}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
