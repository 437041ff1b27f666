// SPDX-License-Identifier: Apache-2.0
import { setupI18n } from "@lingui/core";
import { describe, expect, it } from "vitest";
import { chosenKey, defaultChoices, isReserved, presets } from "../../labelling/key_choices";
import { isOneKey } from "./key_caps";
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
  it("has no key twice in one place, nor one of every page, with any preset", () => {
    for (const preset of presets)
      for (const { group, shortcuts } of scopes) {
        if (!group) continue;
        const keys = shortcuts.flatMap((shortcut) => shortcut.keys.filter(isOneKey).map((key) => chosenKey({ ...defaultChoices, preset }, group, key)));
        expect(keys.filter((key, at) => keys.indexOf(key) !== at), `${preset} ${group}`).toEqual([]);
        expect(keys.filter(isReserved), `${preset} ${group}`).toEqual([]);
      }
  });
  it("is searched by name and by key", () => {
    expect(shortcutsWith(scopes, "larger").flatMap(({ shortcuts }) => shortcuts.map(({ keys }) => keys))).toEqual([["+"]]);
    expect(shortcutsWith(scopes, "w").some(({ shortcuts }) => shortcuts.some(({ keys }) => keys.includes("w")))).toBe(true);
    expect(shortcutsWith(scopes, "nosuchthing")).toEqual([]);
    expect(shortcutsWith(scopes, "  ")).toEqual(scopes);
  });
});
