// SPDX-License-Identifier: Apache-2.0
// What stands where no sample is: why, and what helps.
import { useQueries } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { CircleCheckBig, Images, SearchX } from "lucide-react";
import type { Schemas } from "../../api/client";
import { samplePageQuery } from "../../api/samples";
import { formatNumber } from "../../i18n/i18n";
import { conditionsOf, filterOf, queryOf, relaxed, type Filter } from "../../labelling/filter";
import { Button, LinkButton } from "../../widgets/button";
import { EmptyState } from "../../widgets/empty_state";

interface NothingProps {
  facets: Schemas["Facets"] | undefined;
  name: string;
  filter: Filter;
  onChange: (change: Partial<Filter>) => void;
}

export function Nothing(props: NothingProps) {
  const { i18n } = useLingui();
  const { facets, name, filter } = props;
  const countOf = (state: string) => facets?.facets.states.find(({ value }) => value === state)?.samples ?? 0;
  const [labeled, waiting, unlabeled] = [countOf("labeled"), countOf("to_be_confirmed"), countOf("unlabeled")];
  if (conditionsOf(filter) > 0) return <NoMatch {...props} />;
  if (filter.state === "to_be_confirmed" && labeled > 0)
    return (
      <EmptyState icon={CircleCheckBig} title={i18n._("All confirmed")} actions={<LinkButton look="primary" href={`/datasets/${name}?publish=1`}>{i18n._("Publish")}</LinkButton>}>
        {i18n._("Nothing waits any more; {count} samples are labeled.", { count: formatNumber(labeled) })}
      </EmptyState>
    );
  if (filter.state === "to_be_confirmed")
    return (
      <EmptyState icon={CircleCheckBig} title={i18n._("Nothing waits")} actions={<LinkButton href="/services">{i18n._("Batch Services")}</LinkButton>}>
        {i18n._("Hard examples appear here when a task reaches Dataset imported.")}
      </EmptyState>
    );
  if (filter.state !== "all" && labeled + waiting + unlabeled > 0)
    return (
      <EmptyState
        icon={Images}
        title={filter.state === "labeled" ? i18n._("Nothing is labeled yet") : i18n._("Nothing is unlabeled")}
        actions={<Button onPress={() => props.onChange({ state: waiting > 0 ? "to_be_confirmed" : "all" })}>{waiting > 0 ? i18n._("To Be Confirmed") : i18n._("All")}</Button>}
      >
        {filter.state === "labeled" ? i18n._("What is confirmed stands here, and goes into the next version.") : i18n._("Synchronized data stands here until it is labeled.")}
      </EmptyState>
    );
  return (
    <EmptyState icon={Images} title={i18n._("Nothing here")} actions={<LinkButton href="/services">{i18n._("Batch Services")}</LinkButton>}>
      {i18n._("Samples come from batch services, by Synchronize Data to Dataset and Hard Example Filtering, or from a manifest.")}
    </EmptyState>
  );
}

/** Says which condition alone keeps most away. */
function NoMatch({ name, filter, onChange }: NothingProps) {
  const { i18n } = useLingui();
  const ways = relaxed(filter);
  const found = useQueries({ queries: ways.map(({ change }) => samplePageQuery(name, queryOf({ ...filter, ...change }), filter.sort, 0)) });
  const names: Record<string, string> = {
    reasons: i18n._("without the reasons"),
    labels: i18n._("without the labels"),
    hard: i18n._("whether hard or not"),
    coefficient: i18n._("with any coefficient"),
    score: i18n._("with any score"),
    features: i18n._("with any features"),
    name: i18n._("with any name"),
    origin: i18n._("from any source"),
    task: i18n._("from any task"),
  };
  const helpful = ways
    .map((way, at) => ({ ...way, count: found[at]?.data?.total ?? 0 }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => b.count - a.count);
  return (
    <EmptyState
      icon={SearchX}
      title={i18n._("No sample matches")}
      actions={
        <>
          {helpful.slice(0, 3).map(({ key, change, count }, at) => (
            <Button key={key} look={at === 0 ? "primary" : "plain"} onPress={() => onChange(change)}>
              {i18n._("{count} {how}", { count: formatNumber(count), how: names[key] })}
            </Button>
          ))}
          <Button onPress={() => onChange(filterOf({ state: filter.state, sort: filter.sort }))}>{i18n._("Clear filters")}</Button>
        </>
      }
    >
      {helpful.length > 0 ? i18n._("Taking one condition away shows more.") : i18n._("Only without all conditions is there anything.")}
    </EmptyState>
  );
}
