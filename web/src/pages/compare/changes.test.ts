// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { counted, namesOf, pairOf } from "./changes";

describe("versions to compare", () => {
  it("are the last two unless others are asked for", () => {
    const names = ["V001", "V002", "V003"];
    expect(pairOf(names, undefined, undefined)).toEqual({ from: "V002", to: "V003" });
    expect(pairOf(names, "V001", undefined)).toEqual({ from: "V001", to: "V003" });
    expect(pairOf(names, "V003", undefined)).toEqual({ from: "V003", to: "V002" });
    expect(pairOf(names, undefined, "V001")).toEqual({ from: "V002", to: "V001" });
    expect(pairOf(names, "V002", "gone")).toEqual({ from: "V002", to: "V003" });
  });
  it("are two", () => {
    expect(pairOf(["V001"], undefined, undefined)).toBeNull();
    expect(pairOf([], "V001", "V002")).toBeNull();
  });
});

describe("labels of a change", () => {
  it("are names only, counted", () => {
    expect(counted(namesOf(["cat", "dog", "cat", 3]))).toEqual(["cat ×2", "dog"]);
    expect(namesOf(null)).toEqual([]);
  });
});
