// SPDX-License-Identifier: Apache-2.0
// What would be deployed, what is still missing, and the buttons.
import type { I18n } from "@lingui/core";
import { useLingui } from "@lingui/react";
import { CircleCheck, CircleDashed } from "lucide-react";
import type { Schemas } from "../../api/client";
import { cliLine } from "../../cli/cli_line";
import { Button } from "../../widgets/button";
import { CopyCli } from "../../widgets/copy_cli";
import { modelTypeName } from "../../widgets/model_words";
import { withDefaults, type DeployDraft, type DeployFault, type DeployField } from "./deploy_draft";

export function faultWords(i18n: I18n, fault: DeployFault, field: DeployField): string {
  if (fault === "taken") return i18n._("There is a service of this name already.");
  if (fault === "too-long") return i18n._("It is too long.");
  if (fault === "relative") return i18n._("An absolute path begins with /.");
  const missing: Record<DeployField, string> = {
    name: i18n._("Give it a name."),
    description: "",
    model: i18n._("Choose a model."),
    input: i18n._("Say where the images are."),
    output: i18n._("Say where results go."),
    filtering: i18n._("Say which dataset hard examples go to."),
  };
  return missing[field];
}

export interface SummaryProps {
  draft: DeployDraft;
  output: string;
  model: Schemas["Model"] | undefined;
  body: Record<string, unknown>;
  faults: Partial<Record<DeployField, DeployFault>>;
  isBusy: boolean;
  why: string | false;
  onDeploy: (starts: boolean) => void;
  onReset: () => void;
}

export function Summary({ draft, output, model, body, faults, isBusy, why, onDeploy, onReset }: SummaryProps) {
  const { i18n } = useLingui();
  const { output: hard } = withDefaults(draft).filtering;
  const list = Object.entries(faults) as [DeployField, DeployFault][];
  const facts: [string, string][] = [
    [i18n._("Name"), draft.name],
    [i18n._("Model"), model ? `${model.name}/${model.version} · ${modelTypeName(i18n, model.model_type)}` : ""],
    [i18n._("Input Path"), draft.input],
    [i18n._("Output Path"), output],
    [i18n._("Hard Example Filtering"), draft.isFiltering ? `${i18n._("On")} → ${hard.way === "new" ? hard.name : (hard.dataset ?? "")}` : i18n._("Off")],
  ];
  return (
    <aside className="card stack deploy-summary" aria-label={i18n._("Summary")}>
      <h2>{i18n._("Summary")}</h2>
      <dl className="deploy-facts">
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value || "–"}</dd>
          </div>
        ))}
      </dl>
      <div role="status" className="stack tight">
        {list.length === 0 && (
          <p className="deploy-fault good">
            <CircleCheck size={15} aria-hidden />
            {i18n._("Ready to deploy")}
          </p>
        )}
        {list.map(([field, fault]) => (
          <a
            key={field}
            href="#page"
            className="deploy-fault"
            onClick={(event) => {
              event.preventDefault();
              const part = document.querySelector<HTMLElement>(`[data-field="${field}"]`);
              part?.scrollIntoView({ block: "center" });
              part?.querySelector<HTMLElement>("input, button")?.focus();
            }}
          >
            <CircleDashed size={15} aria-hidden />
            {faultWords(i18n, fault, field)}
          </a>
        ))}
      </div>
      <div className="stack tight">
        <Button look="primary" onPress={() => onDeploy(true)} isDisabled={isBusy} why={why}>
          {i18n._("Deploy")}
        </Button>
        <Button onPress={() => onDeploy(false)} isDisabled={isBusy} why={why}>
          {i18n._("Deploy without starting")}
        </Button>
        <CopyCli line={cliLine(["service", "deploy"], body)} />
      </div>
      <p className="soft small">
        {i18n._("Kept in this browser while you fill it in.")}{" "}
        <Button look="quiet" size="small" onPress={onReset}>
          {i18n._("Begin anew")}
        </Button>
      </p>
    </aside>
  );
}
