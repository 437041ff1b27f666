// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import type { Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { Tip } from "../../widgets/tip";
import { Focusable } from "react-aria-components";
import "./state_bar.css";

/** How a dataset's samples divide into unlabeled, to be confirmed, labeled. */
export function StateBar({ dataset }: { dataset: Pick<Schemas["Dataset"], "samples" | "unlabeled" | "to_be_confirmed" | "labeled"> }) {
  const { i18n } = useLingui();
  const words = i18n._("{unlabeled} unlabeled, {waiting} to be confirmed, {labeled} labeled", {
    unlabeled: formatNumber(dataset.unlabeled),
    waiting: formatNumber(dataset.to_be_confirmed),
    labeled: formatNumber(dataset.labeled),
  });
  const share = (count: number) => (dataset.samples > 0 ? (count / dataset.samples) * 100 : 0);
  const labeled = share(dataset.labeled);
  const waiting = share(dataset.to_be_confirmed);
  return (
    <Tip text={words}>
      <Focusable>
        <svg className="state-bar" viewBox="0 0 100 8" preserveAspectRatio="none" role="img" aria-label={words}>
          <rect width="100" height="8" className="unlabeled" />
          <rect width={labeled} height="8" className="labeled" />
          <rect x={labeled} width={waiting} height="8" className="waiting" />
        </svg>
      </Focusable>
    </Tip>
  );
}
