// SPDX-License-Identifier: Apache-2.0
// Where samples go: an existing dataset of the model's type, or a new one. Those of the other type are shown with the reason.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { datasetsQuery } from "../../api/queries";
import { Radios, Select, TextField } from "../../widgets/field";
import { modelTypeName } from "../../widgets/model_words";

export interface DatasetChoiceValue {
  way: "existing" | "new";
  dataset: string | null;
  name: string;
}

/** As the API takes it. */
export function datasetBody({ way, dataset, name }: DatasetChoiceValue): { dataset?: string; create?: string } {
  return way === "existing" ? { dataset: dataset ?? "" } : { create: name };
}
export const isDatasetChosen = ({ way, dataset, name }: DatasetChoiceValue) => (way === "existing" ? dataset !== null : name !== "");

export interface DatasetChoiceProps {
  label: string;
  type: string | null;
  value: DatasetChoiceValue;
  onChange: (value: DatasetChoiceValue) => void;
  error?: string | undefined;
}

export function DatasetChoice({ label, type, value, onChange, error }: DatasetChoiceProps) {
  const { i18n } = useLingui();
  const datasets = useQuery(datasetsQuery());
  const all = datasets.data ?? [];
  return (
    <div className="stack tight">
      <Radios
        label={label}
        value={value.way}
        onChange={(way) => onChange({ ...value, way: way as DatasetChoiceValue["way"] })}
        choices={[
          { id: "existing", name: i18n._("Select existing"), why: type === null ? i18n._("Choose a model first.") : datasets.data && !all.some((one) => one.dataset_type === type) ? i18n._("There is none of this type yet.") : undefined },
          { id: "new", name: i18n._("Create") },
        ]}
      />
      {value.way === "existing" ? (
        <Select
          label={i18n._("Dataset")}
          value={value.dataset}
          onChange={(dataset) => onChange({ ...value, dataset })}
          error={error}
          choices={all.map((one) => ({
            id: one.name,
            name: one.name,
            note: i18n._("{count, plural, one {# sample} other {# samples}}", { count: one.samples }),
            why: one.dataset_type === type ? undefined : i18n._("of another type: {type}", { type: modelTypeName(i18n, one.dataset_type) }),
          }))}
        />
      ) : (
        <TextField label={i18n._("Name")} help={i18n._("Letters, digits, - and _.")} value={value.name} onChange={(name) => onChange({ ...value, name })} error={error} isRequired />
      )}
    </div>
  );
}
