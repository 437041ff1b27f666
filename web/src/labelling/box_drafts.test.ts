// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { frameOf, rejected } from "./boxes";
import { draftsOn } from "./box_drafts";

const image = { width: 160, height: 120 };
const frame = (name: string) =>
  frameOf(image, [{ name, score: 0.8, state: "suggested", shape: { "@modelarts:shape": "bndbox", "@modelarts:feature": [[1, 2], [30, 40]] } }], { boxes: [], near: [], reasons: [] });
function shelf(text: string | null = null) {
  const kept = { text };
  return { kept, load: () => kept.text, save: (next: string) => void (kept.text = next) };
}

describe("drafts", () => {
  it("are there again after the page was loaded again", () => {
    const place = shelf();
    const came = frame("bag");
    draftsOn(place).put("s1", came, rejected(came, 1));
    expect(draftsOn(place).get("s1", came)?.boxes[0]?.state).toBe("false");
    expect(draftsOn(place).get("s2", came)).toBeUndefined();
  });
  it("are not laid over labels that changed since", () => {
    const drafts = draftsOn(shelf());
    drafts.put("s1", frame("bag"), rejected(frame("bag"), 1));
    expect(drafts.get("s1", frame("coat"))).toBeUndefined();
  });
  it("are forgotten one by one, and the oldest of too many", () => {
    const drafts = draftsOn(shelf());
    const came = frame("bag");
    for (let at = 0; at < 201; at++) drafts.put(`s${at}`, came, came);
    expect(drafts.get("s0", came)).toBeUndefined();
    expect(drafts.get("s1", came)).toBeDefined();
    drafts.forget("s1");
    expect(drafts.get("s1", came)).toBeUndefined();
    expect(drafts.get("s2", came)).toBeDefined();
  });
  it("begin anew when what is kept cannot be read", () => {
    for (const text of ["{", "{}", '[{"sample":1}]', "[null]"]) expect(draftsOn(shelf(text)).get("s1", frame("bag"))).toBeUndefined();
  });
});
