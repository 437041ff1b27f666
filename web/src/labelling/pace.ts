// SPDX-License-Identifier: Apache-2.0
const PAUSE_MS = 60_000;
const RECENT = 30;
/** Seconds a decision takes, by the last ones; pauses do not count. undefined: too few to tell. */
export function secondsEach(times: readonly number[]): number | undefined {
  const sorted = [...times].sort((a, b) => a - b).slice(-RECENT - 1);
  const gaps = sorted.slice(1).map((time, at) => time - (sorted[at] as number)).filter((gap) => gap < PAUSE_MS);
  return gaps.length < 4 ? undefined : gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length / 1000;
}
