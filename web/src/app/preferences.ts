// SPDX-License-Identifier: Apache-2.0
// What a person likes, kept in this browser: how tiles look, what digits do.
import { useCallback, useSyncExternalStore } from "react";

export interface Preferences {
  /** 0 to 3: how big tiles are. */
  tileSize: number;
  showsBoxes: boolean;
  showsLabels: boolean;
  showsReasons: boolean;
  /** A digit sets the class and confirms. */
  digitConfirms: boolean;
  /** Resting on a tile shows its picture larger. */
  hoverPreview: boolean;
  showsPanel: boolean;
}
const defaults: Preferences = { tileSize: 1, showsBoxes: true, showsLabels: true, showsReasons: true, digitConfirms: true, hoverPreview: true, showsPanel: true };
const STORED = "trommel.preferences";

function load(): Preferences {
  try {
    const stored = JSON.parse(localStorage.getItem(STORED) ?? "{}") as Record<string, unknown>;
    const known = Object.entries(defaults).map(([name, value]) => [name, typeof stored[name] === typeof value ? stored[name] : value]);
    return Object.fromEntries(known) as Preferences;
  } catch {
    return defaults;
  }
}

let current = load();
const listeners = new Set<() => void>();
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export function usePreferences(): [Preferences, (change: Partial<Preferences>) => void] {
  const preferences = useSyncExternalStore(subscribe, () => current);
  const prefer = useCallback((change: Partial<Preferences>) => {
    current = { ...current, ...change };
    localStorage.setItem(STORED, JSON.stringify(current));
    for (const listener of listeners) listener();
  }, []);
  return [preferences, prefer];
}
