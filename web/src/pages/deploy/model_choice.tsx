// SPDX-License-Identifier: Apache-2.0
import type { UseQueryResult } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import type { Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { LinkButton } from "../../widgets/button";
import { Select } from "../../widgets/field";
import { modelTypeName } from "../../widgets/model_words";
import { ProblemBlock } from "../../widgets/problem_block";
import { cardOf, inputWords } from "../models/model_card";

const LABELS_SHOWN = 30;

export interface ModelChoiceProps {
  models: UseQueryResult<Schemas["Model"][]>;
  value: string | null;
  onChange: (value: string) => void;
  error: string | undefined;
}

export function ModelChoice({ models, value, onChange, error }: ModelChoiceProps) {
  const { i18n } = useLingui();
  const all = models.data ?? [];
  const chosen = all.find((model) => `${model.name}/${model.version}` === value);
  const labels = cardOf(chosen).labels ?? [];
  if (models.isError && !models.data) return <ProblemBlock thrown={models.error} onRetry={() => void models.refetch()} compact />;
  return (
    <>
      <div className="path-field">
        <Select
          label={i18n._("Model and Version")}
          value={chosen ? value : null}
          onChange={onChange}
          error={error}
          isRequired
          help={models.data && all.length === 0 ? i18n._("There is no model yet: import one.") : undefined}
          choices={all.map((model) => ({
            id: `${model.name}/${model.version}`,
            name: `${model.name}/${model.version}`,
            note: [modelTypeName(i18n, model.model_type), inputWords(model)].filter(Boolean).join(" · "),
          }))}
        />
        <LinkButton href="/models?import=yes">{i18n._("Import model…")}</LinkButton>
      </div>
      {chosen && (
        <div className="stack tight">
          <p className="soft small">
            {[modelTypeName(i18n, chosen.model_type), inputWords(chosen), i18n._("{count, plural, one {# class} other {# classes}}", { count: labels.length })].filter(Boolean).join(" · ")}
          </p>
          <ul className="classes" aria-label={i18n._("Classes")}>
            {labels.slice(0, LABELS_SHOWN).map((label) => (
              <li key={label}>{label}</li>
            ))}
            {labels.length > LABELS_SHOWN && <li className="soft">{i18n._("and {count} more", { count: formatNumber(labels.length - LABELS_SHOWN) })}</li>}
          </ul>
        </div>
      )}
    </>
  );
}
