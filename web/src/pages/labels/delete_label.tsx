// SPDX-License-Identifier: Apache-2.0
// Deleting a label: from its samples only, with the samples that have nothing else, or with their files too.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { undoOperation } from "../../api/samples";
import { formatNumber } from "../../i18n/i18n";
import { Button } from "../../widgets/button";
import { Radios, TextField } from "../../widgets/field";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";
import { Skeleton } from "../../widgets/skeleton";
import { tell, tellProblem } from "../../widgets/toast";
import { deleteLabel, policies, useStaleLabels, type Label, type Policy } from "./labels_query";

export function DeleteLabel({ dataset, label: { name }, onClose }: { dataset: string; label: Label; onClose: () => void }) {
  const { i18n } = useLingui();
  const [policy, choose] = useState<Policy>("label");
  const [typed, type] = useState("");
  const stale = useStaleLabels(dataset);
  const preview = useQuery({
    queryKey: ["datasets", dataset, "labels", name, "delete", policy],
    gcTime: 0,
    queryFn: async () => (await deleteLabel(dataset, name, policy, true)).change,
  });
  const remove = useMutation({
    mutationFn: () => deleteLabel(dataset, name, policy, false),
    onSuccess: ({ change }) => {
      const undo = change.operation_id;
      const words = i18n._("{name} is deleted", { name });
      const files = policy === "files" ? i18n._("{words}: {deleted} files deleted, {kept} kept", { words, deleted: formatNumber(change.files_deleted), kept: formatNumber(change.files_kept) }) : words;
      tell(files, undo === null ? undefined : { label: i18n._("Undo"), run: () => void undoOperation(undo).catch(tellProblem).then(stale) });
      onClose();
    },
    onSettled: stale,
  });
  const counted = preview.data;
  return (
    <Sheet
      title={i18n._("Delete label {name}?", { name })}
      role="alertdialog"
      isOpen
      onOpenChange={onClose}
      footer={
        <>
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          <Button look="danger" isDisabled={!counted || remove.isPending || (policy === "files" && typed !== name)} onPress={() => remove.mutate()}>
            {i18n._("Delete")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <Radios
          label={i18n._("What goes")}
          orientation="vertical"
          value={policy}
          onChange={(chosen) => choose(policies.find((one) => one === chosen) ?? "label")}
          choices={[
            { id: "label", name: i18n._("The label only"), note: i18n._("Samples without another one become unlabeled. It can be undone.") },
            { id: "samples", name: i18n._("The label, and samples that have only this one"), note: i18n._("They leave the dataset; their files stay. It can be undone.") },
            { id: "files", name: i18n._("The label, these samples, and their source files"), note: i18n._("Files cannot be brought back. Those that another sample needs are kept.") },
          ]}
        />
        {preview.isPending && <Skeleton rows={2} height={20} />}
        {counted && (
          <p role="status">
            {i18n._("{samples, plural, one {# sample} other {# samples}} with {annotations, plural, one {# annotation} other {# annotations}}: {unlabeled} become unlabeled, {removed} leave the dataset.", {
              samples: counted.samples,
              annotations: counted.annotations,
              unlabeled: formatNumber(counted.unlabeled),
              removed: formatNumber(counted.removed),
            })}
          </p>
        )}
        {policy === "files" && <TextField label={i18n._("Type the label's name")} value={typed} onChange={type} autoComplete="off" />}
        {(preview.error ?? remove.error) && <ProblemBlock thrown={preview.error ?? remove.error} compact />}
      </div>
    </Sheet>
  );
}
