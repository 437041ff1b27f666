// SPDX-License-Identifier: Apache-2.0
// Above the picture: where one is, how fast it goes, what is not sent yet.
import type { I18n } from "@lingui/core";
import { useLingui } from "@lingui/react";
import { CloudOff, CloudUpload, PanelRight, Undo2, X } from "lucide-react";
import { memo, type ReactNode } from "react";
import { Link } from "react-aria-components";
import { formatNumber } from "../../i18n/i18n";
import type { Filter, Sort } from "../../labelling/filter";
import { secondsEach } from "../../labelling/pace";
import { IconButton } from "../../widgets/button";
import { stateWord } from "../../widgets/status_word";
import { decisions } from "./transport";
import type { ReviewSitting } from "./use_sitting";

export interface HeadProps {
  dataset: string;
  sitting: ReviewSitting;
  total: number;
  filter: Filter;
  mayLabel: boolean;
  onUndo: () => void;
  onLeave: () => void;
  showsRail: boolean;
  onRail: () => void;
  /** What joined the list meanwhile. */
  pill: ReactNode;
}
const BACKLOG = 20; // unsent decisions from which on it is worth a look

function sortWord(i18n: I18n, sort: Sort): string {
  const words: Record<Sort, string> = {
    "-hard_coefficient": i18n._("Hardest first"),
    hard_coefficient: i18n._("Easiest first"),
    source: i18n._("Name, A to Z"),
    "-source": i18n._("Name, Z to A"),
    "-created": i18n._("Newest first"),
    created: i18n._("Oldest first"),
  };
  return words[sort];
}

export function Head({ dataset, sitting, total, filter, mayLabel, onUndo, onLeave, showsRail, onRail, pill }: HeadProps) {
  const { i18n } = useLingui();
  const count = sitting.ids.length;
  const number = Math.min(sitting.at + 1, count);
  return (
    <>
      <header className="review-head">
        <div className="review-where">
          <h1 className="one-line">
            <Link href={`/datasets/${dataset}`}>{dataset}</Link>
          </h1>
          <span className="soft small one-line">
            {filter.state === "all" ? i18n._("All") : stateWord(i18n, filter.state)} · {sortWord(i18n, filter.sort)}
          </span>
        </div>
        <div className="review-progress">
          <span className="review-count">
            <strong>{formatNumber(number)}</strong>
            <span className="soft"> / {formatNumber(count)}</span>
          </span>
          <svg className="review-bar" viewBox="0 0 100 4" preserveAspectRatio="none" role="progressbar" aria-label={i18n._("Reviewed")} aria-valuenow={number} aria-valuemin={0} aria-valuemax={count} aria-valuetext={`${number} / ${count}`}>
            <rect width={(100 * number) / Math.max(count, 1)} height="4" />
          </svg>
          {total > count && <span className="soft small one-line">{i18n._("the first {count} of {total}", { count: formatNumber(count), total: formatNumber(total) })}</span>}
        </div>
        <Pace sitting={sitting} />
        {pill}
        <span className="grow" />
        <Unsent />
        <HeadButtons mayLabel={mayLabel} showsRail={showsRail} onUndo={onUndo} onRail={onRail} onLeave={onLeave} />
      </header>
      {!decisions.isReachable && decisions.unsent > 0 && (
        <p className="review-offline" role="status">
          <CloudOff size={16} aria-hidden />
          {i18n._("Connection lost. {count, plural, one {# decision waits} other {# decisions wait}} in this browser and will be sent.", { count: decisions.unsent })}
          <button type="button" className="link-button" onClick={() => decisions.hurry()}>
            {i18n._("Retry now")}
          </button>
        </p>
      )}
    </>
  );
}

const HeadButtons = memo(function HeadButtons({ mayLabel, showsRail, onUndo, onRail, onLeave }: Pick<HeadProps, "mayLabel" | "showsRail" | "onUndo" | "onRail" | "onLeave">) {
  const { i18n } = useLingui();
  return (
    <>
      <IconButton label={i18n._("Undo")} keys="Ctrl+Z" onPress={onUndo} why={!mayLabel && i18n._("Your role only reads.")}>
        <Undo2 size={17} aria-hidden />
      </IconButton>
      <IconButton label={showsRail ? i18n._("Hide the evidence") : i18n._("Show the evidence")} keys="I" onPress={onRail}>
        <PanelRight size={17} aria-hidden />
      </IconButton>
      <IconButton label={i18n._("Back to the samples")} keys="Esc" onPress={onLeave}>
        <X size={18} aria-hidden />
      </IconButton>
    </>
  );
});

function Unsent() {
  const { i18n } = useLingui();
  const { unsent } = decisions;
  if (unsent === 0) return null;
  return (
    <span className={unsent > BACKLOG ? "unsent many small" : "unsent small"} title={i18n._("Decisions on their way to the server")}>
      <CloudUpload size={14} aria-hidden />
      {i18n._("{count} queued", { count: formatNumber(unsent) })}
    </span>
  );
}

/** How fast it goes, and how long it will take, from the decisions of this sitting. */
function Pace({ sitting }: { sitting: ReviewSitting }) {
  const { i18n } = useLingui();
  const seconds = secondsEach([...sitting.done.values()].map(({ at }) => at));
  if (seconds === undefined) return null;
  const minutes = Math.ceil((seconds * (sitting.ids.length - sitting.at)) / 60);
  return <span className="review-pace soft small">{i18n._("{seconds} s/img · ~{minutes} min left", { seconds: formatNumber(seconds, { maximumFractionDigits: 1 }), minutes: formatNumber(minutes) })}</span>;
}
