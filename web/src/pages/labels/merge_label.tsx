// SPDX-License-Identifier: Apache-2.0
// One label becomes another everywhere: what will change is counted before, and can be undone after.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { useState } from "react";
import { undoOperation } from "../../api/samples";
import { Button } from "../../widgets/button";
import { Select } from "../../widgets/field";
import { ProblemBlock } from "../../widgets/problem_block";
import { Sheet } from "../../widgets/sheet";
import { Skeleton } from "../../widgets/skeleton";
import { tell, tellProblem } from "../../widgets/toast";
import { mergeLabel, useStaleLabels, type Label } from "./labels_query";

export function MergeLabel({ dataset, labels, label: { name }, onClose }: { dataset: string; labels: readonly Label[]; label: Label; onClose: () => void }) {
  const { i18n } = useLingui();
  const [into, choose] = useState<string | null>(null);
  const stale = useStaleLabels(dataset);
  const preview = useQuery({
    queryKey: ["datasets", dataset, "labels", name, "merge", into],
    enabled: into !== null,
    gcTime: 0,
    queryFn: async () => (await mergeLabel(dataset, name, into ?? "", true)).change,
  });
  const merge = useMutation({
    mutationFn: () => mergeLabel(dataset, name, into ?? "", false),
    onSuccess: ({ change }) => {
      const undo = change.operation_id;
      tell(i18n._("{name} is {into} now in {count, plural, one {# sample} other {# samples}}", { name, into, count: change.samples }), undo === null ? undefined : { label: i18n._("Undo"), run: () => void undoOperation(undo).catch(tellProblem).then(stale) });
      onClose();
    },
    onSettled: stale,
  });
  return (
    <Sheet
      title={i18n._("Merge {name}", { name })}
      isOpen
      onOpenChange={onClose}
      width="narrow"
      footer={
        <>
          <Button onPress={onClose}>{i18n._("Cancel")}</Button>
          <Button look="primary" isDisabled={!preview.data || merge.isPending} onPress={() => merge.mutate()}>
            {i18n._("Merge")}
          </Button>
        </>
      }
    >
      <div className="stack">
        <Select label={i18n._("Into")} value={into} onChange={choose} choices={labels.filter((other) => other.name !== name).map((other) => ({ id: other.name, name: other.name }))} />
        {into !== null && preview.isPending && <Skeleton rows={2} height={20} />}
        {preview.data && (
          <p role="status">
            {i18n._("{samples, plural, one {# sample changes} other {# samples change}}, {annotations, plural, one {# annotation} other {# annotations}}.", { samples: preview.data.samples, annotations: preview.data.annotations })}{" "}
            {preview.data.duplicates > 0 && i18n._("{count, plural, one {# has} other {# have}} both already and keep one.", { count: preview.data.duplicates })}
          </p>
        )}
        <p className="soft small">{i18n._("{name} leaves the label set. It can be undone.", { name })}</p>
        {(preview.error ?? merge.error) && <ProblemBlock thrown={preview.error ?? merge.error} compact />}
      </div>
    </Sheet>
  );
}
