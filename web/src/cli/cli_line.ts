// SPDX-License-Identifier: Apache-2.0
// What a dialog does, as a line for a shell: the command's options are named as the members of the API's request.

const PLAIN = /^[\w@%+=:,./-]+$/;

/** A word that any POSIX shell takes as it is. */
export function shellWord(text: string): string {
  return PLAIN.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}

/** `words` stand first and are quoted where that is needed; options that are undefined, null or "" are left out, true stands alone. */
export function cliLine(words: readonly string[], options: Record<string, unknown> = {}): string {
  const parts = ["trommel", ...words.map(shellWord)];
  for (const [name, value] of Object.entries(options)) {
    if (value === undefined || value === null || value === "") continue;
    const option = `--${name.replaceAll("_", "-")}`;
    if (value === true) parts.push(option);
    else if (value === false) parts.push(`${option}=false`);
    else parts.push(option, shellWord(Array.isArray(value) ? value.join(",") : String(value)));
  }
  return parts.join(" ");
}
