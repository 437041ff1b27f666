// SPDX-License-Identifier: Apache-2.0
// The frames before and after an image, in their order, with what the model says of each.
import { useLingui } from "@lingui/react";
import type { Schemas } from "../../api/client";
import { formatNumber } from "../../i18n/i18n";
import { framesOf } from "./frames_of";

export interface FramesProps {
  facts: Record<string, unknown>;
  pictures: readonly Schemas["BesideFrame"][] | undefined;
  original: string | undefined;
}

export function Frames({ facts, pictures, original }: FramesProps) {
  const { i18n } = useLingui();
  const frames = framesOf(facts, pictures);
  if (frames.length === 0) return null;
  const before = frames.filter(({ place }) => place < 0);
  const after = frames.filter(({ place }) => place > 0);
  const predicted = typeof facts["predicted_label"] === "string" ? facts["predicted_label"] : undefined;
  const shown = (list: typeof frames) =>
    list.map(({ place, source, image, label, score, boxes }) => (
      <li key={place} className={label !== undefined && predicted !== undefined && label !== predicted ? "differs" : ""}>
        {image ? <img src={image} alt={source.split("/").at(-1) ?? ""} /> : <span className="frame-gone" />}
        <span className="one-line">{label ?? (boxes === undefined ? "–" : i18n._("{count, plural, one {# box} other {# boxes}}", { count: boxes }))}</span>
        <span className="soft">{score === undefined ? `${place > 0 ? "+" : ""}${place}` : formatNumber(score, { maximumFractionDigits: 2, minimumFractionDigits: 2 })}</span>
      </li>
    ));
  return (
    <ol className="frames" aria-label={i18n._("Frames before and after")}>
      {shown(before)}
      <li className="this">
        {original && <img src={original} alt={i18n._("This image")} />}
        <span className="one-line">{predicted ?? i18n._("This image")}</span>
      </li>
      {shown(after)}
    </ol>
  );
}
