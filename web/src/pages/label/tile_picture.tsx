// SPDX-License-Identifier: Apache-2.0
// The picture of a sample with its boxes; when it cannot be shown, its name, why, and a way to try again.
import { useLingui } from "@lingui/react";
import { ImageOff, RotateCw } from "lucide-react";
import { useState } from "react";
import { imagePath, type SampleRow } from "../../api/samples";
import { problemOf } from "../../api/problem";
import { boxOf } from "../../labelling/shape";
import { nameOf } from "./sample_name";

// Smaller images are shown pixel by pixel, not blurred.
const COARSE_PX = 64;

export function TilePicture({ sample, showsBoxes, size = "thumb" }: { sample: SampleRow; showsBoxes: boolean; size?: "thumb" | "mid" }) {
  const [why, tell] = useState<string | null>(null);
  const [attempt, again] = useState(0);
  const path = imagePath(sample, size);
  if (why !== null)
    return (
      <Broken
        sample={sample}
        why={why}
        onRetry={() => {
          tell(null);
          again(attempt + 1);
        }}
      />
    );
  const { width, height } = sample;
  return (
    <>
      <img
        key={attempt}
        src={path}
        alt=""
        decoding="async"
        draggable={false}
        onError={() => {
          tell("");
          void reasonOf(path).then(tell);
        }}
        className={width > 0 && width < COARSE_PX ? "coarse" : ""}
      />
      {showsBoxes && width > 0 && height > 0 && <TileBoxes sample={sample} />}
    </>
  );
}

/** An image element does not say why it failed; asking again does. */
async function reasonOf(path: string): Promise<string> {
  try {
    const answer = await fetch(path);
    if (answer.ok) return "";
    return problemOf(await answer.json().catch(() => null), answer).message;
  } catch {
    return "";
  }
}

function Broken({ sample, why, onRetry }: { sample: SampleRow; why: string; onRetry: () => void }) {
  const { i18n } = useLingui();
  return (
    <span className="tile-broken soft small">
      <ImageOff size={20} aria-hidden />
      <span className="one-line tile-broken-name">{nameOf(sample)}</span>
      <span className="tile-broken-why" title={why}>
        {why || i18n._("The image cannot be shown")}
      </span>
      <button
        type="button"
        tabIndex={-1}
        className="tile-retry"
        onClick={(event) => {
          event.stopPropagation();
          onRetry();
        }}
      >
        <RotateCw size={12} aria-hidden /> {i18n._("Try again")}
      </button>
    </span>
  );
}

function TileBoxes({ sample }: { sample: SampleRow }) {
  const boxes = sample.labels.flatMap((label) => {
    const box = boxOf(label);
    return box ? [{ ...box, isSuggested: label.state === "suggested" }] : [];
  });
  if (boxes.length === 0) return null;
  return (
    <svg viewBox={`0 0 ${sample.width} ${sample.height}`} className="tile-boxes" aria-hidden>
      {boxes.map(({ xmin, ymin, xmax, ymax, isSuggested }, at) => (
        <rect key={at} x={xmin} y={ymin} width={xmax - xmin} height={ymax - ymin} className={isSuggested ? "suggested" : "confirmed"} />
      ))}
    </svg>
  );
}
