// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { secondsEach } from "./pace";

describe("the pace", () => {
  it("is the mean of the last gaps, pauses left out", () => {
    expect(secondsEach([0, 1000, 2000])).toBeUndefined();
    expect(secondsEach([0, 1000, 2000, 3000, 4000, 400_000, 401_000])).toBe(1);
  });
});
