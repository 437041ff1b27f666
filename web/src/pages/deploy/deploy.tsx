// SPDX-License-Identifier: Apache-2.0
// Deploy: a model, a folder of images, where results go, and whether hard examples are filtered; one page, with a summary beside it.
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useEffect, useState } from "react";
import { useLocation } from "wouter";
import { ask, client, idempotencyKey, type Schemas } from "../../api/client";
import { pathQuery } from "../../api/paths";
import { asProblem } from "../../api/problem";
import { modelsQuery, servicesQuery } from "../../api/queries";
import { useMay } from "../../app/session";
import { useUrlState } from "../../app/url_state";
import { Checkbox, NumberField, Switch, TextField } from "../../widgets/field";
import { PageHeader } from "../../widgets/page_header";
import { PathField } from "../../widgets/path_field";
import { ProblemBlock } from "../../widgets/problem_block";
import { tell } from "../../widgets/toast";
import { FilteringForm } from "../service/filtering_form";
import { DESCRIPTION_MAX, NAME_MAX, cloneOf, defaultOutput, deployBody, faultsOf, keepDraft, newDraft, retryOf, storedDraft, withDefaults, type DeployDraft, type DeployField } from "./deploy_draft";
import { ModelChoice } from "./model_choice";
import { Part } from "./part";
import { Summary, faultWords } from "./summary";
import "./deploy.css";

/** The service that the URL names is taken as the pattern, once it is known; what one had begun before stays in the browser. */
function useClone(clone: string | undefined, failed: string | undefined, services: readonly Schemas["Service"][] | undefined, take: (draft: DeployDraft) => void) {
  const isKnown = services !== undefined;
  useEffect(() => {
    const pattern = services?.find(({ name }) => name === clone);
    if (!pattern || !services) return;
    const taken = services.map(({ name }) => name);
    take(failed ? retryOf(pattern, failed, taken) : cloneOf(pattern, taken));
  }, [clone, failed, isKnown]);
}

