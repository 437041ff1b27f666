// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import { formatNumber } from "../../i18n/i18n";
import type { MergeResult } from "./merge";
import "./merge.css";

/** What becomes, or became, of the samples: what is added, what is there already, what is left to a person. */
export function MergeCounts({ result }: { result: MergeResult }) {
  const { i18n } = useLingui();
  const { into } = result;
  const rows: readonly (readonly [name: string, count: number, why: string, className?: string])[] = [
    [i18n._("Added"), result.added, i18n._("come into {into} with labels, usage, reasons and evidence", { into }), "good"],
    [i18n._("Labels filled in"), result.filled, i18n._("wait in {into} without a label and get theirs", { into }), "good"],
    [i18n._("Already there"), result.duplicates, i18n._("the same image, labeled alike")],
    [i18n._("Contradictions"), result.contradictions, i18n._("the same image is labeled otherwise: left to you"), "bad"],
    [i18n._("Excluded there"), result.excluded, i18n._("somebody took that image out of {into}", { into }), "wait"],
    [i18n._("Not readable"), result.unreadable, i18n._("nobody knows whether their images are there"), "wait"],
    [i18n._("Not labeled"), result.not_labeled, i18n._("only labeled samples are added")],
    [i18n._("New labels"), result.labels_added, i18n._("that {into} did not have", { into })],
    [i18n._("Not readable there"), result.unreadable_there, i18n._("samples of {into} that could not be compared by content", { into }), "wait"],
  ];
  return (
    <ul className="merge-counts">
      {rows
        .filter(([, count], at) => count > 0 || at === 0 || at === 2 || at === 3)
        .map(([name, count, why, className = ""]) => (
          <li key={name}>
            <strong className={count > 0 ? className : "soft"}>{formatNumber(count)}</strong>
            <span>{name}</span>
            <span className="soft small">{why}</span>
          </li>
        ))}
    </ul>
  );
}
