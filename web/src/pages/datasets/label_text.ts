// SPDX-License-Identifier: Apache-2.0
/** Labels as they were typed or pasted: one a line, or between commas; each once, in their order. */
export function labelsOf(text: string): readonly string[] {
  const labels = text.split(/[\n,]/).map((label) => label.trim());
  return [...new Set(labels.filter((label) => label !== ""))];
}
