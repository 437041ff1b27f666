// SPDX-License-Identifier: Apache-2.0
// The image and its changed copy side by side, with what the model says of each.
import { useLingui } from "@lingui/react";
import { ArrowRight } from "lucide-react";
import type { Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";

const two = (value: number) => formatNumber(value, { maximumFractionDigits: 2, minimumFractionDigits: 2 });

export function Augmented({ copy, original }: { copy: Schemas["AugmentedCopy"]; original: string | undefined }) {
  const { i18n } = useLingui();
  const isChanged = copy.label !== copy.copy_label || copy.boxes !== copy.copy_boxes;
  return (
    <div className="augmented">
      <figure>
        {original && <img src={original} alt={i18n._("The image")} />}
        <figcaption>
          <Said label={copy.label} score={copy.score} boxes={copy.boxes} />
        </figcaption>
      </figure>
      <ArrowRight size={16} aria-hidden />
      <figure>
        <img src={copy.image} alt={i18n._("The copy, {operation}", { operation: copy.operation })} />
        <figcaption className={isChanged ? "changed" : ""}>
          <Said label={copy.copy_label} score={copy.copy_score} boxes={copy.copy_boxes} />
        </figcaption>
      </figure>
    </div>
  );
}

function Said({ label, score, boxes }: { label: string | null; score: number | null; boxes: number | null }) {
  const { i18n } = useLingui();
  if (label === null) return <>{boxes === null ? "–" : i18n._("{count, plural, one {# box} other {# boxes}}", { count: boxes })}</>;
  return (
    <>
      <b className="one-line">{label}</b> {score !== null && <span>{two(score)}</span>}
    </>
  );
}
