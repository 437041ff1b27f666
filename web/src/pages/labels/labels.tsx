// SPDX-License-Identifier: Apache-2.0
// The label set of a dataset: colours, names, keys and counts; made, changed, merged and deleted here.
import { useMutation, useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import { Ellipsis, Keyboard, Plus, Tags } from "lucide-react";
import { useState } from "react";
import { Link, Menu, MenuItem, MenuTrigger, Popover } from "react-aria-components";
import type { Schemas } from "../../api/client";
import { useMay } from "../../app/session";
import { formatAgo, formatNumber } from "../../i18n/i18n";
import { assignedKeys, keyClash, keysByLabel } from "../../labelling/label_keys";
import { colorOf } from "../../labelling/palette";
import { Button, IconButton } from "../../widgets/button";
import { DataTable, type DataColumn } from "../../widgets/data_table";
import { EmptyState } from "../../widgets/empty_state";
import { tell, tellProblem } from "../../widgets/toast";
import { clashWords } from "./clash_words";
import { DeleteLabel } from "./delete_label";
import { LabelName } from "./label_name";
import { LabelSheet } from "./label_sheet";
import { editLabel, labelsQuery, useStaleLabels, type Label } from "./labels_query";
import { MergeLabel } from "./merge_label";
import "../../widgets/menu.css";
import "./labels.css";

type Row = Label & { id: string };
type Open = { kind: "create" } | { kind: "edit" | "merge" | "delete"; label: Label };

export default function LabelsPanel({ dataset }: { dataset: Schemas["Dataset"] }) {
  const { i18n } = useLingui();
  const mayLabel = useMay("label");
  const mayDelete = useMay("admin");
  const [isOpen, open] = useState<Open | null>(null);
  const query = useQuery(labelsQuery(dataset.name));
  const stale = useStaleLabels(dataset.name);
  const labels = query.data ?? [];
  const names = labels.map(({ name }) => name);
  const keys = keysByLabel(labels);
  const readOnly = !mayLabel && i18n._("Your role only reads.");
  const free = assignedKeys(labels);
  const assign = useMutation({
    mutationFn: async () => {
      for (const [name, shortcut] of free) await editLabel(dataset.name, name, { shortcut });
      return free.size;
    },
    onSuccess: (count) => tell(i18n._("{count, plural, one {# label has} other {# labels have}} a key now", { count })),
    onError: tellProblem,
    onSettled: stale,
  });
  const columns: DataColumn<Row>[] = [
    { id: "color", title: i18n._("Colour"), cell: ({ name, color }) => <span className="label-swatch" style={{ background: color ?? colorOf(names, name) }} role="img" aria-label={color ?? i18n._("chosen by itself")} /> },
    { id: "name", title: i18n._("Name"), isRowHeader: true, cell: (label) => <LabelName dataset={dataset.name} label={label} why={readOnly} /> },
    {
      id: "key",
      title: i18n._("Key"),
      cell: ({ name, shortcut }) => {
        const key = keys.get(name);
        const clash = shortcut ? clashWords(i18n, keyClash(shortcut)) : undefined;
        return (
          <span className="row">
            {key ? <kbd>{key}</kbd> : "–"}
            {key && !shortcut && <span className="soft small by-place">{i18n._("by its place")}</span>}
            {clash && <span className="status wait small">{clash}</span>}
          </span>
        );
      },
    },
    { id: "samples", title: i18n._("Samples"), isNumber: true, cell: ({ name, samples }) => <Link href={`/datasets/${dataset.name}/label?label=${encodeURIComponent(encodeURIComponent(name))}`} aria-label={i18n._("Show {count, plural, one {# sample} other {# samples}}", { count: samples })}>{formatNumber(samples)}</Link> },
    ...(dataset.dataset_type === "object_detection" ? [{ id: "boxes", title: i18n._("Boxes"), isNumber: true, from: "middle", cell: ({ annotations }) => formatNumber(annotations) } satisfies DataColumn<Row>] : []),
    { id: "attributes", title: i18n._("Attributes"), from: "wide", cell: ({ attributes }) => (attributes.length === 0 ? "–" : attributes.map(({ name }) => name).join(", ")) },
    { id: "created", title: i18n._("Added"), from: "wide", cell: ({ created }) => (created === null ? "–" : <time dateTime={created}>{formatAgo(created)}</time>) },
    {
      id: "operation",
      title: i18n._("Operation"),
      cell: (label) => (
        <span className="row">
          <Button size="small" onPress={() => open({ kind: "edit", label })} why={readOnly} aria-label={i18n._("Modify {name}", { name: label.name })}>
            {i18n._("Modify")}
          </Button>
          <MenuTrigger>
            <IconButton size="small" label={i18n._("More: {name}", { name: label.name })} why={readOnly}>
              <Ellipsis size={15} aria-hidden />
            </IconButton>
            <Popover className="popover" placement="bottom end">
              <Menu className="menu" onAction={(kind) => open({ kind: kind as "merge" | "delete", label })} disabledKeys={[...(labels.length < 2 ? ["merge"] : []), ...(mayDelete ? [] : ["delete"])]}>
                <MenuItem id="merge">{i18n._("Merge into…")}</MenuItem>
                <MenuItem id="delete">{mayDelete ? i18n._("Delete…") : i18n._("Delete… (only an administrator)")}</MenuItem>
              </Menu>
            </Popover>
          </MenuTrigger>
        </span>
      ),
    },
  ];
  const create = (
    <Button look="primary" onPress={() => open({ kind: "create" })} why={readOnly}>
      <Plus size={15} aria-hidden /> {i18n._("Create label")}
    </Button>
  );
  const close = () => open(null);
  return (
    <section className="stack tight">
      <div className="row wrap">
        <h2 className="grow">{i18n._("Label Set")}</h2>
        <Button onPress={() => assign.mutate()} isDisabled={assign.isPending} why={readOnly || (free.size === 0 && i18n._("Every label has a key, or no key is free."))}>
          <Keyboard size={15} aria-hidden /> {i18n._("Assign keys automatically")}
        </Button>
        {create}
      </div>
      <DataTable
        label={i18n._("Label Set")}
        columns={columns}
        rows={query.data?.map((label) => ({ ...label, id: label.name }))}
        problem={query.error}
        onRetry={() => void query.refetch()}
        empty={
          <EmptyState icon={Tags} title={i18n._("This dataset has no labels yet.")}>
            {i18n._("Labels join the set when samples get them, by import or in Review, or are made here before.")}
          </EmptyState>
        }
      />
      <p className="soft small">{i18n._("Counts are of labeled samples. Published versions keep the names that they were written with.")}</p>
      {isOpen?.kind === "create" && <LabelSheet dataset={dataset.name} labels={labels} onClose={close} />}
      {isOpen?.kind === "edit" && <LabelSheet dataset={dataset.name} labels={labels} label={isOpen.label} onClose={close} />}
      {isOpen?.kind === "merge" && <MergeLabel dataset={dataset.name} labels={labels} label={isOpen.label} onClose={close} />}
      {isOpen?.kind === "delete" && <DeleteLabel dataset={dataset.name} label={isOpen.label} onClose={close} />}
    </section>
  );
}
