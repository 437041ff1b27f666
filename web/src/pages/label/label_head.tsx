// SPDX-License-Identifier: Apache-2.0
// The Label page's title with its buttons, and the four tabs with their counts.
import { useLingui } from "@lingui/react";
import type { Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { states, type Filter } from "../../labelling/filter";
import { Button } from "../../widgets/button";
import { PageHeader } from "../../widgets/page_header";
import { stateWord } from "../../widgets/status_word";
import { MoreMenu, type MoreMenuProps } from "./more_menu";

export function LabelHead({ total, onReview, ...menu }: MoreMenuProps & { total: number; onReview: () => void }) {
  const { i18n } = useLingui();
  return (
    <PageHeader
      title={i18n._("Label")}
      crumbs={[
        { title: i18n._("Datasets"), href: "/datasets" },
        { title: menu.dataset, href: `/datasets/${menu.dataset}` },
      ]}
      actions={
        <>
          <Button look="primary" onPress={onReview} why={total === 0 && i18n._("There is nothing to review here.")}>
            {i18n._("Review")}
          </Button>
          <MoreMenu {...menu} />
        </>
      }
    />
  );
}

interface StateTabsProps {
  filter: Filter;
  facets: Schemas["Facets"] | undefined;
  onChange: (change: Partial<Filter>) => void;
}
export function StateTabs({ filter, facets, onChange }: StateTabsProps) {
  const { i18n } = useLingui();
  const counts: Record<string, number> = {};
  for (const { value, samples } of facets?.facets.states ?? []) if (value !== null) counts[value] = samples;
  const countOf = (state: string) => (state === "all" ? Object.values(counts).reduce((sum, one) => sum + one, 0) : (counts[state] ?? 0));
  return (
    <div className="state-tabs" role="group" aria-label={i18n._("State")}>
      {states.map((state) => (
        <button key={state} type="button" aria-pressed={filter.state === state} className={`state-tab ${state}`} onClick={() => onChange({ state })}>
          {state === "all" ? i18n._("All") : stateWord(i18n, state)}
          <span className="count">{facets ? formatNumber(countOf(state)) : "…"}</span>
        </button>
      ))}
    </div>
  );
}
