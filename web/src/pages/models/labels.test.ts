// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { labelsOf } from "./labels";

describe("labels as people paste them", () => {
  it("one a line, whatever ends the lines", () => expect(labelsOf("cat\r\n dog \n\nsea, stormy\n")).toEqual(["cat", "dog", "sea, stormy"]));
  it("between commas on one line", () => expect(labelsOf("cat, dog,,bird")).toEqual(["cat", "dog", "bird"]));
  it("none", () => expect(labelsOf(" \n ")).toEqual([]));
});
