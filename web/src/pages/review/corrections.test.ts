// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { mostCorrected } from "./corrections";

it("the pair that is corrected most often is found, others and what was right do not count", () => {
  const of = (from: string[], to: string[]) => ({ before: from, labels: to });
  expect(mostCorrected([of(["cat"], ["dog"]), of(["cat"], ["fox"]), of(["cat"], ["dog"]), of(["cat"], ["cat"]), of(["cat"], ["cat"]), of(["cat"], ["cat"]), of(["a", "b"], ["c"]), of([], ["x"])])).toEqual({ from: "cat", to: "dog", count: 2 });
  expect(mostCorrected([of(["cat"], ["cat"]), of(["cat"], [])])).toBeUndefined();
});
