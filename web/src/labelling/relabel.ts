// SPDX-License-Identifier: Apache-2.0
// Labels of several samples as one list, and what changing one of them means for each sample.

export interface Labelled {
  id: string;
  labels: readonly { name: string; state: string }[];
}
export interface LabelTally {
  name: string;
  samples: number;
  confirmed: number;
}

const namesOf = (sample: Labelled) => [...new Set(sample.labels.map(({ name }) => name))];

/** How many of the samples have each label, the most frequent first. */
export function tallyOf(samples: readonly Labelled[]): readonly LabelTally[] {
  const tallies = new Map<string, LabelTally>();
  for (const sample of samples)
    for (const name of namesOf(sample)) {
      const tally = tallies.get(name) ?? { name, samples: 0, confirmed: 0 };
      const isConfirmed = sample.labels.some((label) => label.name === name && label.state !== "suggested");
      tallies.set(name, { name, samples: tally.samples + 1, confirmed: tally.confirmed + (isConfirmed ? 1 : 0) });
    }
  return [...tallies.values()].sort((a, b) => b.samples - a.samples || a.name.localeCompare(b.name));
}

export interface Relabelling {
  ids: readonly string[];
  /** Empty: without labels afterwards. */
  labels: readonly string[];
}
/** `from` becomes `to`, or goes when that is null; samples that end with the same labels are decided together. */
export function relabelled(samples: readonly Labelled[], from: string, to: string | null): readonly Relabelling[] {
  const groups = new Map<string, { ids: string[]; labels: readonly string[] }>();
  for (const sample of samples) {
    const names = namesOf(sample);
    if (!names.includes(from)) continue;
    const labels = [...new Set(names.flatMap((name) => (name !== from ? [name] : to === null ? [] : [to])))];
    const key = JSON.stringify(labels);
    const group = groups.get(key) ?? { ids: [], labels };
    group.ids.push(sample.id);
    groups.set(key, group);
  }
  return [...groups.values()];
}
