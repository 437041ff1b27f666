// SPDX-License-Identifier: Apache-2.0
import type { Schemas } from "../../api/client";

/** All versions of one model, newest first. */
export interface ModelGroup {
  id: string;
  name: string;
  newest: Schemas["Model"];
  versions: readonly Schemas["Model"][];
  services: readonly Schemas["Service"][];
}

export function modelGroups(models: readonly Schemas["Model"][], services: readonly Schemas["Service"][]): ModelGroup[] {
  const byName = new Map<string, Schemas["Model"][]>();
  for (const model of models) byName.set(model.name, [...(byName.get(model.name) ?? []), model]);
  return [...byName].map(([name, versions]) => {
    const sorted = [...versions].sort((a, b) => Date.parse(b.created) - Date.parse(a.created));
    const ids = new Set(versions.map(({ id }) => id));
    return { id: name, name, newest: sorted[0] as Schemas["Model"], versions: sorted, services: services.filter((service) => ids.has(service.model_id)) };
  });
}
