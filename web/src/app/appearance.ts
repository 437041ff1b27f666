// SPDX-License-Identifier: Apache-2.0
// Theme and density: kept in this browser, set on the root element, read by styles/tokens.css.
import type { I18n } from "@lingui/core";

export const themes = ["system", "light", "dark", "contrast"] as const;
export type Theme = (typeof themes)[number];
export const densities = ["cosy", "compact"] as const;
export type Density = (typeof densities)[number];

function stored<T extends string>(key: string, known: readonly T[]): T {
  const value = localStorage.getItem(key);
  return known.find((one) => one === value) ?? (known[0] as T);
}
export const theme = (): Theme => stored("trommel.theme", themes);
export const density = (): Density => stored("trommel.density", densities);

export function applyAppearance(): void {
  document.documentElement.dataset["theme"] = theme();
  document.documentElement.dataset["density"] = density();
}
export function chooseTheme(value: Theme): void {
  localStorage.setItem("trommel.theme", value);
  applyAppearance();
}
export function chooseDensity(value: Density): void {
  localStorage.setItem("trommel.density", value);
  applyAppearance();
}

export function themeName(i18n: I18n, value: Theme): string {
  const names: Record<Theme, string> = { system: i18n._("As the system"), light: i18n._("Light"), dark: i18n._("Dark"), contrast: i18n._("High contrast") };
  return names[value];
}
