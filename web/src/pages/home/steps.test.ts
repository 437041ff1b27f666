// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { stepsDone } from "./steps";

const dataset = (more: object) => ({ name: "d", hard: 0, to_be_confirmed: 0, labeled: 0, current_version: null, ...more });

describe("the first steps", () => {
  it("are all open at the beginning", () => {
    expect(Object.values(stepsDone({ models: [], services: [], datasets: [] }))).toEqual([false, false, false, false, false]);
  });
  it("do not count a training dataset as filtered, confirmed or published", () => {
    const done = stepsDone({ models: [{ name: "m" }], services: [{ name: "s", run: null }], datasets: [dataset({ labeled: 9, current_version: "V001" })] });
    expect(done).toEqual({ model: true, service: false, filter: false, confirm: false, publish: false });
  });
  it("are done one after the other", () => {
    const begun = { models: [{ name: "m" }], services: [{ name: "s", run: "r" }] };
    expect(stepsDone({ ...begun, datasets: [dataset({ hard: 2, to_be_confirmed: 2 })] })).toMatchObject({ filter: true, confirm: false });
    expect(stepsDone({ ...begun, datasets: [dataset({ hard: 2, labeled: 1 })] })).toMatchObject({ confirm: true, publish: false });
    expect(stepsDone({ ...begun, datasets: [dataset({ hard: 2, labeled: 1, current_version: "V001" })] })).toMatchObject({ publish: true });
  });
});
