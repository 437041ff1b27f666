// SPDX-License-Identifier: Apache-2.0
// States of services, tasks, sample tasks and samples: an icon and a word, never a colour alone. Words are ModelArts' where it has them.
import type { I18n } from "@lingui/core";
import { useLingui } from "@lingui/react";
import { Ban, CircleCheck, CircleDashed, CircleDot, CircleX, Clock, LoaderCircle, type LucideIcon } from "lucide-react";
import "./status_word.css";

type Tone = "good" | "wait" | "bad" | "still" | "busy";
interface Look {
  tone: Tone;
  icon: LucideIcon;
  word: (i18n: I18n) => string;
}
const looks: Record<string, Look> = {
  deploying: { tone: "busy", icon: LoaderCircle, word: (i18n) => i18n._("Deploying") },
  running: { tone: "busy", icon: LoaderCircle, word: (i18n) => i18n._("Running") },
  stopping: { tone: "busy", icon: LoaderCircle, word: (i18n) => i18n._("Stopping") },
  stopped: { tone: "still", icon: Ban, word: (i18n) => i18n._("Stopped") },
  finished: { tone: "good", icon: CircleCheck, word: (i18n) => i18n._("Completed") },
  failed: { tone: "bad", icon: CircleX, word: (i18n) => i18n._("Failed") },
  queued: { tone: "still", icon: Clock, word: (i18n) => i18n._("Queued") },
  succeeded: { tone: "good", icon: CircleCheck, word: (i18n) => i18n._("Succeeded") },
  waiting_for_run: { tone: "still", icon: Clock, word: (i18n) => i18n._("Waiting for run") },
  collecting: { tone: "busy", icon: LoaderCircle, word: (i18n) => i18n._("Collecting") },
  analyzing: { tone: "busy", icon: LoaderCircle, word: (i18n) => i18n._("Analyzing") },
  filtering: { tone: "busy", icon: LoaderCircle, word: (i18n) => i18n._("Filtering") },
  importing: { tone: "busy", icon: LoaderCircle, word: (i18n) => i18n._("Importing") },
  dataset_imported: { tone: "good", icon: CircleCheck, word: (i18n) => i18n._("Dataset imported") },
  no_samples: { tone: "still", icon: Ban, word: (i18n) => i18n._("No samples") },
  unlabeled: { tone: "still", icon: CircleDashed, word: (i18n) => i18n._("Unlabeled") },
  to_be_confirmed: { tone: "wait", icon: CircleDot, word: (i18n) => i18n._("To Be Confirmed") },
  labeled: { tone: "good", icon: CircleCheck, word: (i18n) => i18n._("Labeled") },
};

export function stateWord(i18n: I18n, state: string): string {
  return looks[state]?.word(i18n) ?? state;
}

export function StatusWord({ state }: { state: string }) {
  const { i18n } = useLingui();
  const look = looks[state] ?? { tone: "still" as const, icon: CircleDot, word: () => state };
  const Icon = look.icon;
  return (
    <span className={`status ${look.tone}`}>
      <Icon size={14} aria-hidden />
      {look.word(i18n)}
    </span>
  );
}
