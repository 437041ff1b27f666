// SPDX-License-Identifier: Apache-2.0
// Languages. The English text is a message's id: `i18n._("Deploy")`, `i18n._("{count, plural, one {# image} other {# images}}", { count })`.
import { i18n } from "@lingui/core";

export const languages = [
  { code: "en", name: "English", tag: "en" },
  { code: "zh", name: "简体中文", tag: "zh-CN" },
] as const;
export type Language = (typeof languages)[number]["code"];

const STORED = "trommel.language";
const catalogs: Record<Language, () => Promise<{ messages: Record<string, string> }>> = {
  en: () => import("./en.po"),
  zh: () => import("./zh.po"),
};

export function wantedLanguage(): Language {
  const stored = localStorage.getItem(STORED);
  const wanted = stored ?? navigator.languages.find((tag) => /^(en|zh)\b/.test(tag)) ?? "en";
  return wanted.startsWith("zh") ? "zh" : "en";
}

export async function speak(language: Language): Promise<void> {
  const { messages } = await catalogs[language]();
  i18n.loadAndActivate({ locale: language, messages });
  document.documentElement.lang = languages.find(({ code }) => code === language)?.tag ?? "en";
}

export async function chooseLanguage(language: Language): Promise<void> {
  localStorage.setItem(STORED, language);
  await speak(language);
}

/** Numbers and times as the language writes them. */
export function formatNumber(value: number, options?: Intl.NumberFormatOptions): string {
  return new Intl.NumberFormat(i18n.locale, options).format(value);
}
export function formatShare(value: number): string {
  return formatNumber(value, { style: "percent", maximumFractionDigits: value < 0.1 ? 1 : 0 });
}
export function formatTime(iso: string): string {
  return new Intl.DateTimeFormat(i18n.locale, { dateStyle: "medium", timeStyle: "medium" }).format(new Date(iso));
}

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ["day", 86_400],
  ["hour", 3_600],
  ["minute", 60],
];
/** "3 minutes ago"; a date when it is more than a week ago. */
export function formatAgo(iso: string, now = Date.now()): string {
  const seconds = (Date.parse(iso) - now) / 1000;
  if (Math.abs(seconds) > 7 * 86_400) return new Intl.DateTimeFormat(i18n.locale, { dateStyle: "medium" }).format(new Date(iso));
  const relative = new Intl.RelativeTimeFormat(i18n.locale, { numeric: "auto" });
  for (const [unit, size] of steps) if (Math.abs(seconds) >= size) return relative.format(Math.trunc(seconds / size), unit);
  return relative.format(0, "second");
}

/** "2 s", "3 min 4 s": how long something took. */
export function formatSpan(from: string, to: string | null | undefined): string {
  const seconds = Math.max(0, ((to ? Date.parse(to) : Date.now()) - Date.parse(from)) / 1000);
  const unit = (value: number, name: string) => formatNumber(value, { style: "unit", unit: name, unitDisplay: "short", maximumFractionDigits: value < 10 ? 1 : 0 });
  if (seconds < 60) return unit(seconds, "second");
  if (seconds < 3600) return `${unit(Math.floor(seconds / 60), "minute")} ${unit(Math.floor(seconds % 60), "second")}`;
  return `${unit(Math.floor(seconds / 3600), "hour")} ${unit(Math.floor((seconds % 3600) / 60), "minute")}`;
}
