// SPDX-License-Identifier: Apache-2.0
// Top reasons: what makes images hard, over the datasets where most waits; each leads to the images of the dataset that has it most.
import { useQueries, type UseQueryResult } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import type { Schemas } from "../../api/client";
import { facetsQuery } from "../../api/samples";
import { formatNumber } from "../../i18n/i18n";
import { Bars } from "../../widgets/bars";
import { ReasonChip } from "../../widgets/reason_chip";
import { reasonName } from "../../widgets/reason_words";
import { Skeleton } from "../../widgets/skeleton";
import { HomeCard } from "./home_card";

const DATASETS_MAX = 4;
const REASONS_MAX = 6;
const WAITING = { state: "to_be_confirmed" };

export function ReasonsCard({ datasets }: { datasets: UseQueryResult<Schemas["Dataset"][]> }) {
  const { i18n } = useLingui();
  const asked = (datasets.data ?? [])
    .filter((dataset) => dataset.to_be_confirmed > 0)
    .sort((a, b) => b.to_be_confirmed - a.to_be_confirmed)
    .slice(0, DATASETS_MAX);
  const facets = useQueries({ queries: asked.map((dataset) => facetsQuery(dataset.name, WAITING)) });
  return (
    <HomeCard title={i18n._("Top reasons")} query={datasets}>
      {() => {
        if (asked.length === 0) return <p className="soft">{i18n._("Reasons are counted over what waits to be confirmed: nothing does.")}</p>;
        if (facets.some((one) => one.isPending)) return <Skeleton rows={REASONS_MAX} height={28} />;
        const found = new Map<number, { code: string; name: string; samples: number; dataset: string; most: number }>();
        facets.forEach((one, at) => {
          for (const { id, code, name, samples } of one.data?.facets.reasons ?? []) {
            const before = found.get(id) ?? { code, name, samples: 0, dataset: "", most: -1 };
            const isMore = samples > before.most;
            found.set(id, { ...before, samples: before.samples + samples, dataset: isMore ? (asked[at]?.name ?? "") : before.dataset, most: isMore ? samples : before.most });
          }
        });
        const top = [...found].sort(([, a], [, b]) => b.samples - a.samples).slice(0, REASONS_MAX);
        return (
          <Bars
            label={i18n._("Top reasons")}
            bars={top.map(([id, { code, name, samples, dataset }]) => ({
              id: String(id),
              name: (
                <>
                  <ReasonChip code={code} /> {reasonName(i18n, Number(id)) ?? name}
                </>
              ),
              value: samples,
              words: formatNumber(samples),
              href: `/datasets/${dataset}/label?state=to_be_confirmed&reason=${id}`,
            }))}
          />
        );
      }}
    </HomeCard>
  );
}
