// SPDX-License-Identifier: Apache-2.0
// Where to go from the end: the next dataset that waits, or back to the beginning with everything taken back.
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { ArrowRight, Undo2 } from "lucide-react";
import { useState } from "react";
import { datasetsQuery } from "../../api/queries";
import { formatNumber } from "../../i18n/i18n";
import { Button, LinkButton } from "../../widgets/button";
import { tell, tellProblem } from "../../widgets/toast";
import type { ReviewSitting } from "./use_sitting";

/** The dataset in which most waits, beside this one. */
export function NextDataset({ dataset }: { dataset: string }) {
  const { i18n } = useLingui();
  const datasets = useQuery(datasetsQuery());
  const [next] = (datasets.data ?? []).filter(({ name, to_be_confirmed }) => name !== dataset && to_be_confirmed > 0).toSorted((a, b) => b.to_be_confirmed - a.to_be_confirmed);
  if (!next) return null;
  return (
    <LinkButton href={`/datasets/${next.name}/review?state=to_be_confirmed`}>
      {i18n._("Next dataset: {name}, {count} to be confirmed", { name: next.name, count: formatNumber(next.to_be_confirmed) })}
      <ArrowRight size={15} aria-hidden />
    </LinkButton>
  );
}

/** Redo brings them back one by one. */
export function UndoAll({ sitting }: { sitting: ReviewSitting }) {
  const { i18n } = useLingui();
  const [isBusy, setBusy] = useState(false);
  const count = sitting.undoable;
  if (count === 0 && !isBusy) return null;
  const undo = () => {
    setBusy(true);
    sitting
      .undoAll()
      .then(
        (taken) => tell(sitting.undoable > 0 ? i18n._("{count} taken back, then the server did not answer.", { count: formatNumber(taken) }) : i18n._("{count, plural, one {# decision is} other {# decisions are}} taken back.", { count: taken })),
        tellProblem,
      )
      .finally(() => setBusy(false));
  };
  return (
    <Button onPress={undo} isDisabled={isBusy}>
      <Undo2 size={15} aria-hidden />
      {isBusy ? i18n._("Taking back, {count} left…", { count: formatNumber(count) }) : i18n._("Undo all of this session ({count})", { count: formatNumber(count) })}
    </Button>
  );
}
