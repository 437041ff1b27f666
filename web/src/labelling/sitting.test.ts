// SPDX-License-Identifier: Apache-2.0
import { describe, expect, it, vi } from "vitest";
import { DecisionQueue, type Decision, type Outcome } from "./queue";
import { Sitting, type SeenSample, type Source, type Step } from "./sitting";

interface Loaded {
  sample: SeenSample;
}
const sampleOf = (id: string, more: Partial<SeenSample> = {}): SeenSample => ({ id, revision: 1, state: "to_be_confirmed", hard: true, labels: [{ name: "cat", state: "suggested" }], ...more });
const confirm = (): Step => ({ kind: "decide", choice: { action: "confirm" }, labels: ["cat"], isAsSuggested: true });

/** Loads when it is told to. */
class Slow implements Source<Loaded> {
  there = new Map<string, Loaded>();
  private asked = new Map<string, { resolve: (value: Loaded) => void; reject: (thrown: unknown) => void }[]>();
  renewed: string[] = [];
  look() {}
  peek(id: string) {
    return this.there.get(id);
  }
  get(id: string) {
    return new Promise<Loaded>((resolve, reject) => this.asked.set(id, [...(this.asked.get(id) ?? []), { resolve, reject }]));
  }
  renew(id: string) {
    this.renewed.push(id);
    this.there.delete(id);
  }
  async arrive(id: string, sample = sampleOf(id)) {
    this.there.set(id, { sample });
    for (const { resolve } of this.asked.get(id) ?? []) resolve({ sample });
    this.asked.delete(id);
    await Promise.resolve();
  }
  async fail(id: string) {
    for (const { reject } of this.asked.get(id) ?? []) reject(new Error("gone"));
    this.asked.delete(id);
    await Promise.resolve();
    await Promise.resolve();
  }
}

function begun({ count = 5, loaded = count, answer }: { count?: number; loaded?: number; answer?: (decision: Decision) => Outcome } = {}) {
  const sent: Decision[] = [];
  const said: string[] = [];
  const source = new Slow();
  const ids = Array.from({ length: count }, (_, number) => `s${number}`);
  for (const id of ids.slice(0, loaded)) source.there.set(id, { sample: sampleOf(id) });
  const queue = new DecisionQueue(
    {
      send: async (decision) => {
        sent.push(decision);
        return answer?.(decision) ?? { kind: "done", operation: `op-${decision.sample}`, revision: 2, sample: sampleOf(decision.sample, { revision: 2, state: "labeled" }) };
      },
      undo: async () => ({ kind: "done", operation: null, revision: 3 }),
    },
    { load: () => [], put: () => undefined, drop: () => undefined },
  );
  let key = 0;
  let now = 0;
  const sitting = new Sitting<SeenSample, Loaded>({ dataset: "d", ids, at: 0, source, queue, newKey: () => `k${key++}`, now: () => now, read: (told) => told as SeenSample, say: (message) => said.push(message) });
  sitting.begin();
  return { sitting, source, queue, sent, said, wait: (ms: number) => (now += ms) };
}

describe("keys at a sitting", () => {
  it("decide one sample each, however many come before anything is drawn again", async () => {
    const { sitting, queue, sent } = begun({ count: 200 });
    for (let press = 0; press < 200; press++) sitting.press(confirm);
    await queue.settled();
    expect(sent.map(({ sample }) => sample)).toEqual(Array.from({ length: 200 }, (_, number) => `s${number}`));
    expect(sitting.at).toBe(200);
  });
  it("that come before their sample is loaded wait for it, in their order", async () => {
    const { sitting, source, queue, sent } = begun({ count: 4, loaded: 1 });
    for (let press = 0; press < 2; press++) sitting.press(confirm);
    sitting.move(1);
    sitting.press(confirm);
    expect([sitting.at, sitting.presses]).toEqual([1, 3]);
    await source.arrive("s1");
    expect([sitting.at, sitting.presses]).toEqual([2, 2]);
    await source.arrive("s2");
    await source.arrive("s3");
    await queue.settled();
    expect(sent.map(({ sample }) => sample)).toEqual(["s0", "s1", "s3"]);
  });
  it("are dropped when their sample cannot be loaded, and heard again when it can", async () => {
    const { sitting, source, sent, queue } = begun({ loaded: 0 });
    sitting.press(confirm);
    await source.fail("s0");
    expect([sitting.broken?.id, sitting.presses]).toEqual(["s0", 0]);
    sitting.press(confirm);
    sitting.retry();
    await source.arrive("s0");
    sitting.press(confirm);
    await queue.settled();
    expect(sent.map(({ sample }) => sample)).toEqual(["s0"]);
  });
  it("do nothing past the end", () => {
    const { sitting, sent } = begun({ count: 1 });
    sitting.press(confirm);
    sitting.press(confirm);
    expect(sent.length).toBe(1);
  });
  it("may stay at their sample, which shows at once what they did", async () => {
    const { sitting, queue, sent } = begun();
    sitting.press(({ hard }) => ({ kind: "decide", choice: { action: hard ? "clear_hard" : "mark_hard" }, labels: [], stays: { hard: !hard } }));
    expect([sitting.at, sitting.current?.sample.hard]).toEqual([0, false]);
    sitting.press(confirm);
    await queue.settled();
    expect(sent.map(({ revision }) => revision)).toEqual([1, 2]);
  });
});

