// SPDX-License-Identifier: Apache-2.0
// Keys of labels: the one that was given to a label, else the digit of its place in the set.
import { CLASS_KEYS } from "./class_keys";
import { isReserved } from "./key_choices";
import type { LabelNames } from "./label_names";

export interface KeyedLabel {
  name: string;
  shortcut?: string | null;
}

/** Which label a key means. A key that was given goes before a digit by place; of two labels with one key the first has it. */
export function labelsByKey(labels: readonly KeyedLabel[]): ReadonlyMap<string, string> {
  const found = new Map<string, string>();
  for (const { name, shortcut } of labels) if (shortcut && !found.has(shortcut)) found.set(shortcut, name);
  labels.forEach(({ name, shortcut }, place) => {
    const digit = CLASS_KEYS[place];
    if (!shortcut && digit !== undefined && !found.has(digit)) found.set(digit, name);
  });
  return found;
}
export function keysByLabel(labels: readonly KeyedLabel[]): ReadonlyMap<string, string> {
  return new Map([...labelsByKey(labels)].map(([key, name]) => [name, key]));
}

/** As the pages that label use them: keys that were given and suit, digits by place else. */
export function keyedNames(labels: LabelNames): readonly KeyedLabel[] {
  return labels.map((name) => {
    const shortcut = labels.shortcuts?.get(name);
    return { name, shortcut: shortcut !== undefined && keyClash(shortcut) === undefined ? shortcut : null };
  });
}
/** Keys that were given and are no digits: they come beside the digits. */
export function givenKeys(labels: LabelNames): readonly string[] {
  return keyedNames(labels).flatMap(({ shortcut }) => (shortcut && !CLASS_KEYS.includes(shortcut) ? [shortcut] : []));
}

const functionKeys: ReadonlySet<string> = new Set([..."frhwxlsdaeimzqoybnvjkt[]+-=", "Shift+F", "Shift+R", "Shift+H", "Shift+N", "Space", "Enter", "Home", "End", "Delete", "Backspace", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"]);

/** Why a key does not suit a label: it is the console's or the browser's own, or a function of the pages has it. */
export function keyClash(key: string): "reserved" | "function" | undefined {
  if (isReserved(key) || /^(Ctrl|Alt)\+/.test(key)) return "reserved";
  return functionKeys.has(key) ? "function" : undefined;
}

/** Free keys that suit labels, the best first: digits, digits with Shift, letters that nothing else has. */
export const labelKeys: readonly string[] = [...CLASS_KEYS, ..."abcdefghijklmnopqrstuvwxyz"].filter((key) => keyClash(key) === undefined);

/** A key for each label without one, the most frequent first; labels for which none is left are not in it. */
export function assignedKeys(labels: readonly (KeyedLabel & { samples: number })[]): ReadonlyMap<string, string> {
  const taken = new Set(labels.flatMap(({ shortcut }) => (shortcut ? [shortcut] : [])));
  const free = labelKeys.filter((key) => !taken.has(key));
  const without = labels.filter(({ shortcut }) => !shortcut).sort((a, b) => b.samples - a.samples);
  return new Map(without.slice(0, free.length).map(({ name }, at) => [name, free[at] as string]));
}
