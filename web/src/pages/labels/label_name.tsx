// SPDX-License-Identifier: Apache-2.0
// The name of a label, changed in its place: Enter or leaving the field takes it, Escape leaves it as it was.
import { useMutation } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { Pencil } from "lucide-react";
import { useState, type KeyboardEvent } from "react";
import { undoOperation } from "../../api/samples";
import { IconButton } from "../../widgets/button";
import { tell, tellProblem } from "../../widgets/toast";
import { editLabel, useStaleLabels, type Label } from "./labels_query";

const NAME_MAX = 1024;

export function LabelName({ dataset, label: { name }, why }: { dataset: string; label: Label; why: string | false }) {
  const { i18n } = useLingui();
  const [typed, type] = useState<string | null>(null);
  const stale = useStaleLabels(dataset);
  const rename = useMutation({
    mutationFn: (to: string) => editLabel(dataset, name, { name: to }),
    onSuccess: ({ change }, to) => {
      const undo = change.operation_id;
      tell(i18n._("{name} is called {to} in {count, plural, one {# sample} other {# samples}}", { name, to, count: change.samples }), undo === null ? undefined : { label: i18n._("Undo"), run: () => void undoOperation(undo).catch(tellProblem).then(stale) });
    },
    onError: tellProblem,
    onSettled: stale,
  });
  if (typed === null)
    return (
      <span className="row label-name">
        <span className="one-line" title={name}>
          {name}
        </span>
        <IconButton size="small" label={i18n._("Rename {name}", { name })} why={why} isDisabled={rename.isPending} onPress={() => type(name)}>
          <Pencil size={13} aria-hidden />
        </IconButton>
      </span>
    );
  const take = () => {
    const to = typed.trim();
    type(null);
    if (to !== "" && to !== name) rename.mutate(to);
  };
  const press = (event: KeyboardEvent) => {
    event.stopPropagation(); // the table moves by the same keys
    if (event.key === "Enter") take();
    if (event.key === "Escape") type(null);
  };
  return <input className="input label-rename" aria-label={i18n._("New name of {name}", { name })} value={typed} maxLength={NAME_MAX} onChange={(event) => type(event.target.value)} onKeyDown={press} onBlur={take} autoFocus />;
}
