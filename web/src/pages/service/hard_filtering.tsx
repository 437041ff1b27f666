// SPDX-License-Identifier: Apache-2.0
// The settings of Hard Example Filtering, with what they would find in the stored results while one moves them.
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useDeferredValue, useState } from "react";
import { ask, client, idempotencyKey, type Schemas } from "../../api/client";
import { asProblem, type Problem } from "../../api/problem";
import { formatNumber, formatShare } from "../../i18n/i18n";
import { Button } from "../../widgets/button";
import { CopyCli } from "../../widgets/copy_cli";
import { Switch } from "../../widgets/field";
import { Histogram } from "../../widgets/histogram";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";
import { tell } from "../../widgets/toast";
import { cliLine } from "../../cli/cli_line";
import { filteringBody, filteringDraft, isFilteringReady, type FilteringSettings } from "./filtering_draft";
import { FilteringForm } from "./filtering_form";

export function HardFiltering({ service, onClose }: { service: Schemas["Service"]; onClose: () => void }) {
  const { i18n } = useLingui();
  const queries = useQueryClient();
  const before = (service.hard_example_filtering ?? null) as FilteringSettings | null;
  const [isOn, turnOn] = useState(true);
  const [draft, edit] = useState(() => filteringDraft(before, service.name));
  const hasResults = service.status === "finished";

  const settings = filteringBody(draft, before);
  const save = useMutation({
    mutationFn: async (filtersNow: boolean) => {
      const path = { path: { service: service.name } };
      if (!isOn) {
        if (before) await ask<unknown>(client.DELETE("/api/v1/services/{service}/hard-example-filtering", { params: path }));
        return false;
      }
      await ask(client.PUT("/api/v1/services/{service}/hard-example-filtering", { params: path, body: { ...settings, replace: true } as never }));
      if (filtersNow) {
        const header = { "Idempotency-Key": idempotencyKey() };
        await ask(client.POST("/api/v1/services/{service}/sample-tasks/filter", { params: { ...path, header }, body: settings as never }));
      }
      return filtersNow;
    },
    onSuccess: (filtersNow) => {
      tell(
        !isOn
          ? i18n._("Hard Example Filtering is off; what it found stays")
          : filtersNow
            ? i18n._("Filtering hard examples out of the stored results")
            : i18n._("Hard Example Filtering runs the next time {name} runs", { name: service.name }),
      );
      onClose();
    },
    onSettled: () => Promise.all([queries.invalidateQueries({ queryKey: ["services"] }), queries.invalidateQueries({ queryKey: ["tasks"] })]),
  });
  const problem = save.error ? asProblem(save.error) : null;
  const isReady = !isOn || isFilteringReady(draft);
  const line = isOn
    ? cliLine(["service", "hard", "enable", service.name], { ...settings, replace: true })
    : cliLine(["service", "hard", "disable", service.name]);
  return (
    <Sheet
      title={i18n._("Hard Example Filtering")}
      isOpen
      onOpenChange={onClose}
      width="wide"
      footer={
        <>
          <CopyCli line={line} />
          <span className="grow" />
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          {isOn && hasResults && (
            <Button isDisabled={!isReady || save.isPending} onPress={() => save.mutate(true)}>
              {i18n._("Save and filter stored results now")}
            </Button>
          )}
          <Button look="primary" isDisabled={!isReady || save.isPending} onPress={() => save.mutate(false)}>
            {i18n._("Save")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <Switch label={i18n._("Hard Example Filtering")} isSelected={isOn} onChange={turnOn} />
        {isOn && (
          <>
            <FilteringForm modelType={service.model_type} draft={draft} onChange={edit} problem={problem} />
            {hasResults && <Estimate service={service} settings={settings} />}
          </>
        )}
        {problem && <ProblemBlock thrown={problem} compact />}
      </div>
    </Sheet>
  );
}

function Estimate({ service, settings }: { service: Schemas["Service"]; settings: FilteringSettings }) {
  const { i18n } = useLingui();
  const { dataset: _dataset, create: _create, model_type: _type, ...asked } = settings;
  const text = useDeferredValue(JSON.stringify(asked));
  const estimate = useQuery<Schemas["Estimate"], Problem>({
    queryKey: ["services", service.name, "estimate", text],
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
    queryFn: () => ask(client.POST("/api/v1/services/{service}/hard-example-filtering:estimate", { params: { path: { service: service.name } }, body: JSON.parse(text) as never })),
  });
  if (estimate.isError) return <p className="soft small">{i18n._("No estimate: {why}", { why: estimate.error.message })}</p>;
  const { hard = 0, analysed = 1, coefficients, cut, copies_missing = 0 } = estimate.data ?? {};
  const words = i18n._("About {hard} of {all} ({share})", { hard: formatNumber(hard), all: formatNumber(analysed), share: formatShare(hard / Math.max(analysed, 1)) });
  return (
    <section className="card stack tight" aria-live="polite">
      <h3>{estimate.data ? words : i18n._("Estimating…")}</h3>
      {coefficients && <Histogram from={coefficients.from} to={coefficients.to} bins={coefficients.bins as number[]} cut={cut ?? settings.algo_hard_threshold} height={72} label={words} />}
      {copies_missing > 0 && (
        <p className="soft small">{i18n._("Not exact: filtering will ask the model about {count, plural, one {# augmented copy} other {# augmented copies}} more.", { count: copies_missing })}</p>
      )}
    </section>
  );
}
