// SPDX-License-Identifier: Apache-2.0
// How far somebody who begins has come.
import type { Schemas } from "../../api/client";

export type StepId = "model" | "service" | "filter" | "confirm" | "publish";
export interface Begun {
  models: readonly Pick<Schemas["Model"], "name">[];
  services: readonly Pick<Schemas["Service"], "name" | "run">[];
  datasets: readonly Pick<Schemas["Dataset"], "name" | "hard" | "to_be_confirmed" | "labeled" | "current_version">[];
}

/** Which steps are done. Hard examples that were confirmed count, whatever else is labeled. */
export function stepsDone({ models, services, datasets }: Begun): Record<StepId, boolean> {
  const hard = datasets.filter((dataset) => dataset.hard > 0 || dataset.to_be_confirmed > 0);
  return {
    model: models.length > 0,
    service: services.some((service) => service.run !== null),
    filter: hard.length > 0,
    confirm: hard.some((dataset) => dataset.labeled > 0),
    publish: hard.some((dataset) => dataset.labeled > 0 && dataset.current_version !== null),
  };
}
