// SPDX-License-Identifier: Apache-2.0
import { useQuery } from "@tanstack/react-query";
import { useLingui } from "@lingui/react";
import type { Schemas } from "../../api/client";
import { datasetsQuery, servicesQuery } from "../../api/queries";
import { Select } from "../../widgets/field";
import { ofService, usages, type Sides } from "./sides";

const ALL = "";

export interface SidesBarProps {
  dataset: Schemas["Dataset"];
  versions: readonly Schemas["DatasetVersion"][];
  sides: Sides;
  onChange: (change: Record<string, string | undefined>, options: { replace: boolean }) => void;
}

/** What is looked at, and what it is compared with. */
export function SidesBar({ dataset, versions, sides, onChange }: SidesBarProps) {
  const { i18n } = useLingui();
  const datasets = useQuery(datasetsQuery());
  const services = useQuery(servicesQuery());
  const set = (name: string) => (value: string) => onChange({ [name]: value === ALL ? undefined : value }, { replace: true });
  const current = dataset.current_version ?? versions.at(-1)?.name ?? "";
  const version = sides.version ?? current;
  const usageChoices = usages.map((usage) => ({ id: usage, name: usage === "none" ? i18n._("without usage") : usage }));
  const others = (datasets.data ?? []).filter(({ id, dataset_type, current_version }) => id !== dataset.id && dataset_type === dataset.dataset_type && current_version !== null);
  const against = [
    { id: ALL, name: i18n._("nothing") },
    ...versions.map(({ name }) => ({ id: `${dataset.name}@${name}`, name: name === version ? i18n._("{name}, of another usage", { name }) : name, note: i18n._("a version of this dataset") })).reverse(),
    ...others.map(({ name, current_version: one }) => ({ id: `${name}@${one}`, name: `${name}@${one}`, note: i18n._("a dataset") })),
    ...(services.data ?? []).map(({ name }) => ({ id: ofService(name), name, note: i18n._("what this service saw in its latest run") })),
  ];
  const isVersion = sides.against !== undefined && !sides.against.startsWith(ofService(""));
  return (
    <div className="sides" role="group" aria-label={i18n._("What is looked at")}>
      <Select label={i18n._("Version")} value={version} onChange={set("version")} choices={versions.map(({ name }) => ({ id: name, name: name === current ? i18n._("{name} (current)", { name }) : name })).reverse()} />
      <Select label={i18n._("Type")} value={sides.usage ?? ALL} onChange={set("usage")} choices={[{ id: ALL, name: i18n._("All") }, ...usageChoices]} />
      <Select label={i18n._("Label")} value={sides.label ?? ALL} onChange={set("label")} choices={[{ id: ALL, name: i18n._("All labels") }, ...(dataset.labels ?? []).map(({ name }) => ({ id: name, name }))]} />
      <Select label={i18n._("Compared with")} value={sides.against ?? ALL} onChange={set("against")} choices={against} />
      {isVersion && <Select label={i18n._("Type there")} value={sides.againstUsage ?? ALL} onChange={set("against_usage")} choices={[{ id: ALL, name: i18n._("the same") }, ...usageChoices]} />}
    </div>
  );
}
