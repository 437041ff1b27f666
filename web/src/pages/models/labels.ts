// SPDX-License-Identifier: Apache-2.0
/** Names of classes as people paste them: one a line; or, on a single line, between commas. */
export function labelsOf(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const given = lines.filter(Boolean);
  const parts = given.length === 1 ? (given[0] as string).split(",") : given;
  return parts.map((label) => label.trim()).filter(Boolean);
}
