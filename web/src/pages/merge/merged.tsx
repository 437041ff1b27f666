// SPDX-License-Identifier: Apache-2.0
// What a merge did, or would do: counts, the way back, what is left to a person, what was there already.
import { useLingui } from "@lingui/react";
import type { Schemas } from "../../api/client";
import { LinkButton } from "../../widgets/button";
import { leftOut, type MergeResult } from "./merge";
import { MergeCounts } from "./merge_counts";
import { NotMerged } from "./not_merged";
import { UndoMerge } from "./undo_merge";

export function Merged({ task }: { task: Schemas["Task"] }) {
  const { i18n } = useLingui();
  const result = task.result as unknown as MergeResult;
  const { dataset, into, operation_id: operation } = result;
  return (
    <>
      <section className="card stack tight">
        <h2>{result.preview ? i18n._("What would happen: from {dataset} to {into}", { dataset, into }) : i18n._("From {dataset} to {into}", { dataset, into })}</h2>
        {result.preview && <p className="soft">{i18n._("This was a check: nothing was changed.")}</p>}
        <MergeCounts result={result} />
        <div className="row wrap">
          <LinkButton look="primary" href={`/datasets/${into}/label?state=labeled&sort=-created`}>
            {i18n._("Look at {into}", { into })}
          </LinkButton>
          <LinkButton href={`/datasets/${into}?publish=1`}>{i18n._("Publish {into}", { into })}</LinkButton>
          {operation && <UndoMerge operation={operation} />}
        </div>
      </section>
      {leftOut(result) > 0 && <NotMerged task={task.id} kind="left" title={i18n._("Left to you")} from={dataset} />}
      {result.duplicates > 0 && <NotMerged task={task.id} kind="duplicates" title={i18n._("Already there")} from={dataset} />}
    </>
  );
}
