// SPDX-License-Identifier: Apache-2.0
// One sample in the grid: picture, boxes, labels with scores, why it is hard, how hard.
import { useLingui } from "@lingui/react";
import { Check } from "lucide-react";
import { memo, type MouseEvent } from "react";
import type { SampleRow } from "../../api/samples";
import type { Preferences } from "../../app/preferences";
import { formatNumber } from "../../i18n/i18n";
import { ReasonChip } from "../../widgets/reason_chip";
import { reasonName } from "../../widgets/reason_words";
import { stateWord } from "../../widgets/status_word";
import { nameOf } from "./sample_name";
import { TilePicture } from "./tile_picture";

const CHIPS_MAX = [1, 2, 3, 5];

export interface TileProps {
  place: number;
  column: number;
  sample: SampleRow | undefined;
  isSelected: boolean;
  isFocus: boolean;
  preferences: Preferences;
  onPress: (event: MouseEvent, place: number, sample: SampleRow) => void;
}

export const Tile = memo(function Tile({ place, column, sample, isSelected, isFocus, preferences, onPress }: TileProps) {
  const { i18n } = useLingui();
  const says = sample
    ? [nameOf(sample), stateWord(i18n, sample.state), sample.labels.map(({ name, score }) => (score === null ? name : `${name} ${formatNumber(score, { maximumFractionDigits: 2 })}`)).join(", "), sample.reasons.map((reason) => reasonName(i18n, reason.id) ?? reason.name).join(", "), sample.is_excluded && i18n._("Excluded")].filter(Boolean).join(", ")
    : i18n._("Loading…");
  const chips = CHIPS_MAX[preferences.tileSize] ?? 2;
  return (
    <div
      role="gridcell"
      aria-colindex={column + 1}
      aria-selected={isSelected}
      tabIndex={isFocus ? 0 : -1}
      data-place={place}
      data-sample={sample?.id}
      className={`tile ${sample?.is_excluded ? "excluded" : ""}`}
      onClick={(event) => sample && onPress(event, place, sample)}
      onContextMenu={(event) => sample && onPress(event, place, sample)}
    >
      <span className="unseen">{says}</span>
      <div className="tile-picture">{sample && <TilePicture key={sample.id} sample={sample} showsBoxes={preferences.showsBoxes} />}</div>
      <span className="tile-check" aria-hidden>
        <Check size={13} strokeWidth={3} />
      </span>
      {sample?.hard_coefficient != null && sample.hard && (
        <span className="tile-hard" aria-hidden title={i18n._("Hard coefficient")}>
          {formatNumber(sample.hard_coefficient, { maximumFractionDigits: 2, minimumFractionDigits: 2 })}
        </span>
      )}
      {sample?.is_excluded && <span className="tile-excluded" aria-hidden>{i18n._("Excluded")}</span>}
      {(preferences.showsLabels || preferences.showsReasons) && (
        <div className="tile-words" aria-hidden>
          {preferences.showsLabels && <span className="one-line tile-label">{sample && (sample.labels.length === 0 ? <span className="soft">{i18n._("no label")}</span> : <Labels sample={sample} />)}</span>}
          {preferences.showsReasons && (
            <span className="tile-chips">
              {sample?.reasons.slice(0, chips).map((reason) => <ReasonChip key={reason.id} code={reason.code} name={reasonName(i18n, reason.id) ?? reason.name} />)}
              {sample && sample.reasons.length > chips && <span className="soft small">+{sample.reasons.length - chips}</span>}
              {sample?.reasons.length === 0 && <span className="soft small one-line">{nameOf(sample)}</span>}
            </span>
          )}
        </div>
      )}
    </div>
  );
});

/** A class once, however many boxes have it. */
function Labels({ sample }: { sample: SampleRow }) {
  const best = new Map<string, { score: number | null; count: number; isSuggested: boolean }>();
  for (const { name, score, state } of sample.labels) {
    const before = best.get(name);
    best.set(name, { score: Math.max(score ?? 0, before?.score ?? 0) || null, count: (before?.count ?? 0) + 1, isSuggested: state === "suggested" });
  }
  return [...best].map(([name, { score, count, isSuggested }], at) => (
    <span key={name} className={isSuggested ? "suggested" : "confirmed"}>
      {at > 0 && ", "}
      {name}
      {count > 1 && ` ×${count}`}
      {isSuggested && score !== null && <span className="soft"> {formatNumber(score, { minimumFractionDigits: 2, maximumFractionDigits: 2 })}</span>}
    </span>
  ));
}
