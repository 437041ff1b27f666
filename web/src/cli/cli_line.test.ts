// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { cliLine, shellWord } from "./cli_line";

describe("a line for a shell", () => {
  it("names options as the API names members", () => {
    expect(cliLine(["service", "deploy"], { name: "n", hard_examples: true, algo_hard_threshold: 0.1 })).toBe(
      "trommel service deploy --name n --hard-examples --algo-hard-threshold 0.1",
    );
  });
  it("leaves out what is not said", () => {
    expect(cliLine(["model", "list"], { a: undefined, b: null, c: "" })).toBe("trommel model list");
  });
  it("says no where something is off, and joins lists", () => {
    expect(cliLine(["x"], { group: false, labels: ["a", "b"] })).toBe("trommel x --group=false --labels a,b");
  });
  it("quotes what a shell would take apart", () => {
    expect(shellWord("a b")).toBe("'a b'");
    expect(shellWord("it's $HOME")).toBe("'it'\\''s $HOME'");
    expect(shellWord("")).toBe("''");
    expect(shellWord("garments-train@V001")).toBe("garments-train@V001");
    expect(shellWord("20%")).toBe("20%");
  });
});