describe("the order of a sitting", () => {
  it("puts what is skipped to the end and shows the next", () => {
    const { sitting } = begun({ count: 3 });
    sitting.skip();
    expect([sitting.id, sitting.ids]).toEqual(["s1", ["s1", "s2", "s0"]]);
  });
});

describe("a sample that somebody else changed", () => {
  const theirs = sampleOf("s0", { revision: 5, labels: [{ name: "dog", state: "confirmed" }] });
  const refusing = () => {
    let times = 0;
    return (decision: Decision): Outcome => (decision.sample === "s0" && times++ === 0 ? { kind: "conflict", current: theirs, message: "" } : { kind: "done", operation: "op", revision: 6 });
  };
  it("is shown again as they left it, deaf to keys meant for the next one", async () => {
    const { sitting, queue, sent, wait } = begun({ answer: refusing() });
    sitting.press(confirm);
    await queue.settled();
    expect([sitting.id, sitting.current?.sample.labels[0]?.name, sitting.done.size, sitting.conflicts.length]).toEqual(["s0", "dog", 0, 1]);
    sitting.press(confirm);
    expect(sent.length).toBe(1);
    sitting.move(1);
    expect([sitting.overwriteHere(), sent.length, sitting.id]).toEqual([true, 1, "s0"]);
    wait(1000);
    sitting.overwriteHere();
    await queue.settled();
    expect([sent[1]?.revision, sitting.conflicts.length, sitting.id, sitting.overwriteHere()]).toEqual([5, 0, "s1", false]);
  });
  it("does not pull one back who is further on, and can be overwritten from there", async () => {
    const { sitting, queue, sent } = begun({ answer: refusing() });
    sitting.press(confirm);
    sitting.press(confirm);
    await queue.settled();
    expect([sitting.id, sitting.conflicts.length]).toEqual(["s2", 1]);
    sitting.overwrite(sitting.conflicts[0] as never);
    await queue.settled();
    expect([sent[2]?.sample, sent[2]?.revision, sitting.id, sitting.done.has("s0")]).toEqual(["s0", 5, "s2", true]);
  });
  it("stays theirs when one wants it so", async () => {
    const { sitting, queue, sent, wait } = begun({ answer: refusing() });
    sitting.press(confirm);
    await queue.settled();
    wait(1000);
    sitting.move(1);
    expect([sitting.id, sitting.conflicts.length, sent.length]).toEqual(["s1", 0, 1]);
  });
});

describe("undo at a sitting", () => {
  const nothingOlder = async () => null;
  it("goes back to the sample and loads it anew", async () => {
    const { sitting, queue, source } = begun();
    sitting.press(confirm);
    sitting.press(confirm);
    await queue.settled();
    expect(await sitting.undo(nothingOlder)).toBe(true);
    expect([sitting.id, sitting.done.has("s1"), source.renewed]).toEqual(["s1", false, ["s1"]]);
  });
  it("finds what was decided before the page was loaded, and shows it though it is not in the queue", async () => {
    const { sitting } = begun();
    sitting.go(2);
    expect(await sitting.undo(async () => ({ sample: "old", operation: "op" }))).toBe(true);
    expect([sitting.id, sitting.ids.length]).toEqual(["old", 6]);
  });
  it("says when there is nothing to take back", async () => {
    expect(await begun().sitting.undo(nothingOlder)).toBe(false);
  });
  it("can be undone, until something else is decided", async () => {
    const { sitting, queue, source } = begun();
    sitting.press(confirm);
    await queue.settled();
    await sitting.undo(nothingOlder);
    const carryOut = vi.fn(async () => undefined);
    expect([await sitting.redo(carryOut), carryOut.mock.calls, sitting.id, sitting.done.has("s0")]).toEqual([true, [["op-s0"]], "s1", true]);
    await sitting.undo(nothingOlder);
    await source.arrive("s0");
    sitting.press(confirm);
    expect(await sitting.redo(carryOut)).toBe(false);
  });

  it("takes new samples behind all others and moves nothing", async () => {
    const { sitting } = begun({ count: 3 });
    sitting.go(1);
    expect(sitting.unknown(["s0", "n1", "s2", "n2"])).toEqual(["n1", "n2"]);
    expect(sitting.join(["s0", "n1", "s2", "n2"])).toBe(2);
    expect(sitting.ids).toEqual(["s0", "s1", "s2", "n1", "n2"]);
    expect(sitting.id).toBe("s1");
    expect(sitting.join(["n1"])).toBe(0);
  });

  it("goes on with what joined after the last one was decided", () => {
    const { sitting } = begun({ count: 1 });
    sitting.press(confirm);
    expect(sitting.id).toBeUndefined();
    sitting.join(["n1"]);
    expect(sitting.id).toBe("n1");
  });

  it("takes back all of this sitting and nothing that was before it", async () => {
    const { sitting, queue } = begun({ count: 4 });
    queue.remember("before", "op-before");
    const [first] = [sitting.undoable];
    for (let at = 0; at < 4; at++) sitting.press(confirm);
    await queue.settled();
    expect(sitting.undoable - first).toBe(4);
    expect(sitting.done.size).toBe(4);
    await sitting.undoAll();
    expect(sitting.done.size).toBe(0);
    expect(sitting.at).toBe(0);
    expect(sitting.undoable).toBe(0);
  });
});
