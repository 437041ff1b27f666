// SPDX-License-Identifier: Apache-2.0
import type { I18n } from "@lingui/core";
import type { Schemas } from "../api/client";

/** A task that will not change any more. */
export function isTaskOver(task: Pick<Schemas["Task"], "state">): boolean {
  return task.state === "succeeded" || task.state === "failed" || task.state === "stopped";
}

export function taskKindName(i18n: I18n, kind: string): string {
  const names: Record<string, () => string> = {
    run_batch: () => i18n._("Batch run"),
    sync_dataset: () => i18n._("Synchronize Data to Dataset"),
    mine_hard: () => i18n._("Hard Example Filtering"),
    import_manifest: () => i18n._("Import"),
    load_demo: () => i18n._("Load demo data"),
    export_dataset: () => i18n._("Export"),
    find_duplicates: () => i18n._("Find duplicates"),
    merge_dataset: () => i18n._("Add to training dataset"),
    measure_features: () => i18n._("Feature Analysis"),
    publish_version: () => i18n._("Publish"),
  };
  return names[kind]?.() ?? kind;
}
