// SPDX-License-Identifier: Apache-2.0
// What the sample is said to show, and the classes it can be given by one key each.
import type { LabelNames } from "../../labelling/label_names";
import { useLingui } from "@lingui/react";
import { KeyCap } from "../../widgets/key_cap";
import { Check, ListChecks } from "lucide-react";
import type { Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { keyedNames, keysByLabel } from "../../labelling/label_keys";
import { colorOf } from "../../labelling/palette";
import type { Done } from "../../labelling/sitting";
import { StatusWord } from "../../widgets/status_word";
import type { Drafts } from "./drafts";
import { LabelBox } from "./label_box";
import { nameOf } from "./stage";

export interface ClassesProps {
  sample: Schemas["Sample"];
  done: Done | undefined;
  drafts: Drafts;
  isDetection: boolean;
  mayLabel: boolean;
  isBoxOpen: boolean;
  onBox: (isOpen: boolean) => void;
  onChoose: (label: string) => void;
}
const DIGITS = 10;

export function Classes({ sample, done, drafts, isDetection, mayLabel, isBoxOpen, onBox, onChoose }: ClassesProps) {
  const { i18n } = useLingui();
  const draft = drafts.of(sample.id);
  const names = draft ?? done?.labels ?? [...new Set(sample.labels.map(({ name }) => name))];
  const keys = keysByLabel(keyedNames(drafts.labels));
  const choose = (label: string) => {
    if (!drafts.labels.includes(label)) drafts.addLabel(label);
    onChoose(label);
  };
  return (
    <section className="classes-part" aria-label={i18n._("Labels")}>
      <header className="row">
        <span className="one-line grow soft small" title={sample.source}>
          {nameOf(sample)}
        </span>
        {sample.hard && <span className="hard-tag">{i18n._("Hard")}</span>}
        <StatusWord state={sample.state} />
      </header>
      <Said sample={sample} done={done} draft={draft} isDetection={isDetection} labels={drafts.labels} />
      {!isDetection && (
        <>
          <div className="classes" role="group" aria-label={i18n._("Classes")}>
            {drafts.labels.slice(0, DIGITS).map((label) => (
              <button key={label} type="button" className="class-key" aria-pressed={names.includes(label)} disabled={!mayLabel} onClick={() => choose(label)}>
                <KeyCap group="review" of={keys.get(label) ?? ""} />
                {drafts.labels.colors?.has(label) && <i className="swatch" style={{ background: colorOf(drafts.labels, label) }} />}
                <span className="one-line">{label}</span>
              </button>
            ))}
            <button type="button" className="class-key other" disabled={!mayLabel} onClick={() => onBox(true)}>
              <KeyCap group="review" of="l" />
              <span className="one-line">{i18n._("Other…")}</span>
            </button>
            <button type="button" className="class-key other" disabled={!mayLabel} aria-pressed={drafts.isSeveral} title={i18n._("Several classes: digits switch, F confirms")} onClick={() => drafts.allowSeveral(!drafts.isSeveral)}>
              <ListChecks size={16} aria-hidden />
              <span className="one-line">{i18n._("Several")}</span>
            </button>
          </div>
          {isBoxOpen && mayLabel && <LabelBox labels={drafts.labels} onPick={choose} onClose={() => onBox(false)} />}
        </>
      )}
    </section>
  );
}

interface SaidProps {
  sample: Schemas["Sample"];
  done: Done | undefined;
  draft: readonly string[] | undefined;
  isDetection: boolean;
  labels: LabelNames;
}
function Said({ sample, done, draft, isDetection, labels }: SaidProps) {
  const { i18n } = useLingui();
  if (done || draft)
    return (
      <div className="said">
        <h2>{draft ? i18n._("Yours, F confirms") : done?.action === "reject" || done?.labels.length === 0 ? i18n._("Yours: no label") : i18n._("Yours")}</h2>
        {(draft ?? done?.labels ?? []).map((name) => (
          <strong key={name} className="said-name mine">
            <Check size={14} aria-hidden /> {name}
          </strong>
        ))}
      </div>
    );
  const isSuggested = sample.labels.some(({ state }) => state === "suggested");
  const counted = new Map<string, { count: number; best: number | null }>();
  for (const { name, score } of sample.labels) {
    const before = counted.get(name);
    counted.set(name, { count: (before?.count ?? 0) + 1, best: score === null ? (before?.best ?? null) : Math.max(score, before?.best ?? 0) });
  }
  return (
    <div className="said">
      <h2>{isSuggested ? i18n._("Suggested") : i18n._("Labels")}</h2>
      {counted.size === 0 && <span className="soft">{isDetection ? i18n._("no box") : i18n._("no label")}</span>}
      {[...counted].map(([name, { count, best }]) => (
        <strong key={name} className="said-name">
          {isDetection && <i className="swatch" style={{ background: colorOf(labels, name) }} />}
          {name}
          {count > 1 && <span className="soft"> ×{count}</span>}
          {best !== null && <span className="soft">{formatNumber(best, { maximumFractionDigits: 2, minimumFractionDigits: 2 })}</span>}
        </strong>
      ))}
    </div>
  );
}
