// SPDX-License-Identifier: Apache-2.0
// Getting started: each step with its button, and the command that does the same.
import { useLingui } from "@lingui/react";
import { CircleCheck, X } from "lucide-react";
import type { Schemas } from "../../api/client";
import { useMay } from "../../app/session";
import { Button, IconButton, LinkButton } from "../../widgets/button";
import { CopyButton } from "../../widgets/copy_button";
import { DemoButton } from "./demo_button";
import type { StepId } from "./steps";

export interface ChecklistProps {
  done: Record<StepId, boolean>;
  datasets: readonly Schemas["Dataset"][];
  isEmpty: boolean;
  onDismiss: (() => void) | undefined;
}

interface Step {
  id: StepId;
  title: string;
  text: string;
  button: string;
  href: string;
  cli: string;
  isForAdmin?: boolean;
}

export function Checklist({ done, datasets, isEmpty, onDismiss }: ChecklistProps) {
  const { i18n } = useLingui();
  const mayRun = useMay("admin");
  const hard = [...datasets].sort((a, b) => b.to_be_confirmed - a.to_be_confirmed).find((dataset) => dataset.to_be_confirmed > 0 || dataset.hard > 0);
  const name = hard?.name ?? "cats-hard";
  const steps: Step[] = [
    {
      id: "model",
      title: i18n._("Bring a model"),
      text: i18n._("An ONNX file that classifies images or detects objects."),
      button: i18n._("Import model"),
      href: "/models?import=yes",
      cli: "trommel model import model.onnx --labels labels.txt",
      isForAdmin: true,
    },
    {
      id: "service",
      title: i18n._("Deploy a batch service"),
      text: i18n._("It runs the model over a folder of images and keeps what it predicts."),
      button: i18n._("Deploy"),
      href: "/deploy",
      cli: "trommel service deploy --name nightly --model model --input /data/in --output /data/out",
      isForAdmin: true,
    },
    {
      id: "filter",
      title: i18n._("Filter hard examples"),
      text: i18n._("The images that the model is probably wrong about, each with its reasons."),
      button: i18n._("Batch Services"),
      href: "/services",
      cli: "trommel sample filter nightly --create cats-hard --top 20% --wait",
      isForAdmin: true,
    },
    {
      id: "confirm",
      title: i18n._("Confirm"),
      text: i18n._("One key an image: right, or what it is instead."),
      button: i18n._("Review"),
      href: hard ? `/datasets/${hard.name}/review?state=to_be_confirmed` : "/datasets",
      cli: `trommel samples list ${name} --state to_be_confirmed`,
    },
    {
      id: "publish",
      title: i18n._("Publish"),
      text: i18n._("A version that never changes, to train with."),
      button: i18n._("Publish"),
      href: hard ? `/datasets/${hard.name}` : "/datasets",
      cli: `trommel dataset publish ${name}`,
      isForAdmin: true,
    },
  ];
  const next = steps.find(({ id }) => !done[id])?.id;
  return (
    <section className="card home-wide checklist" aria-labelledby="getting-started">
      <header className="row">
        <div className="grow">
          <h2 id="getting-started">{i18n._("Getting started")}</h2>
          <p className="soft">{i18n._("{done} of {all} done", { done: Object.values(done).filter(Boolean).length, all: steps.length })}</p>
        </div>
        {onDismiss && (
          <IconButton label={i18n._("Dismiss")} onPress={onDismiss}>
            <X size={16} aria-hidden />
          </IconButton>
        )}
      </header>
      {isEmpty && (
        <div className="demo">
          <div className="grow">
            <h3>{i18n._("Nothing here yet")}</h3>
            <p className="soft">
              {i18n._("See it at work first: the demo's data is two small models, 8,000 images, and what is hard among them. Nothing leaves this machine; it takes about a minute.")}
            </p>
          </div>
          <DemoButton />
        </div>
      )}
      <ol>
        {steps.map((step, at) => (
          <li key={step.id} data-done={done[step.id] || undefined}>
            <span className="step-mark">{done[step.id] ? <CircleCheck size={22} aria-label={i18n._("Done")} /> : <span className="step-number">{at + 1}</span>}</span>
            <div className="grow">
              <h3>{step.title}</h3>
              <p className="soft">{step.text}</p>
              <p className="step-cli">
                <code className="one-line">{step.cli}</code>
                <CopyButton text={step.cli} label={i18n._("Copy the command")} />
              </p>
            </div>
            {step.isForAdmin && !mayRun ? (
              <Button why={i18n._("Only an administrator does this.")}>{step.button}</Button>
            ) : (
              <LinkButton look={step.id === next && !isEmpty ? "primary" : "plain"} href={step.href}>
                {step.button}
              </LinkButton>
            )}
          </li>
        ))}
      </ol>
    </section>
  );
}
