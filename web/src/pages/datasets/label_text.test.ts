// SPDX-License-Identifier: Apache-2.0
import { expect, it } from "vitest";
import { labelsOf } from "./label_text";

it("labels come one a line or between commas, each once, in their order", () => {
  expect(labelsOf(" cat\ndog, cat ,\r\n\n 狐 ")).toEqual(["cat", "dog", "狐"]);
  expect(labelsOf(" \n,")).toEqual([]);
});
