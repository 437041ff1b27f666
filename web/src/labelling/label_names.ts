// SPDX-License-Identifier: Apache-2.0
// The names of a dataset's labels in their order, with the colours and keys that were given to some.

export type LabelNames = readonly string[] & { readonly colors?: ReadonlyMap<string, string>; readonly shortcuts?: ReadonlyMap<string, string> };

const given = (labels: readonly { name: string }[], of: (label: never) => string | null) =>
  new Map(labels.flatMap((label) => {
    const value = of(label as never);
    return value === null ? [] : [[label.name, value] as const];
  }));

/** `more`: labels that samples have and the set has not. */
export function labelNames(labels: readonly { name: string; color: string | null; shortcut: string | null }[], more: readonly string[] = []): LabelNames {
  return Object.assign([...new Set([...labels.map(({ name }) => name), ...more])], {
    colors: given(labels, ({ color }: { color: string | null }) => color),
    shortcuts: given(labels, ({ shortcut }: { shortcut: string | null }) => shortcut),
  });
}
/** The same with names that were made meanwhile. */
export function withMore(labels: LabelNames, more: readonly string[]): LabelNames {
  return Object.assign([...new Set([...labels, ...more])], { ...(labels.colors && { colors: labels.colors }), ...(labels.shortcuts && { shortcuts: labels.shortcuts }) });
}
