// SPDX-License-Identifier: Apache-2.0
import { useLingui } from "@lingui/react";
import { ArrowRight } from "lucide-react";
import { Link } from "react-aria-components";
import type { Schemas } from "../../api/client";
import { imagePath } from "../../api/samples";
import { Thumb } from "../../widgets/thumb";
import { changeWord, counted, namesOf } from "./changes";

/** Samples that changed, with what they were and what they are. */
export function ChangeList({ dataset, changes }: { dataset: string; changes: readonly Schemas["VersionChange"][] }) {
  const { i18n } = useLingui();
  if (changes.length === 0) return <p className="soft">{i18n._("No sample changed.")}</p>;
  return (
    <ul className="change-list">
      {changes.map((change) => {
        const name = change.source.split("/").at(-1) ?? change.source;
        return (
          <li key={`${change.kind}-${change.id}`} className="change card">
            <Link href={`/datasets/${dataset}/review?sample=${change.id}`} className="change-picture" aria-label={i18n._("Review {name}", { name })}>
              <Thumb src={imagePath(change, "thumb")} />
            </Link>
            <div className="stack change-words">
              <span className={`change-kind small ${change.kind}`}>{changeWord(i18n, change.kind)}</span>
              <span className="one-line" title={change.source}>
                {name}
              </span>
              <Sides kind={change.kind} before={counted(namesOf(change.labels_before))} after={counted(namesOf(change.labels_after))} />
              {change.usage_before !== change.usage_after && <Sides kind={change.kind} before={change.usage_before ? [change.usage_before] : []} after={change.usage_after ? [change.usage_after] : []} />}
            </div>
          </li>
        );
      })}
    </ul>
  );
}

function Sides({ kind, before, after }: { kind: string; before: readonly string[]; after: readonly string[] }) {
  const { i18n } = useLingui();
  const said = (names: readonly string[]) => (names.length > 0 ? names.join(", ") : i18n._("nothing"));
  if (before.join() === after.join()) return <span className="small soft">{said(after)}</span>;
  if (kind === "added") return <span className="small">{said(after)}</span>;
  if (kind === "removed") return <span className="small">{said(before)}</span>;
  return (
    <span className="small row wrap change-sides">
      <span className="soft">{said(before)}</span>
      <ArrowRight size={12} aria-label={i18n._("is now")} />
      <strong>{said(after)}</strong>
    </span>
  );
}
