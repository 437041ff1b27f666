// SPDX-License-Identifier: Apache-2.0
// Digits set classes: 1 to 9 and 0 the first ten, with Shift the next nine.
export const CLASS_KEYS: readonly string[] = [..."1234567890", ...[..."123456789"].map((digit) => `Shift+${digit}`)];

/** The key of a class by its place in the label set. */
export const classKeyOf = (place: number): string | undefined => CLASS_KEYS[place];
/** The place in the label set that a key means; -1: none. */
export const classPlaceOf = (key: string): number => CLASS_KEYS.indexOf(key);
