// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { VIEWS_MAX, VIEW_NAME_MAX, viewQuery, viewsOf, withView, withoutView } from "./views";

describe("saved views", () => {
  it("come out of the browser as they went in, and nothing of what is broken", () => {
    const views = [{ name: "dark", query: "reason=7" }];
    expect(viewsOf(JSON.stringify(views))).toEqual(views);
    for (const text of [null, "", "{", "{}", '[1,null,{"name":""},{"name":"a"}]']) expect(viewsOf(text)).toEqual([]);
  });
  it("take the place of the one of the same name", () => {
    expect(withView([{ name: "a", query: "1" }, { name: "b", query: "2" }], { name: " a ", query: "3" })).toEqual([{ name: "b", query: "2" }, { name: "a", query: "3" }]);
  });
  it("have a name, which is not endless, and are not endlessly many", () => {
    expect(withView([], { name: "  ", query: "" })).toEqual([]);
    expect(withView([], { name: "x".repeat(VIEW_NAME_MAX + 1), query: "" })[0]?.name).toHaveLength(VIEW_NAME_MAX);
    const many = Array.from({ length: VIEWS_MAX }, (_, at) => ({ name: `v${at}`, query: "" }));
    expect(withView(many, { name: "new", query: "" }).map(({ name }) => name)).toEqual([...many.slice(1).map(({ name }) => name), "new"]);
  });
  it("can be taken away", () => {
    expect(withoutView([{ name: "a", query: "1" }], "a")).toEqual([]);
  });
  it("are the same whatever the order of the URL", () => {
    expect(viewQuery("?state=labeled&reason=1&sample=x")).toBe(viewQuery("reason=1&state=labeled"));
  });
});
