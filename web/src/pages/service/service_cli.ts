// SPDX-License-Identifier: Apache-2.0
import type { Schemas } from "../../api/client";
import { cliLine } from "../../cli/cli_line";

/** The command that deploys a service as this one is. */
export function serviceCli(service: Schemas["Service"]): string {
  const { threads, shard_images: _shards, ...settings } = (service.settings ?? {}) as Record<string, unknown>;
  const filtering = service.hard_example_filtering as Record<string, unknown> | null;
  return cliLine(["service", "deploy"], {
    name: service.name,
    model: service.model ?? service.model_id,
    input: service.input,
    output: service.output,
    description: service.description,
    ...(threads !== 0 && { threads }),
    ...Object.fromEntries(Object.entries(settings).filter(([, value]) => value === true)),
    ...(filtering && { hard_examples: true, ...filtering }),
  });
}
