// SPDX-License-Identifier: Apache-2.0
import { setupI18n } from "@lingui/core";
import { describe, expect, it } from "vitest";
import { shortcutScopes, shortcutsWith } from "./shortcut_list";

const i18n = setupI18n({ locale: "en", messages: { en: {} } });
const scopes = shortcutScopes(i18n);

describe("the list of shortcuts", () => {
  it("has no key twice in one place", () => {
    for (const { shortcuts } of scopes) {
      const keys = shortcuts.flatMap((shortcut) => shortcut.keys);
      expect(new Set(keys).size).toBe(keys.length);
    }
  });
  it("is searched by name and by key", () => {
    expect(shortcutsWith(scopes, "larger").flatMap(({ shortcuts }) => shortcuts.map(({ keys }) => keys))).toEqual([["+"]]);
    expect(shortcutsWith(scopes, "w").some(({ shortcuts }) => shortcuts.some(({ keys }) => keys.includes("w")))).toBe(true);
    expect(shortcutsWith(scopes, "nosuchthing")).toEqual([]);
    expect(shortcutsWith(scopes, "  ")).toEqual(scopes);
  });
});
