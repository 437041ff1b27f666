// SPDX-License-Identifier: Apache-2.0
import type { I18n } from "@lingui/core";

export const roles = ["read", "label", "admin"] as const;
export type Role = (typeof roles)[number];

export function roleName(i18n: I18n, role: string): string {
  const names: Record<string, string> = { read: i18n._("Reader"), label: i18n._("Annotator"), admin: i18n._("Administrator") };
  return names[role] ?? role;
}
export function roleNote(i18n: I18n, role: Role): string {
  const notes: Record<Role, string> = {
    read: i18n._("looks at everything"),
    label: i18n._("confirms and labels samples too"),
    admin: i18n._("runs services, publishes, manages users"),
  };
  return notes[role];
}
