// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import { formatNumber } from "../../i18n/i18n";
import type { Report } from "./report_facts";

/** What the filtering had to go by: the training set, augmented copies, what people had said. */
export function HowFound({ report }: { report: Report }) {
  const { i18n } = useLingui();
  const { training, views, learned, list } = report;
  const number = (value: number | undefined) => formatNumber(value ?? 0, { maximumFractionDigits: 2 });
  const lines = [
    training?.samples && i18n._("Compared with {count} training samples.", { count: number(training.samples) }),
    views?.copies && i18n._("{copies} augmented copies of {images} images were inferred: {each} for each image of the run.", { copies: number(views.copies), images: number(views.images), each: number(views.inferences_per_image) }),
    learned?.is_used === true && i18n._("How the reasons weigh was learned from {count} labelled images (AUROC {auroc}).", { count: number((learned.held_out ?? 0) + (learned.confirmed ?? 0)), auroc: number(learned.auroc) }),
    learned?.is_used === false && learned.why_not && i18n._("The reasons weigh as they are set: {why}.", { why: learned.why_not }),
    list?.others && i18n._("{others} hard images stand behind another one that is like them.", { others: number(list.others) }),
  ].filter((line) => typeof line === "string");
  return (
    <ul className="how-found small soft">
      {lines.map((line) => (
        <li key={line}>{line}</li>
      ))}
    </ul>
  );
}
