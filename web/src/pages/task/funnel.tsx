// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import { ChevronRight } from "lucide-react";
import { formatNumber } from "../../i18n/i18n";
import type { FunnelStep } from "./report_facts";

/** How many images were left after each step, and what became of the others. */
export function Funnel({ steps }: { steps: readonly FunnelStep[] }) {
  const { i18n } = useLingui();
  const names: Record<FunnelStep["id"], string> = {
    collected: i18n._("collected"),
    readable: i18n._("readable"),
    hard: i18n._("hard"),
    kept: i18n._("listed"),
    imported: i18n._("imported"),
  };
  const losses: Record<FunnelStep["id"], (count: string) => string> = {
    collected: () => "",
    readable: (count) => i18n._("{count} could not be read", { count }),
    hard: (count) => i18n._("{count} below the threshold", { count }),
    kept: (count) => i18n._("{count} like others, or past the limit", { count }),
    imported: (count) => i18n._("{count} not taken", { count }),
  };
  const most = Math.max(...steps.map(({ count }) => count), 1);
  return (
    <ol className="funnel card" aria-label={i18n._("From collected to imported")}>
      {steps.map(({ id, count, lost }, at) => (
        <li key={id}>
          {at > 0 && <ChevronRight size={16} aria-hidden className="funnel-next" />}
          <span className="funnel-count">{formatNumber(count)}</span>
          <span className="funnel-name">{names[id]}</span>
          <svg viewBox="0 0 100 1" preserveAspectRatio="none" aria-hidden>
            <rect className="all" width="100" height="1" />
            <rect width={(count / most) * 100} height="1" />
          </svg>
          <span className="soft small funnel-lost">{lost > 0 ? losses[id](formatNumber(lost)) : ""}</span>
        </li>
      ))}
    </ol>
  );
}
