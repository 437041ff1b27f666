// SPDX-License-Identifier: Apache-2.0
// All shortcuts by where they work. Keys are written as labelling/keymap writes them.
import type { I18n } from "@lingui/core";
import type { KeyGroup } from "../../labelling/key_choices";
import { navigation } from "../../app/pages";

export interface Shortcut {
  keys: readonly string[];
  name: string;
}
export interface ShortcutScope {
  name: string;
  /** Whose keys can be chosen. */
  group?: KeyGroup;
  shortcuts: readonly Shortcut[];
}

export function shortcutScopes(i18n: I18n): readonly ShortcutScope[] {
  const of = (name: string, ...keys: string[]): Shortcut => ({ keys, name });
  return [
    {
      name: i18n._("Everywhere"),
      shortcuts: [
        of(i18n._("Shortcuts of this page"), "?"),
        of(i18n._("Search or jump"), "Ctrl+K"),
        ...navigation.flatMap(({ entries }) => entries.map(({ title, key }) => of(i18n._(title), `g ${key}`))),
        of(i18n._("Search of the page"), "/"),
        of(i18n._("Close, clear, back"), "Escape"),
      ],
    },
    {
      name: i18n._("Tables"),
      shortcuts: [of(i18n._("Move from row to row"), "ArrowUp", "ArrowDown"), of(i18n._("First and last row"), "Home", "End"), of(i18n._("Open the row"), "Enter")],
    },
    {
      name: i18n._("Label"),
      group: "label",
      shortcuts: [
        of(i18n._("Move from sample to sample"), "← → ↑ ↓"),
        of(i18n._("First and last sample"), "Ctrl+Home", "Ctrl+End"),
        of(i18n._("Select"), "Space"),
        of(i18n._("Select up to here"), "Shift+← → ↑ ↓"),
        of(i18n._("Select all that match"), "Ctrl+A"),
        of(i18n._("Turn the selection over"), "Ctrl+Shift+A"),
        of(i18n._("Review from here"), "Enter"),
        of(i18n._("Menu of the sample"), "Shift+F10"),
        of(i18n._("Confirm"), "f"),
        of(i18n._("Confirm all that match"), "Shift+F"),
        of(i18n._("Clear labels"), "r"),
        of(i18n._("Hard or not"), "h"),
        of(i18n._("Clear Hard Example"), "w"),
        of(i18n._("Exclude, or include again"), "x"),
        of(i18n._("Set the class and confirm"), "1–9, 0", "Shift+1–9"),
        of(i18n._("Type a label"), "l"),
        of(i18n._("Filters on and off"), "["),
        of(i18n._("Panel on and off"), "]"),
        of(i18n._("Larger tiles"), "+"),
        of(i18n._("Smaller tiles"), "-"),
        of(i18n._("Boxes on and off"), "b"),
        of(i18n._("Undo"), "Ctrl+Z"),
        of(i18n._("Redo"), "Ctrl+Shift+Z", "Ctrl+Y"),
        of(i18n._("Refresh"), "Shift+R"),
      ],
    },
    {
      name: i18n._("Review"),
      group: "review",
      shortcuts: [
        of(i18n._("Confirm and next"), "f"),
        of(i18n._("Set the class, confirm, next"), "1–9, 0"),
        of(i18n._("Type a label"), "l"),
        of(i18n._("Reject, next"), "r"),
        of(i18n._("Right, but not hard, next"), "w"),
        of(i18n._("Hard on and off"), "h"),
        of(i18n._("Exclude, next"), "x"),
        of(i18n._("Skip to the end"), "s"),
        of(i18n._("Next"), "d", "ArrowRight"),
        of(i18n._("Previous"), "a", "ArrowLeft"),
        of(i18n._("Next reason"), "e"),
        of(i18n._("Evidence on and off"), "i"),
        of(i18n._("Boxes on and off"), "Shift+H"),
        of(i18n._("Open the original"), "o"),
        of(i18n._("Undo"), "Ctrl+Z"),
        of(i18n._("Redo"), "Ctrl+Shift+Z", "Ctrl+Y"),
      ],
    },
    {
      name: i18n._("Boxes"),
      group: "detection",
      shortcuts: [
        of(i18n._("Confirm the box, next one"), "f"),
        of(i18n._("Confirm all boxes, next image"), "Shift+F"),
        of(i18n._("False detection, next box"), "r"),
        of(i18n._("Right, but not hard, next"), "w"),
        of(i18n._("Next box, the least sure first"), "j"),
        of(i18n._("Previous box"), "k"),
        of(i18n._("Draw boxes by two clicks"), "n"),
        of(i18n._("Draw boxes by four extreme points"), "Shift+N"),
        of(i18n._("Select and move boxes"), "v"),
        of(i18n._("Class of the box, and of the next ones"), "1–9, 0", "Shift+1–9"),
        of(i18n._("Choose the class by name"), "l"),
        of(i18n._("Zoom to boxes on and off"), "z"),
        of(i18n._("Copy boxes from the most similar labeled image"), "t"),
        of(i18n._("Delete the box"), "Delete", "Backspace"),
        of(i18n._("Delete all boxes"), "Shift+Delete"),
        of(i18n._("Copy the box"), "Ctrl+C"),
        of(i18n._("Paste the box"), "Ctrl+V"),
        of(i18n._("Move the box, by 10 px with Shift"), "← → ↑ ↓"),
        of(i18n._("Resize the box, by 10 px with Shift"), "Alt+← → ↑ ↓"),
      ],
    },
  ];
}

/** Those whose name, place or key has what is typed. */
export function shortcutsWith(scopes: readonly ShortcutScope[], typed: string): readonly ShortcutScope[] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === "") return scopes;
  return scopes
    .map((scope) => ({ ...scope, shortcuts: scope.shortcuts.filter(({ name, keys }) => name.toLowerCase().includes(wanted) || scope.name.toLowerCase().includes(wanted) || keys.some((key) => key.toLowerCase() === wanted)) }))
    .filter(({ shortcuts }) => shortcuts.length > 0);
}
