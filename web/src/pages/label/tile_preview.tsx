// SPDX-License-Identifier: Apache-2.0
// Resting on a tile shows its picture larger, beside it; not where motion is unwelcome.
import { useEffect, useState } from "react";
import { createPortal } from "react-dom";
import type { SampleRow } from "../../api/samples";
import { formatNumber } from "../../i18n/i18n";
import { ReasonChip } from "../../widgets/reason_chip";
import { TilePicture } from "./tile_picture";
import { nameOf } from "./sample_name";
import "./tile_preview.css";

const REST_MS = 400;
const SIZE = 420;
const AWAY = 12;

export function TilePreview({ within, find }: { within: HTMLElement | null; find: (id: string) => SampleRow | undefined }) {
  const [shown, show] = useState<{ sample: SampleRow; left: number; top: number } | null>(null);
  useEffect(() => {
    if (!within || matchMedia("(prefers-reduced-motion: reduce), (hover: none)").matches) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const hide = () => {
      clearTimeout(timer);
      show(null);
    };
    const onMove = (event: PointerEvent) => {
      hide();
      const tile = (event.target as Element).closest<HTMLElement>(".tile");
      if (!tile || event.buttons !== 0) return;
      timer = setTimeout(() => {
        const sample = find(tile.dataset["sample"] ?? "");
        const { left, right, top } = tile.getBoundingClientRect();
        if (!sample || innerWidth < 2 * SIZE) return;
        const x = right + AWAY + SIZE < innerWidth ? right + AWAY : left - AWAY - SIZE;
        show({ sample, left: x, top: Math.min(Math.max(top, AWAY), innerHeight - SIZE - 72) });
      }, REST_MS);
    };
    const events = ["pointerdown", "pointerleave", "wheel", "contextmenu"] as const;
    within.addEventListener("pointerover", onMove);
    for (const name of events) within.addEventListener(name, hide, { passive: true });
    window.addEventListener("keydown", hide);
    return () => {
      hide();
      within.removeEventListener("pointerover", onMove);
      for (const name of events) within.removeEventListener(name, hide);
      window.removeEventListener("keydown", hide);
    };
  }, [within, find]);
  if (!shown) return null;
  const { sample, left, top } = shown;
  return createPortal(
    <div className="tile-preview" style={{ left, top }} aria-hidden>
      <div className="tile-picture">
        <TilePicture key={sample.id} sample={sample} showsBoxes size="mid" />
      </div>
      <div className="tile-preview-words">
        <span className="one-line">
          {nameOf(sample)} <span className="soft">{sample.width > 0 && `${formatNumber(sample.width)} × ${formatNumber(sample.height)}`}</span>
        </span>
        <span className="tile-chips">
          {sample.reasons.map((reason) => (
            <ReasonChip key={reason.id} code={reason.code} />
          ))}
        </span>
      </div>
    </div>,
    document.body,
  );
}
