// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import type { Schemas } from "../../api/client";
import { modelGroups } from "./model_groups";

const model = (id: string, name: string, day: number) => ({ id, name, version: `0.0.${day}`, created: `2026-11-0${day}T00:00:00Z` }) as Schemas["Model"];
const service = (name: string, model_id: string) => ({ name, model_id }) as Schemas["Service"];

describe("models by name", () => {
  it("shows the newest version first, and who uses any of them", () => {
    const [cats, dogs] = modelGroups([model("a", "cats", 1), model("b", "dogs", 2), model("c", "cats", 3)], [service("s", "a"), service("t", "c"), service("u", "x")]);
    expect(cats?.newest.id).toBe("c");
    expect(cats?.versions.map(({ id }) => id)).toEqual(["c", "a"]);
    expect(cats?.services.map(({ name }) => name)).toEqual(["s", "t"]);
    expect(dogs?.services).toEqual([]);
  });
});
