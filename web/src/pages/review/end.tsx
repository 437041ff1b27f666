// SPDX-License-Identifier: Apache-2.0
// All are reviewed: what became of them, and where to go from here.
import { useLingui } from "@lingui/react";
import { CircleCheckBig } from "lucide-react";
import { useState, type ReactNode } from "react";
import type { Schemas } from "../../api/client";
import { useKeys } from "../../app/keys";
import { useMay } from "../../app/session";
import { formatNumber, formatShare } from "../../i18n/i18n";
import { secondsEach } from "../../labelling/pace";
import { Button, LinkButton } from "../../widgets/button";
import { Facts } from "../../widgets/facts";
import { Publish } from "../dataset/publish";
import { AddToDataset } from "../merge/add_to_dataset";
import { mostCorrected } from "./corrections";
import { NextDataset, UndoAll } from "./end_actions";
import { decisions } from "./transport";
import type { ReviewSitting } from "./use_sitting";

export interface EndProps {
  dataset: Schemas["Dataset"];
  sitting: ReviewSitting;
  mayLabel: boolean;
  onUndo: () => void;
  /** What came meanwhile. */
  children: ReactNode;
}

export function End({ dataset, sitting, mayLabel, onUndo, children }: EndProps) {
  const { i18n } = useLingui();
  const mayPublish = useMay("admin");
  const [isPublishing, publish] = useState(false);
  const [isAdding, add] = useState(false);
  const back = () => sitting.go(sitting.ids.length - 1);
  useKeys("review-end", [
    { keys: ["a", "ArrowLeft"], name: i18n._("Back to the last one"), run: back },
    ...(mayLabel ? [{ keys: ["Ctrl+Z"], name: i18n._("Undo"), run: onUndo }] : []),
  ]);
  const all = [...sitting.done.values()];
  const confirmed = all.filter(({ action, hard }) => action === "confirm" || (action === "annotate" && hard === false));
  const asSuggested = confirmed.filter(({ isAsSuggested }) => isAsSuggested).length;
  const seconds = secondsEach(all.map(({ at }) => at));
  const corrected = mostCorrected(all);
  const left = sitting.ids.filter((id) => !sitting.done.has(id)).length;
  return (
    <div className="review-end stack">
      <header className="review-end-head">
        <CircleCheckBig size={36} aria-hidden />
        <div>
          <h1>{left === 0 ? i18n._("All {count} reviewed", { count: formatNumber(all.length) }) : i18n._("{done} of {count} decided", { done: formatNumber(all.length), count: formatNumber(sitting.ids.length) })}</h1>
          <p className="soft">
            {seconds !== undefined && i18n._("{seconds} s each", { seconds: formatNumber(seconds, { maximumFractionDigits: 1 }) })}
          </p>
        </div>
      </header>
      <p role="status" className={decisions.unsent > 0 ? "unsent" : "unseen"}>
        {decisions.unsent > 0 ? i18n._("{count, plural, one {# decision is} other {# decisions are}} on the way to the server.", { count: decisions.unsent }) : i18n._("Everything is saved.")}
      </p>
      <Facts
        facts={[
          [i18n._("Confirmed"), formatNumber(confirmed.length)],
          [i18n._("Suggestions taken as they were"), confirmed.length > 0 ? formatShare(asSuggested / confirmed.length) : "–"],
          [i18n._("Given another class"), formatNumber(confirmed.length - asSuggested)],
          ...(corrected ? [[i18n._("Most often corrected"), `${corrected.from} → ${corrected.to} (${formatNumber(corrected.count)})`] as const] : []),
          [i18n._("Rejected"), formatNumber(all.filter(({ action, hard }) => action === "reject" || (action === "annotate" && hard === undefined)).length)],
          [i18n._("Not hard"), formatNumber(all.filter(({ hard }) => hard === false).length)],
          [i18n._("Excluded"), formatNumber(all.filter(({ action }) => action === "exclude").length)],
          [i18n._("Left undecided"), formatNumber(left)],
        ]}
      />
      <div className="row wrap">
        <Button look="primary" onPress={() => publish(true)} why={!mayPublish ? i18n._("Only an administrator publishes.") : decisions.unsent > 0 && i18n._("Wait until everything is saved.")}>
          {i18n._("Publish")}
        </Button>
        <Button onPress={() => add(true)} why={!mayLabel ? i18n._("Your role only reads.") : decisions.unsent > 0 && i18n._("Wait until everything is saved.")}>
          {i18n._("Add to training dataset")}
        </Button>
        <NextDataset dataset={dataset.name} />
        <LinkButton href={`/datasets/${dataset.name}/label?state=labeled`}>{i18n._("See what is labeled")}</LinkButton>
        <LinkButton href={`/datasets/${dataset.name}`}>{i18n._("To the dataset")}</LinkButton>
        <Button look="quiet" onPress={back}>
          {i18n._("Back to the last one")} <kbd>A</kbd>
        </Button>
        {mayLabel && <UndoAll sitting={sitting} />}
        {children}
      </div>
      {isAdding && <AddToDataset dataset={dataset} onClose={() => add(false)} />}
      {isPublishing && <Publish dataset={dataset} onClose={() => publish(false)} />}
    </div>
  );
}
