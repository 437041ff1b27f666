// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { weekOf, type Done } from "./week";

const now = new Date(2026, 10, 23, 15, 0, 0);
const done = (day: number, second: number, samples = 1, action = "confirm", state = "done"): Done => ({
  action,
  state,
  samples,
  created: new Date(2026, 10, day, 12, 0, second).toISOString(),
});

describe("the last seven days", () => {
  it("counts samples by day, today last", () => {
    const week = weekOf([done(23, 0, 4), done(23, 5), done(17, 0, 2)], now);
    expect(week.days.map(({ samples }) => samples)).toEqual([2, 0, 0, 0, 0, 0, 5]);
    expect(week.samples).toBe(7);
  });
  it("leaves out what is older, undone, or decides nothing", () => {
    expect(weekOf([done(16, 0), done(23, 0, 3, "confirm", "undone"), done(23, 1, 9, "mark_hard")], now).samples).toBe(0);
  });
  it("takes the median of short gaps as the pace", () => {
    const week = weekOf([done(23, 0), done(23, 1), done(23, 3), done(23, 7), done(22, 0), done(23, 20, 50)], now);
    expect(week.secondsPerImage).toBe(2);
  });
  it("tells no pace of a program", () => {
    expect(weekOf(Array.from({ length: 9 }, () => done(23, 0)), now)).toMatchObject({ samples: 9, secondsPerImage: null });
  });
  it("tells no pace of a few decisions", () => {
    expect(weekOf([done(23, 0), done(23, 1)], now).secondsPerImage).toBeNull();
  });
});
