// SPDX-License-Identifier: Apache-2.0
// One reason: its code and word, what was seen with its numbers, the picture of these numbers, and what to do.
import { useLingui } from "@lingui/react";
import { Lightbulb } from "lucide-react";
import type { Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { reasonSentence } from "../../labelling/reason_sentences";
import { reasonName, reasonSuggestion } from "../../widgets/reason_words";
import { ReasonChip } from "../../widgets/reason_chip";
import { Augmented } from "./augmented";
import { Frames } from "./frames";
import { MiniHistogram } from "./mini_histogram";
import { Tally } from "./tally";

export interface ReasonCardProps {
  reason: Schemas["ExplainedReason"];
  /** Picture of the sample. */
  original: string | undefined;
  neighbors: readonly Schemas["Neighbor"][];
  /** Pictures of the images before and after it. */
  frames: readonly Schemas["BesideFrame"][] | undefined;
  isHighlighted: boolean;
  onPress: () => void;
}

export type Facts = Record<string, unknown>;

export function ReasonCard({ reason, original, neighbors, frames, isHighlighted, onPress }: ReasonCardProps) {
  const { i18n } = useLingui();
  const facts = (reason.evidence ?? {}) as Facts;
  const name = reasonName(i18n, reason.id) ?? reason.name;
  const sentence = reasonSentence(i18n, reason);
  const number = (key: string) => (typeof facts[key] === "number" ? (facts[key] as number) : undefined);
  return (
    <article className={isHighlighted ? "reason highlighted" : "reason"} aria-label={`${reason.code} ${name}`}>
      <button type="button" className="reason-head" aria-pressed={isHighlighted} onClick={onPress}>
        <ReasonChip code={reason.code} />
        <strong className="grow">{name}</strong>
        {reason.strength !== null && <Strength value={reason.strength} />}
      </button>
      {sentence && <p>{sentence}</p>}
      {reason.histogram && <MiniHistogram histogram={reason.histogram} value={reason.value} low={number("low")} high={number("high")} name={name} />}
      {reason.augmented && <Augmented copy={reason.augmented} original={original} />}
      <Tally facts={facts} neighbors={neighbors} />
      <Frames facts={facts} pictures={frames} original={original} />
      <p className="suggestion soft small">
        <Lightbulb size={14} aria-hidden />
        {reasonSuggestion(i18n, reason.id) ?? reason.suggestion}
      </p>
    </article>
  );
}

function Strength({ value }: { value: number }) {
  const { i18n } = useLingui();
  return (
    <span className="strength" title={i18n._("Strength {value}", { value: formatNumber(value, { maximumFractionDigits: 2 }) })}>
      <svg viewBox="0 0 40 6" aria-hidden>
        <rect width="40" height="6" rx="3" className="track" />
        <rect width={Math.max(40 * value, 3)} height="6" rx="3" className="value" />
      </svg>
      <span className="soft small">{formatNumber(value, { maximumFractionDigits: 2, minimumFractionDigits: 2 })}</span>
    </span>
  );
}
