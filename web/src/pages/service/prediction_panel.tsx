// SPDX-License-Identifier: Apache-2.0
// One prediction in full: picture, scores or boxes, and the result as the API gives it.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { ArrowLeft, ArrowRight, X } from "lucide-react";
import { useState } from "react";
import type { Schemas } from "../../api/client";
import { useKeys } from "../../app/keys";
import { formatNumber } from "../../i18n/i18n";
import { Bars } from "../../widgets/bars";
import { BoxedPicture, type NamedBox } from "../../widgets/boxed_picture";
import { IconButton } from "../../widgets/button";
import { CopyButton } from "../../widgets/copy_button";
import { ProblemBlock } from "../../widgets/problem_block";
import { Skeleton } from "../../widgets/skeleton";
import { resultQuery } from "./run_query";

const SCORES_SHOWN = 5;
const share = (score: number) => formatNumber(score, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });

export interface PredictionPanelProps {
  service: string;
  result: string;
  onClose: () => void;
  onPrevious: (() => void) | undefined;
  onNext: (() => void) | undefined;
}

export function PredictionPanel({ service, result, onClose, onPrevious, onNext }: PredictionPanelProps) {
  const { i18n } = useLingui();
  const full = useQuery(resultQuery(service, result));
  useKeys("predictions", [
    { keys: ["a"], name: i18n._("Previous"), run: () => onPrevious?.() },
    { keys: ["d"], name: i18n._("Next"), run: () => onNext?.() },
    { keys: ["Escape"], name: i18n._("Close"), run: onClose },
  ]);
  return (
    <aside className="card prediction-panel" aria-label={i18n._("Prediction")}>
      <header className="row">
        <IconButton size="small" label={i18n._("Previous")} keys="A" onPress={onPrevious} isDisabled={!onPrevious}>
          <ArrowLeft size={15} aria-hidden />
        </IconButton>
        <IconButton size="small" label={i18n._("Next")} keys="D" onPress={onNext} isDisabled={!onNext}>
          <ArrowRight size={15} aria-hidden />
        </IconButton>
        <h2 className="grow one-line">{full.data?.source.split("/").at(-1) ?? ""}</h2>
        <IconButton size="small" label={i18n._("Close")} keys="Esc" onPress={onClose}>
          <X size={15} aria-hidden />
        </IconButton>
      </header>
      {full.isError && <ProblemBlock thrown={full.error} onRetry={() => void full.refetch()} compact />}
      {full.isPending && <Skeleton rows={8} />}
      {full.data && <Full key={full.data.id} result={full.data} />}
    </aside>
  );
}

function Full({ result }: { result: Schemas["ResultInFull"] }) {
  const { i18n } = useLingui();
  const [isRaw, showRaw] = useState(false);
  const boxes: readonly NamedBox[] = result.boxes ?? [];
  const near: readonly NamedBox[] = result.near_misses ?? [];
  const scores = result.scores ?? [];
  const raw = JSON.stringify(result, null, 2);
  return (
    <>
      <div className="prediction-large">
        <BoxedPicture src={`${result.image}?size=mid`} width={result.width} height={result.height} boxes={boxes} near={near} hasNames label={result.label ?? ""} />
      </div>
      {result.boxes ? (
        boxes.length > 0 ? (
          <Bars label={i18n._("Boxes")} of={1} bars={boxes.map(({ label, score }, at) => ({ id: String(at), name: label, value: score, words: share(score) }))} />
        ) : (
          <p className="soft">{i18n._("It found nothing in this image.")}</p>
        )
      ) : (
        <Bars label={i18n._("Scores")} of={1} bars={scores.slice(0, SCORES_SHOWN).map(({ label, score }) => ({ id: label, name: label, value: score, words: share(score) }))} />
      )}
      {near.length > 0 && <p className="soft small">{i18n._("Dotted: {count, plural, one {# near miss} other {# near misses}}, below the score from which a box counts.", { count: near.length })}</p>}
      {result.warnings.map((warning) => (
        <p key={String(warning)} className="small">
          {String(warning)}
        </p>
      ))}
      <p className="row small soft">
        <code className="grow prediction-path">{result.source}</code>
        <CopyButton text={result.source} label={i18n._("Copy path")} />
      </p>
      <details open={isRaw} onToggle={(event) => showRaw(event.currentTarget.open)}>
        <summary>{i18n._("Raw result")}</summary>
        {isRaw && (
          <div className="prediction-raw">
            <CopyButton text={raw} label={i18n._("Copy")} />
            <pre className="small">{raw}</pre>
          </div>
        )}
      </details>
    </>
  );
}
