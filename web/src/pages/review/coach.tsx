// SPDX-License-Identifier: Apache-2.0
// Four steps for who is here for the first time: shown once in a browser, gone at a press, never in the way of a key.
import { useLingui } from "@lingui/react";
import { useEffect, useState } from "react";
import type { Schemas } from "../../api/client";
import { Button, LinkButton } from "../../widgets/button";
import type { ReviewSitting } from "./use_sitting";
import "./coach.css";

const STORED = "trommel.coach";
const GOAL = 10;
const STEPS = 4;

export function Coach({ sitting, dataset }: { sitting: ReviewSitting; dataset: Schemas["Dataset"] }) {
  const { i18n } = useLingui();
  const [isSeen, see] = useState(() => localStorage.getItem(STORED) !== null);
  const [read, setRead] = useState(0);
  const decided = sitting.done.size;
  const step = Math.max(read, decided >= GOAL ? 3 : decided > 0 ? 2 : 0);
  // What the step is about is ringed.
  const target = ["why", "decide"][step];
  useEffect(() => {
    if (isSeen || target === undefined) return;
    const root = document.documentElement;
    root.dataset["coach"] = target;
    return () => void delete root.dataset["coach"];
  }, [isSeen, target]);
  if (isSeen) return null;
  const close = () => {
    localStorage.setItem(STORED, "seen");
    see(true);
  };
  const digits = Math.min(dataset.labels?.length ?? 0, 9);
  const isDetection = dataset.dataset_type === "object_detection";
  const steps = [
    { title: i18n._("This is why it is hard"), text: i18n._("Each reason has its numbers: grey is what the model was trained on, blue is this run, the mark is this image. E goes from one to the next.") },
    {
      title: isDetection ? i18n._("F confirms, R rejects") : i18n._("F confirms, digits relabel"),
      text: isDetection ? i18n._("Dashed boxes are suggested. F takes them all and shows the next image; Ctrl+Z takes it back.") : i18n._("F takes the suggestion, 1 to {digits} give another class; both show the next image at once. Ctrl+Z takes it back.", { digits }),
    },
    { title: i18n._("{count} of {goal} done", { count: Math.min(decided, GOAL), goal: GOAL }), text: i18n._("Decide ten to get the feel of it. What you decide is kept in this browser until the server has it.") },
    { title: i18n._("Publish & retrain"), text: i18n._("Done: what you confirmed is in the dataset. Publish it as a version, and train the next model on it.") },
  ];
  const { title, text } = steps[step] as (typeof steps)[number];
  return (
    <aside className="coach" aria-label={i18n._("First steps")}>
      <span className="coach-number small">
        {step + 1} / {STEPS}
      </span>
      <div className="coach-words">
        <strong>{title}</strong>
        <p className="small">{text}</p>
        {step === 2 && (
          <svg className="review-bar" viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden>
            <rect width={(100 * Math.min(decided, GOAL)) / GOAL} height="4" />
          </svg>
        )}
      </div>
      <div className="row">
        <Button size="small" look="quiet" onPress={close}>
          {step === 3 ? i18n._("Go on") : i18n._("Do not show again")}
        </Button>
        {step < 2 && (
          <Button size="small" look="primary" onPress={() => setRead(step + 1)}>
            {i18n._("Next")}
          </Button>
        )}
        {step === 3 && (
          <LinkButton size="small" look="primary" href={`/datasets/${dataset.name}`}>
            {i18n._("To the dataset")}
          </LinkButton>
        )}
      </div>
    </aside>
  );
}
