// SPDX-License-Identifier: Apache-2.0
// What the last seven days brought, out of the list of decisions.

export interface Done {
  action: string;
  state: string;
  samples: number;
  created: string;
}
export interface Week {
  /** Oldest first; `day` is its first moment, local time. */
  days: { day: Date; samples: number }[];
  samples: number;
  /** Median between decisions on one image that followed each other; null: too few. */
  secondsPerImage: number | null;
}

const DECIDING = new Set(["confirm", "reject", "annotate"]);
const DAYS = 7;
/** A longer pause is one: the person was away. */
const PAUSE_MS = 60_000;
/** A shorter one is a program. */
const HASTE_MS = 100;
const GAPS_MIN = 3;

function dayOf(time: Date, back = 0): Date {
  return new Date(time.getFullYear(), time.getMonth(), time.getDate() - back);
}

export function weekOf(operations: readonly Done[], now = new Date()): Week {
  const days = Array.from({ length: DAYS }, (_, at) => ({ day: dayOf(now, DAYS - 1 - at), samples: 0 }));
  const from = days[0]?.day.getTime() ?? 0;
  const counted = operations.filter((one) => one.state === "done" && DECIDING.has(one.action) && Date.parse(one.created) >= from);
  for (const one of counted) {
    const day = dayOf(new Date(one.created)).getTime();
    const place = days.find((known) => known.day.getTime() === day);
    if (place) place.samples += one.samples;
  }
  const times = counted
    .filter(({ samples }) => samples === 1)
    .map(({ created }) => Date.parse(created))
    .sort((a, b) => a - b);
  const gaps = times
    .slice(1)
    .map((time, at) => time - (times[at] as number))
    .filter((gap) => gap >= HASTE_MS && gap <= PAUSE_MS)
    .sort((a, b) => a - b);
  const middle = gaps[Math.floor(gaps.length / 2)];
  return {
    days,
    samples: days.reduce((sum, { samples }) => sum + samples, 0),
    secondsPerImage: gaps.length >= GAPS_MIN && middle !== undefined ? middle / 1000 : null,
  };
}
