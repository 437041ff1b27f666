// SPDX-License-Identifier: Apache-2.0
const CAPS: Record<string, string> = { ArrowUp: "↑", ArrowDown: "↓", ArrowLeft: "←", ArrowRight: "→", Escape: "Esc" };
function capOf(part: string): string {
  return CAPS[part] ?? (part.length === 1 ? part.toUpperCase() : part);
}
/** "Ctrl+Shift+Z" as three caps, "g h" as two; several keys in one stay one. */
export function capsOf(key: string): readonly string[] {
  if (key === "+") return [key];
  return (/^[a-z] [a-z]$/.test(key) ? key.split(" ") : key.split("+")).map(capOf);
}
/** One key, not a row of them in words. */
export const isOneKey = (key: string) => !/[–,←→↑↓]/.test(key) && !/^[a-z] [a-z]$/.test(key);
