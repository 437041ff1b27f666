// SPDX-License-Identifier: Apache-2.0
/** A manifest that names these images, one a line. */
export function manifestOf(sources: readonly string[]): string {
  return sources.map((source) => `${JSON.stringify({ source })}\n`).join("");
}
