// SPDX-License-Identifier: Apache-2.0
// The fields of Hard Example Filtering: in its own dialog, and on the Deploy page.
import { useLingui } from "@lingui/react";
import type { Problem } from "../../api/problem";
import { Checkbox, NumberField, Radios, TextField } from "../../widgets/field";
import { DatasetChoice } from "./dataset_choice";
import { sensitivities, type FilteringDraft, type Sensitivity } from "./filtering_draft";
import "./filtering_form.css";

export interface FilteringFormProps {
  /** The model's; null: no model is chosen yet. */
  modelType: string | null;
  draft: FilteringDraft;
  onChange: (draft: FilteringDraft) => void;
  problem: Problem | null;
}

export function FilteringForm({ modelType, draft, onChange, problem }: FilteringFormProps) {
  const { i18n } = useLingui();
  const set = <K extends keyof FilteringDraft>(name: K) => (value: FilteringDraft[K]) => onChange({ ...draft, [name]: value });
  const sensitivity = (Object.keys(sensitivities) as Sensitivity[]).find((name) => sensitivities[name] === draft.threshold) ?? "";
  return (
    <>
      <ModelType type={modelType} />
      <TextField
        label={i18n._("Existing Training Dataset Path (optional)")}
        help={i18n._("A published version, as dataset@V001, or the path of a manifest. Without it reasons 2, 3 and 5 to 18 compare with the run itself, or are off.")}
        placeholder="garments-train@V001"
        value={draft.train}
        onChange={set("train")}
        error={problem?.about("/train")}
        isMono
      />
      <DatasetChoice label={i18n._("Hard Example Output")} type={modelType} value={draft.output} onChange={set("output")} error={problem?.about("/dataset") ?? problem?.about("/create")} />
      <Radios
        label={i18n._("Sensitivity")}
        value={sensitivity}
        onChange={(name) => onChange({ ...draft, threshold: sensitivities[name as Sensitivity] })}
        choices={[
          { id: "few", name: i18n._("Few") },
          { id: "balanced", name: i18n._("Balanced") },
          { id: "many", name: i18n._("Many") },
        ]}
      />
      <div className="filtering-limits">
        <NumberField
          label={i18n._("Hard coefficient from")}
          value={draft.threshold}
          onChange={(value) => Number.isFinite(value) && onChange({ ...draft, threshold: value })}
          minValue={0}
          maxValue={1}
          step={0.01}
          error={problem?.about("/algo_hard_threshold")}
        />
        <TextField label={i18n._("At most")} help={i18n._("A number, or a share as 20%; empty: no limit.")} value={draft.top} onChange={set("top")} error={problem?.about("/top")} />
        <TextField
          label={i18n._("Reasons to look for")}
          help={i18n._("all, 1,3,7, 5..10, or -19..29 for all but these.")}
          value={draft.reasons}
          onChange={set("reasons")}
          error={problem?.about("/reasons")}
        />
      </div>
      <Checkbox label={i18n._("Of near-duplicates keep only the hardest")} isSelected={draft.isGrouped} onChange={set("isGrouped")} />
    </>
  );
}

function ModelType({ type }: { type: string | null }) {
  const { i18n } = useLingui();
  const why = type === null ? i18n._("Choose a model first.") : i18n._("The service's model decides the type.");
  return (
    <Radios
      label={i18n._("Model Type")}
      value={type ?? ""}
      onChange={() => undefined}
      choices={[
        { id: "image_classification", name: i18n._("Image classification"), why: type === "image_classification" ? undefined : why },
        { id: "object_detection", name: i18n._("Object detection"), why: type === "object_detection" ? undefined : why },
      ]}
    />
  );
}
