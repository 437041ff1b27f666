// SPDX-License-Identifier: Apache-2.0
// The features that are measured on images and boxes, as the language names them. Records and versions name some of them differently.
import type { I18n } from "@lingui/core";

export function featureName(i18n: I18n, feature: string): string {
  const names: Record<string, () => string> = {
    resolution: () => i18n._("Resolution"),
    aspect_ratio: () => i18n._("Aspect ratio"),
    brightness: () => i18n._("Brightness"),
    saturation: () => i18n._("Saturation"),
    colourfulness: () => i18n._("Colourfulness"),
    colorfulness: () => i18n._("Colourfulness"),
    sharpness: () => i18n._("Sharpness"),
    clarity: () => i18n._("Sharpness"),
    box_count: () => i18n._("Box count"),
    box_area_spread: () => i18n._("Box area spread"),
    box_area_deviation: () => i18n._("Box area spread"),
    box_aspect_ratio: () => i18n._("Box aspect ratio"),
    box_area_share: () => i18n._("Box area share"),
    box_area_ratio: () => i18n._("Box area share"),
    box_near_edge: () => i18n._("Box near edge"),
    box_marginalization: () => i18n._("Box near edge"),
    box_brightness: () => i18n._("Box brightness"),
    box_sharpness: () => i18n._("Box sharpness"),
    box_clarity: () => i18n._("Box sharpness"),
    box_overlap: () => i18n._("Box overlap"),
  };
  return names[feature]?.() ?? feature.replaceAll("_", " ");
}

/** What its values are counted in; empty for a pure number. */
export function featureUnit(i18n: I18n, unit: string): string {
  const words: Record<string, () => string> = { px: () => i18n._("pixels"), levels: () => i18n._("levels"), levels2: () => i18n._("levels²") };
  return words[unit]?.() ?? unit;
}
