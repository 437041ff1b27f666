// SPDX-License-Identifier: Apache-2.0
// Whether the jump box is open; anything may open it.
import { useSyncExternalStore } from "react";

let isOpen = false;
const listeners = new Set<() => void>();
function put(next: boolean): void {
  isOpen = next;
  for (const listener of listeners) listener();
}
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

export const openJump = (): void => put(true);
export const closeJump = (): void => put(false);
export const useIsJumpOpen = (): boolean => useSyncExternalStore(subscribe, () => isOpen);
