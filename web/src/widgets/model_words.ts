// SPDX-License-Identifier: Apache-2.0
import type { I18n } from "@lingui/core";

export function modelTypeName(i18n: I18n, type: string | null | undefined): string {
  if (type === "image_classification") return i18n._("Image classification");
  if (type === "object_detection") return i18n._("Object detection");
  return type ?? "–";
}
