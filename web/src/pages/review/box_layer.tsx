// SPDX-License-Identifier: Apache-2.0
// Boxes over an image, in the image's own px: what is suggested is dashed, what is confirmed solid, what the model nearly said dotted.
// Each can be focused and says what and where it is; its class stands beside it.
import { useLingui } from "@lingui/react";
import type { I18n } from "@lingui/core";
import { formatNumber } from "../../i18n/i18n";
import { toScreen, type Box, type Size, type View } from "../../labelling/geometry";
import "./box_layer.css";

export interface ShownBox {
  key: string;
  name: string;
  score: number | null;
  /** near: a candidate below the score threshold. */
  state: "suggested" | "confirmed" | "near";
  box: Box;
  color: string;
  /** Codes of the reasons that are about this box. */
  codes?: readonly string[];
}

export interface BoxLayerProps {
  boxes: readonly ShownBox[];
  view: View;
  screen: Size;
  /** Drawn stronger, the others dimmed. */
  marked?: ReadonlySet<string>;
}

const NEAR_TOLD = 3;
const two = (value: number) => formatNumber(value, { maximumFractionDigits: 2, minimumFractionDigits: 2 });

export function boxWords(i18n: I18n, { name, score, state, box }: ShownBox): string {
  const words = { suggested: i18n._("suggested"), confirmed: i18n._("confirmed"), near: i18n._("near miss") };
  const place = `x ${Math.round(box.xmin)} y ${Math.round(box.ymin)} w ${Math.round(box.xmax - box.xmin)} h ${Math.round(box.ymax - box.ymin)}`;
  return `${name}${score === null ? "" : ` ${two(score)}`}, ${words[state]}, ${place}`;
}

export function BoxLayer({ boxes, view, screen, marked }: BoxLayerProps) {
  const { i18n } = useLingui();
  // Words on every candidate would hide the image: the best few have them, the others say theirs when they are focused.
  const untold = new Set(boxes.filter(({ state }) => state === "near").sort((a, b) => (b.score ?? 0) - (a.score ?? 0)).slice(NEAR_TOLD).map(({ key }) => key));
  const isDim = ({ key }: ShownBox) => marked !== undefined && marked.size > 0 && !marked.has(key);
  return (
    <>
      <svg className="box-layer" width={screen.width} height={screen.height}>
        <g transform={`translate(${view.x} ${view.y}) scale(${view.scale})`} role="group" aria-label={i18n._("Boxes")}>
          {boxes.map((one) => (
            <BoxShape key={one.key} one={one} words={boxWords(i18n, one)} isDim={isDim(one)} />
          ))}
        </g>
      </svg>
      <div className="box-tags" aria-hidden>
        {boxes
          .filter(({ key }) => !untold.has(key))
          .map((one) => (
            <BoxTag key={one.key} one={one} view={view} isDim={isDim(one)} />
          ))}
      </div>
    </>
  );
}

function BoxShape({ one, words, isDim }: { one: ShownBox; words: string; isDim: boolean }) {
  const { xmin, ymin, xmax, ymax } = one.box;
  const place = { x: xmin, y: ymin, width: Math.max(xmax - xmin, 0), height: Math.max(ymax - ymin, 0) };
  return (
    <g tabIndex={0} role="img" aria-label={words} className={`shown-box ${one.state}`} data-dim={isDim || undefined}>
      <rect {...place} className="rim" />
      <rect {...place} className="line" style={{ stroke: one.color }} />
    </g>
  );
}

function BoxTag({ one, view, isDim }: { one: ShownBox; view: View; isDim: boolean }) {
  const { x, y } = toScreen(view, { x: one.box.xmin, y: one.box.ymin });
  const isInside = y < 20;
  return (
    <span className={`box-tag ${one.state}`} data-dim={isDim || undefined} style={{ transform: `translate(${Math.round(Math.max(x, 0))}px, ${Math.round(Math.max(y, 0))}px) translateY(${isInside ? "0" : "-100%"})`, background: one.state === "near" ? undefined : one.color }}>
      {one.name}
      {one.score !== null && ` ${two(one.score)}`}
      {one.codes && one.codes.length > 0 && <b>{one.codes.join(" ")}</b>}
    </span>
  );
}
