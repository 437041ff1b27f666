// SPDX-License-Identifier: Apache-2.0
// What the training samples nearest to this one are labelled, where a reason goes by them.
import { useLingui } from "@lingui/react";
import type { Schemas } from "../../api/client";
import { tallyOf, type Tallied } from "./tallies";

export function Tally({ facts, neighbors }: { facts: Record<string, unknown>; neighbors: readonly Schemas["Neighbor"][] }) {
  const { i18n } = useLingui();
  const tallies = tallyOf(facts);
  if (tallies.length === 0) return null;
  const words: Record<Tallied["space"], string> = { appearance: i18n._("By looks"), embedding: i18n._("As the model sees it") };
  const pictures = new Map(neighbors.map(({ source, image }) => [source, image]));
  return (
    <dl className="tally">
      {tallies.map(({ space, counts, total, sources }) => (
        <div key={space}>
          <dt className="soft small">{words[space]}</dt>
          <dd>
            {counts.map(({ label, count, isPredicted }) => (
              <span key={label} className={isPredicted ? "tallied predicted" : "tallied"}>
                <span className="tallied-bar" style={{ width: `${(100 * count) / total}%` }} />
                <span className="one-line">{label}</span>
                <span className="soft">
                  {count} / {total}
                </span>
              </span>
            ))}
            {sources.some((source) => pictures.has(source)) && (
              <span className="tallied-pictures">
                {sources
                  .filter((source) => pictures.has(source))
                  .slice(0, 4)
                  .map((source) => (
                    <img key={source} src={pictures.get(source)} alt="" />
                  ))}
              </span>
            )}
          </dd>
        </div>
      ))}
    </dl>
  );
}
