// SPDX-License-Identifier: Apache-2.0
// Keys as a person wants them: a preset, single keys of one's own on top, and whether keys without Ctrl or Alt work at all. Keys are
// written as keymap.ts writes them; a binding is known by its group and the key that it has by default.

export const presets = ["trommel", "modelarts", "cvat", "lefthanded"] as const;
export type Preset = (typeof presets)[number];
export type KeyGroup = "label" | "review" | "detection";

export interface KeyChoices {
  preset: Preset;
  /** "review f" to another key; "": none. */
  own: Readonly<Record<string, string>>;
  /** Off: only keys held together with Ctrl or Alt, and named keys (arrows, Enter, Delete …). */
  hasSingles: boolean;
}
export const defaultChoices: KeyChoices = { preset: "trommel", own: {}, hasSingles: true };

const groups: Readonly<Record<string, KeyGroup>> = { label: "label", decide: "label", classes: "label", digits: "label", review: "review", detection: "detection" };
export const groupOf = (scope: string): KeyGroup | undefined => groups[scope];

const digits = [..."1234567890"];
/** ModelArts' keys where they differ: in the box editor 1 is the rectangle, classes have Shift and a digit. */
const modelarts: Readonly<Record<string, string>> = {
  ...Object.fromEntries(digits.map((digit) => [`detection Shift+${digit}`, ""])),
  ...Object.fromEntries(digits.map((digit) => [`detection ${digit}`, `Shift+${digit}`])),
  "detection n": "1",
};
/** CVAT's: D and F go from image to image; A, beside them, confirms. Drawing, deleting and copying have CVAT's keys anyway. */
const cvat: Readonly<Record<string, string>> = {
  "review f": "a",
  "review d": "f",
  "review a": "d",
  "detection f": "a",
  "detection Shift+F": "Shift+A",
  "label f": "a",
  "label Shift+F": "Shift+A",
};
/** The mouse is in the left hand: what lay under it lies under the right one, letter for letter; digits are on the number pad too. */
const mirrored = ["fj", "dk", "sl", "ah", "ru", "wo", "ei", "ty", "qp", "vm", "bn"].flatMap(([one = "", other = ""]) => [[one, other] as const, [other, one] as const]);
const lefthanded: Readonly<Record<string, string>> = Object.fromEntries(
  ["label", "review", "detection"].flatMap((group) =>
    mirrored.flatMap(([usual, chosen]) => [
      [`${group} ${usual}`, chosen],
      [`${group} Shift+${usual.toUpperCase()}`, `Shift+${chosen.toUpperCase()}`],
    ]),
  ),
);
const byPreset: Readonly<Record<Preset, Readonly<Record<string, string>>>> = { trommel: {}, modelarts, cvat, lefthanded };

/** Belongs to every page, to the browser, or to getting away. */
const reserved = /^(\?|\/|g|Tab|Shift\+Tab|Escape|F5|F11|F12|Ctrl\+[KWTNRL]|Ctrl\+Shift\+[TNR])$/;
export const isReserved = (key: string) => reserved.test(key);

const isSingle = (key: string) => /^(Shift\+)?.$/u.test(key);

/** The key of a binding as chosen; "": it has none. */
export function chosenKey(choices: KeyChoices, group: KeyGroup, key: string): string {
  const id = `${group} ${key}`;
  const chosen = choices.own[id] ?? byPreset[choices.preset][id] ?? key;
  return !choices.hasSingles && isSingle(chosen) ? "" : chosen;
}

/** What of a group has this key now, beside the binding itself; undefined: it is free. */
export function clashOf(choices: KeyChoices, group: KeyGroup, defaults: readonly string[], key: string, wanted: string): string | undefined {
  return defaults.find((other) => other !== key && chosenKey({ ...choices, hasSingles: true }, group, other) === wanted);
}

/** Another key for a binding; its default again takes the choice away. */
export function withKey(choices: KeyChoices, group: KeyGroup, key: string, wanted: string): KeyChoices {
  const id = `${group} ${key}`;
  const { [id]: _before, ...own } = choices.own;
  const isUsual = (byPreset[choices.preset][id] ?? key) === wanted;
  return { ...choices, own: isUsual ? own : { ...own, [id]: wanted } };
}

/** What was kept, as far as it makes sense. */
export function choicesOf(text: string | null): KeyChoices {
  try {
    const kept = JSON.parse(text ?? "{}") as Partial<KeyChoices> | null;
    const own = typeof kept?.own === "object" && kept.own !== null ? kept.own : {};
    return {
      preset: presets.find((preset) => preset === kept?.preset) ?? "trommel",
      own: Object.fromEntries(Object.entries(own).filter(([, key]) => typeof key === "string")),
      hasSingles: kept?.hasSingles !== false,
    };
  } catch {
    return defaultChoices;
  }
}
