// SPDX-License-Identifier: Apache-2.0
// Best scores of a run: drag over a range to see its images. The same is chosen by the field "Best score" of the Predictions tab.
import { useLingui } from "@lingui/react";
import { useRef, useState, type PointerEvent } from "react";
import { Histogram } from "../../widgets/histogram";
import { binRange } from "./score_ranges";
import "./score_histogram.css";

export function ScoreHistogram({ bins, label, onRange }: { bins: readonly number[]; label: string; onRange: (range: string) => void }) {
  const { i18n } = useLingui();
  const frame = useRef<HTMLDivElement>(null);
  const [drawn, draw] = useState<readonly [number, number] | null>(null);
  const placeOf = (event: PointerEvent) => {
    const box = frame.current?.getBoundingClientRect();
    return box ? Math.min(Math.max((event.clientX - box.left) / box.width, 0), 1) : 0;
  };
  const [low, high] = drawn ? [Math.min(...drawn), Math.max(...drawn)] : [0, 0];
  return (
    <div className="score-histogram">
      <div
        ref={frame}
        className="score-room"
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId);
          draw([placeOf(event), placeOf(event)]);
        }}
        onPointerMove={(event) => drawn && draw([drawn[0], placeOf(event)])}
        onPointerUp={(event) => {
          if (drawn) onRange(binRange(drawn[0], placeOf(event), bins.length));
          draw(null);
        }}
        onPointerCancel={() => draw(null)}
      >
        <Histogram from={0} to={1} bins={bins} height={120} label={label} />
        {drawn && (
          <svg className="score-drawn" viewBox="0 0 1 1" preserveAspectRatio="none" aria-hidden>
            <rect x={low} width={Math.max(high - low, 0.003)} height="1" />
          </svg>
        )}
      </div>
      <p className="soft small">{i18n._("Drag over scores to see their images.")}</p>
    </div>
  );
}
