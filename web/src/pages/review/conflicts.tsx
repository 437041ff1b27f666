// SPDX-License-Identifier: Apache-2.0
// Samples that somebody else changed while one looked at them: theirs can be kept, or one's own put over it.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { KeyCap } from "../../widgets/key_cap";
import { ask, client } from "../../api/client";
import { formatAgo } from "../../i18n/i18n";
import type { Conflict } from "../../labelling/sitting";
import { Button } from "../../widgets/button";
import type { Loaded } from "./loaded";
import { nameOf } from "./stage";
import type { ReviewSitting } from "./use_sitting";

const SHOWN_MAX = 3;

export function Conflicts({ sitting }: { sitting: ReviewSitting }) {
  const { i18n } = useLingui();
  if (sitting.conflicts.length === 0) return null;
  return (
    <div className="conflicts" role="alert">
      {sitting.conflicts.slice(0, SHOWN_MAX).map((conflict) => (
        <One key={conflict.decision.key} conflict={conflict} sitting={sitting} />
      ))}
      {sitting.conflicts.length > SHOWN_MAX && <p className="small">{i18n._("and {count} more", { count: sitting.conflicts.length - SHOWN_MAX })}</p>}
    </div>
  );
}

function One({ conflict, sitting }: { conflict: Conflict<Loaded["sample"]>; sitting: ReviewSitting }) {
  const { i18n } = useLingui();
  const { theirs, done } = conflict;
  const isHere = sitting.id === theirs.id;
  const history = useQuery({
    queryKey: ["review", "history", theirs.id, theirs.revision],
    staleTime: Infinity,
    queryFn: () => ask(client.GET("/api/v1/samples/{sample}/history", { params: { path: { sample: theirs.id } } })),
  });
  const last = history.data?.history[0];
  const who = last?.decided_by?.replace(/^human\//, "") ?? i18n._("Somebody else");
  const ago = formatAgo(theirs.updated);
  const names = (list: readonly string[]) => [...new Set(list)].join(", ") || i18n._("no label");
  const said = names(theirs.labels.map(({ name }) => name));
  return (
    <div className="conflict">
      <p>
        <strong className="one-line">{isHere ? i18n._("This sample") : nameOf(theirs)}</strong> {i18n._("{who} changed it {ago}: {said}. Yours: {yours}.", { who, ago, said, yours: names(done.labels) })}
      </p>
      <div className="row">
        {!isHere && (
          <Button size="small" look="quiet" onPress={() => sitting.go(sitting.ids.indexOf(theirs.id))}>
            {i18n._("Show it")}
          </Button>
        )}
        <Button size="small" onPress={() => sitting.keepTheirs(conflict)}>
          {i18n._("Keep theirs")} {isHere && <KeyCap group="review" of="d" />}
        </Button>
        <Button size="small" onPress={() => sitting.overwrite(conflict)}>
          {i18n._("Overwrite")} {isHere && <KeyCap group="review" of="f" />}
        </Button>
      </div>
    </div>
  );
}
