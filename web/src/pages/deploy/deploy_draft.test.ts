// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { cloneOf, defaultOutput, deployBody, faultsOf, keepDraft, newDraft, retryOf, storedDraft, type DeployDraft } from "./deploy_draft";

const filled: DeployDraft = { ...newDraft(() => 0), model: "garments/0.0.1", input: "/in" };

function store() {
  const kept = new Map<string, string>();
  return { getItem: (key: string) => kept.get(key) ?? null, setItem: (key: string, value: string) => void kept.set(key, value), removeItem: (key: string) => void kept.delete(key) };
}

describe("a batch service that is being filled in", () => {
  it("has a name of its own", () => {
    expect(newDraft(() => 0).name).toBe("service-aaaa");
    expect(newDraft(() => 0.999).name).toBe("service-9999");
  });
  it("survives in the browser, and damage does not matter", () => {
    const storage = store();
    expect(storedDraft(storage)).toBeNull();
    keepDraft(storage, filled);
    expect(storedDraft(storage)).toEqual(filled);
    storage.setItem("trommel.deploy", "{");
    expect(storedDraft(storage)).toBeNull();
    storage.setItem("trommel.deploy", '{"name":"old"}');
    expect(storedDraft(storage)).toMatchObject({ name: "old", model: null, filtering: { top: "20%" } });
    keepDraft(storage, null);
    expect(storedDraft(storage)).toBeNull();
  });
  it("tells what is missing, taken or no path", () => {
    expect(faultsOf(filled, "/out", [])).toEqual({});
    expect(faultsOf(newDraft(), "", [])).toEqual({ model: "missing", input: "missing", output: "missing" });
    expect(faultsOf({ ...filled, input: "in" }, "/out", ["service-aaaa"])).toEqual({ name: "taken", input: "relative" });
    expect(faultsOf({ ...filled, description: "x".repeat(101) }, "/out", [])).toEqual({ description: "too-long" });
  });
  it("filters into a new dataset of its name unless one says otherwise", () => {
    expect(deployBody({ ...filled, isFiltering: true }, "/out")).toMatchObject({ hard_examples: true, create: "service-aaaa-hard", top: "20%" });
    const chosen = { ...filled.filtering, output: { way: "existing" as const, dataset: null, name: "" } };
    expect(faultsOf({ ...filled, isFiltering: true, filtering: chosen }, "/out", [])).toEqual({ filtering: "missing" });
  });
  it("says only what one has chosen", () => {
    expect(deployBody(filled, "/out")).toEqual({ name: "service-aaaa", model: "garments/0.0.1", input: "/in", output: "/out" });
    expect(defaultOutput("/data/", "n")).toBe("/data/services/n");
    expect(defaultOutput(undefined, "n")).toBe("");
  });

  const service = {
    name: "nightly",
    description: "every night",
    model: "garments/0.0.1",
    input: "/in",
    output: "/out",
    settings: { threads: 2, accept_partial: true, allow_foreign_output: false },
    hard_example_filtering: { train: "t@V001", create: "nightly-hard", algo_hard_threshold: 0.3, aug_budget: 1.5, top: "20%", group: true, reasons: "all" },
  } as never;
  it("as a clone has all of the other but its name, output and dataset", () => {
    const clone = cloneOf(service, ["nightly", "nightly-copy"]);
    expect(clone.name).toBe("nightly-copy-2");
    expect(deployBody(clone, "/new")).toEqual({
      name: "nightly-copy-2",
      description: "every night",
      model: "garments/0.0.1",
      input: "/in",
      output: "/new",
      threads: 2,
      accept_partial: true,
      hard_examples: true,
      train: "t@V001",
      create: "nightly-copy-2-hard",
      algo_hard_threshold: 0.3,
      aug_budget: 1.5,
      top: "20%",
      group: true,
      reasons: "all",
    });
  });
  it("for failed images takes their list, and adds to the same dataset", () => {
    const retry = retryOf(service, "upload:list.manifest", []);
    expect(faultsOf(retry, "/new", [])).toEqual({});
    expect(deployBody(retry, "/new")).toMatchObject({ name: "nightly-retry", input: "upload:list.manifest", dataset: "nightly-hard" });
    expect(deployBody(retry, "/new")["create"]).toBeUndefined();
  });
});
