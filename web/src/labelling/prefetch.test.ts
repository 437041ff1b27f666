// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it } from "vitest";
import { Prefetch, type Loader } from "./prefetch";

const tick = () => new Promise((resolve) => setTimeout(resolve, 0));

class Disk implements Loader<string> {
  asked: string[] = [];
  dropped: string[] = [];
  aborted: string[] = [];
  fails = new Set<string>();
  mostAtOnce = 0;
  private now = 0;
  async load(id: string, signal: AbortSignal) {
    this.asked.push(id);
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.now);
    await tick();
    this.now--;
    if (signal.aborted) this.aborted.push(id);
    if (this.fails.has(id)) throw new Error("gone");
    return `picture of ${id}`;
  }
  drop(value: string) {
    this.dropped.push(value);
  }
}
const ids = Array.from({ length: 40 }, (_, number) => `s${number}`);
async function quiet(times = 30) {
  for (let i = 0; i < times; i++) await tick();
}

describe("what is fetched before it is asked for", () => {
  it("is eight ahead and two behind, the nearest first", async () => {
    const disk = new Disk();
    const prefetch = new Prefetch(disk);
    prefetch.look(ids, 10);
    await quiet();
    expect(disk.asked.slice(0, 3)).toEqual(["s10", "s11", "s9"]);
    expect([...disk.asked].sort()).toEqual(ids.slice(8, 19).sort());
  });
  it("is there at once when it is looked at", async () => {
    const prefetch = new Prefetch(new Disk());
    prefetch.look(ids, 0);
    await quiet();
    expect(prefetch.peek("s5")).toBe("picture of s5");
  });
  it("is never more than the window, however far one goes", async () => {
    const disk = new Disk();
    const prefetch = new Prefetch(disk);
    for (let at = 0; at < 30; at++) {
      prefetch.look(ids, at);
      await quiet(5);
      expect(prefetch.held).toBeLessThanOrEqual(11);
    }
    expect(disk.dropped).toContain("picture of s0");
  });
  it("loads at most four at the same time", async () => {
    const disk = new Disk();
    new Prefetch(disk).look(ids, 10);
    await quiet();
    expect(disk.mostAtOnce).toBe(4);
  });
  it("is given up when one jumps away, and gives back what comes late", async () => {
    const disk = new Disk();
    const prefetch = new Prefetch(disk);
    prefetch.look(ids, 0);
    prefetch.look(ids, 30);
    await quiet();
    expect(disk.aborted).toContain("s0");
    expect(disk.dropped).toContain("picture of s0");
    expect(prefetch.peek("s0")).toBeUndefined();
  });
  it("is asked for again when it failed", async () => {
    const disk = new Disk();
    const prefetch = new Prefetch(disk);
    disk.fails.add("s0");
    await expect(prefetch.get("s0")).rejects.toThrow("gone");
    disk.fails.clear();
    expect(await prefetch.get("s0")).toBe("picture of s0");
  });
});
