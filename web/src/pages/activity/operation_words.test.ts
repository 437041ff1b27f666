// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { doerOf } from "./operation_words";

describe("who did an operation", () => {
  it("is the user, or the name that the decision came with, or unknown", () => {
    expect(doerOf({ user: "anna", decided_by: "human/anna" })).toBe("anna");
    expect(doerOf({ user: null, decided_by: "human/ben" })).toBe("ben");
    expect(doerOf({ user: null, decided_by: "human" })).toBeNull();
  });
});