export default function Deploy() {
  const { i18n } = useLingui();
  const [, navigate] = useLocation();
  const [{ model: wanted, clone, failed }] = useUrlState();
  const queries = useQueryClient();
  const mayDeploy = useMay("admin");
  const models = useQuery(modelsQuery());
  const services = useQuery(servicesQuery());
  const roots = useQuery({ ...pathQuery("", "none"), enabled: mayDeploy });
  const [draft, setDraft] = useState<DeployDraft>(() => storedDraft(localStorage) ?? newDraft());
  const [isTried, tryIt] = useState(false);
  const [touched, touch] = useState<ReadonlySet<DeployField>>(new Set());
  const edit = (change: Partial<DeployDraft>) => {
    if (deploy.isError) deploy.reset(); // what it says is of before
    const next = { ...draft, ...change };
    setDraft(next);
    keepDraft(localStorage, next);
  };
  useEffect(() => {
    const known = models.data?.find((model) => model.name === wanted || `${model.name}/${model.version}` === wanted);
    if (known) setDraft((before) => ({ ...before, model: `${known.name}/${known.version}` }));
  }, [wanted, models.data]);

  useClone(clone, failed, services.data, setDraft);

  const byDefault = defaultOutput(roots.data?.folders[0]?.path, draft.name);
  const output = draft.output || byDefault;
  const model = models.data?.find((one) => `${one.name}/${one.version}` === draft.model);
  const faults = faultsOf(draft, output, services.data?.map(({ name }) => name) ?? []);
  const body = deployBody(draft, output);
  const deploy = useMutation({
    mutationFn: (starts: boolean) =>
      ask(client.POST("/api/v1/services", { params: { header: { "Idempotency-Key": idempotencyKey() } }, body: { ...body, ...(!starts && { no_start: true }) } as never })),
    onSuccess: (_, starts) => {
      keepDraft(localStorage, null);
      void queries.invalidateQueries({ queryKey: ["services"] });
      tell(starts ? i18n._("{name} is deployed and runs", { name: draft.name }) : i18n._("{name} is deployed and waits to be started", { name: draft.name }));
      navigate(`/services/${draft.name}`);
    },
  });
  const problem = deploy.error ? asProblem(deploy.error) : null;
  // What the server refuses is shown where it stands.
  useEffect(() => {
    if (deploy.error) document.querySelector<HTMLElement>(".deploy :is([data-invalid] :is(input, textarea, button), .problem)")?.scrollIntoView({ block: "center" });
    if (deploy.error) document.querySelector<HTMLElement>(".deploy [data-invalid] :is(input, textarea, button)")?.focus();
  }, [deploy.error]);
  const errorOf = (field: DeployField, pointer = `/${field}`): string | undefined => {
    const fault = faults[field];
    if (fault && (isTried || touched.has(field) || fault === "taken")) return faultWords(i18n, fault, field);
    return problem?.about(pointer);
  };
  const leave = (field: DeployField) => () => touch(new Set([...touched, field]));
  function submit(starts: boolean) {
    tryIt(true);
    if (Object.keys(faults).length === 0) deploy.mutate(starts);
    else document.querySelector<HTMLElement>(`[data-field="${Object.keys(faults)[0]}"] :is(input, button)`)?.focus();
  }
  return (
    <>
      <PageHeader title={i18n._("Deploy")} crumbs={[{ title: i18n._("Batch Services"), href: "/services" }]} />
      <div className="deploy">
        <div className="stack">
          <Part title={i18n._("Basic")} field="name">
            <TextField
              label={i18n._("Name")}
              help={i18n._("Letters, digits, - and _.")}
              value={draft.name}
              onChange={(name) => edit({ name })}
              onBlur={leave("name")}
              maxLength={NAME_MAX}
              error={errorOf("name")}
              isRequired
            />
            <TextField
              label={i18n._("Description")}
              help={i18n._("{count} of {most}", { count: draft.description.length, most: DESCRIPTION_MAX })}
              value={draft.description}
              onChange={(description) => edit({ description })}
              maxLength={DESCRIPTION_MAX}
              error={errorOf("description")}
            />
          </Part>
          <Part title={i18n._("Model")} field="model">
            <ModelChoice models={models} value={draft.model} onChange={(chosen) => edit({ model: chosen })} error={errorOf("model")} />
          </Part>
          <Part title={i18n._("Data")} field="input">
            <PathField
              label={i18n._("Input Path")}
              help={i18n._("A folder with all below it, or a .manifest.")}
              value={draft.input}
              onChange={(input) => edit({ input })}
              error={errorOf("input")}
              files="manifest"
              wants="images"
              isRequired
            />
            <div data-field="output">
              <PathField
                label={i18n._("Output Path")}
                help={i18n._("Where results go; made when it is missing.")}
                value={draft.output}
                onChange={(path) => edit({ output: path })}
                placeholder={byDefault}
                error={errorOf("output")}
                files="none"
                wants="new"
              />
            </div>
          </Part>
          <Part title={i18n._("Run")}>
            <NumberField
              label={i18n._("Worker threads")}
              help={i18n._("0: one for each core of the machine.")}
              value={draft.threads}
              onChange={(threads) => Number.isFinite(threads) && edit({ threads })}
              minValue={0}
              maxValue={256}
              error={problem?.about("/threads")}
            />
            <Checkbox label={i18n._("Predict damaged images from what they have, with a warning")} isSelected={draft.acceptsPartial} onChange={(acceptsPartial) => edit({ acceptsPartial })} />
            <Checkbox label={i18n._("Accept an output folder that holds files of others")} isSelected={draft.allowsForeign} onChange={(allowsForeign) => edit({ allowsForeign })} />
          </Part>
          <Part field="filtering">
            <Switch label={i18n._("Hard Example Filtering")} isSelected={draft.isFiltering} onChange={(isFiltering) => edit({ isFiltering })} />
            <p className="soft">{i18n._("After every run the images that the model is probably wrong about go into a dataset, To Be Confirmed, each with its reasons.")}</p>
            {draft.isFiltering && (
              <FilteringForm modelType={model?.model_type ?? null} draft={withDefaults(draft).filtering} onChange={(filtering) => edit({ filtering })} problem={problem} />
            )}
          </Part>
          {problem && <ProblemBlock thrown={problem} compact />}
        </div>
        <Summary
          draft={draft}
          output={output}
          model={model}
          body={body}
          faults={faults}
          isBusy={deploy.isPending}
          why={!mayDeploy && i18n._("Only an administrator deploys services.")}
          onDeploy={submit}
          onReset={() => {
            keepDraft(localStorage, null);
            setDraft(newDraft());
            tryIt(false);
            touch(new Set());
            deploy.reset();
          }}
        />
      </div>
    </>
  );
}
