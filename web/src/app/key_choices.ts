// SPDX-License-Identifier: Apache-2.0
// The keys that a person chose, kept in this browser.
import { useSyncExternalStore } from "react";
import { choicesOf, chosenKey, groupOf, type KeyChoices, type KeyGroup } from "../labelling/key_choices";

const STORED = "trommel.keys";
let current = choicesOf(localStorage.getItem(STORED));
const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
export function chooseKeys(choices: KeyChoices): void {
  current = choices;
  localStorage.setItem(STORED, JSON.stringify(choices));
  for (const listener of listeners) listener();
}
export const useKeyChoices = (): KeyChoices => useSyncExternalStore(subscribe, () => current);

/** The keys of a binding as chosen, each with the one that it stands for. */
export function chosenKeys(choices: KeyChoices, scope: string, keys: readonly string[]): readonly { key: string; usual: string }[] {
  const group = groupOf(scope);
  return keys.map((usual) => ({ key: group ? chosenKey(choices, group, usual) : usual, usual })).filter(({ key }) => key !== "");
}

/** How a key is printed on a button, "" when it has none. */
export function useKeyCap(group: KeyGroup, key: string): string {
  const chosen = chosenKey(useKeyChoices(), group, key);
  return chosen.length === 1 ? chosen.toUpperCase() : chosen;
}
