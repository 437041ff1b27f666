// SPDX-License-Identifier: Apache-2.0
import { beforeEach, describe, expect, it, vi } from "vitest";
import { DecisionQueue, type Decision, type Keeper, type Outcome, type Transport } from "./queue";

const decision = (sample: string): Decision => ({ key: `key-${sample}`, dataset: "d", sample, revision: 1, action: "confirm" });
const done = (operation: string | null = "op"): Outcome => ({ kind: "done", operation, revision: 2 });

/** A server that does each key once, and can be gone. */
class Server implements Transport {
  decided: string[] = [];
  undone: string[] = [];
  keys = new Set<string>();
  isGone = false;
  losesReplies = 0;
  async send({ key, sample }: Decision): Promise<Outcome> {
    await Promise.resolve();
    if (this.isGone) return { kind: "unreachable" };
    if (!this.keys.has(key)) this.decided.push(sample);
    this.keys.add(key);
    if (this.losesReplies > 0) {
      this.losesReplies--;
      return { kind: "unreachable" };
    }
    return done(`op-${sample}`);
  }
  async undo(operation: string): Promise<Outcome> {
    await Promise.resolve();
    if (this.isGone) return { kind: "unreachable" };
    this.undone.push(operation);
    return done();
  }
}

class Memory implements Keeper {
  kept: Decision[] = [];
  load() {
    return [...this.kept];
  }
  put(decision: Decision) {
    const at = this.kept.findIndex(({ key }) => key === decision.key);
    if (at < 0) this.kept.push(decision);
    else this.kept[at] = decision;
  }
  drop(key: string) {
    this.kept = this.kept.filter((one) => one.key !== key);
  }
}

let server: Server;
let memory: Memory;
beforeEach(() => {
  vi.useRealTimers();
  server = new Server();
  memory = new Memory();
});

describe("a queue of decisions", () => {
  it("sends two hundred in their order, none twice", async () => {
    const queue = new DecisionQueue(server, memory);
    const names = Array.from({ length: 200 }, (_, number) => `s${number}`);
    for (const name of names) queue.add(decision(name));
    await queue.settled();
    expect(server.decided).toEqual(names);
    expect(memory.kept).toEqual([]);
  });

  it("keeps what the server did not hear and sends it when it is back", async () => {
    vi.useFakeTimers();
    server.isGone = true;
    const queue = new DecisionQueue(server, memory);
    queue.add(decision("a"));
    queue.add(decision("b"));
    await vi.advanceTimersByTimeAsync(1000);
    expect(queue.isReachable).toBe(false);
    expect(memory.kept.map(({ sample }) => sample)).toEqual(["a", "b"]);
    server.isGone = false;
    await vi.advanceTimersByTimeAsync(5000);
    expect(server.decided).toEqual(["a", "b"]);
    expect(queue.isReachable).toBe(true);
  });

  it("does once what it had to send twice because the answer was lost", async () => {
    vi.useFakeTimers();
    server.losesReplies = 1;
    const queue = new DecisionQueue(server, memory);
    queue.add(decision("a"));
    await vi.advanceTimersByTimeAsync(1000);
    expect(server.decided).toEqual(["a"]);
    expect(queue.unsent).toBe(0);
  });

  it("goes on after a reload where it was", async () => {
    memory.kept = [decision("a"), decision("b")];
    const queue = new DecisionQueue(server, memory);
    await queue.settled();
    expect(server.decided).toEqual(["a", "b"]);
  });

  it("does not wait for the next try when the network is back", async () => {
    vi.useFakeTimers();
    server.isGone = true;
    const queue = new DecisionQueue(server, memory);
    queue.add(decision("a"));
    await vi.advanceTimersByTimeAsync(60_000);
    server.isGone = false;
    queue.hurry();
    await vi.advanceTimersByTimeAsync(1);
    expect(server.decided).toEqual(["a"]);
  });

  it("tells of a conflict and goes on with the next", async () => {
    const answers: string[] = [];
    const transport: Transport = {
      send: async ({ sample }) => (sample === "a" ? { kind: "conflict", current: { label: "dog" }, message: "changed" } : done()),
      undo: async () => done(),
    };
    const queue = new DecisionQueue(transport, memory, { answered: ({ sample }, { kind }) => answers.push(`${sample} ${kind}`) });
    queue.add(decision("a"));
    queue.add(decision("b"));
    await queue.settled();
    expect(answers).toEqual(["a conflict", "b done"]);
  });
});

describe("two decisions on one sample", () => {
  /** Counts a revision for each change, and refuses what was seen before it. */
  const strict = () => {
    let revision = 1;
    const sent: number[] = [];
    const transport: Transport = {
      send: async (one) => {
        sent.push(one.revision);
        if (one.revision !== revision) return { kind: "conflict", current: null, message: "" };
        return { kind: "done", operation: "op", revision: ++revision };
      },
      undo: async () => {
        revision++;
        return done();
      },
    };
    return { transport, sent };
  };
  it("are no conflict while the first is unsent", async () => {
    const { transport, sent } = strict();
    const queue = new DecisionQueue(transport, memory);
    queue.add({ ...decision("a"), action: "mark_hard" });
    queue.add({ ...decision("a"), key: "second" });
    await queue.settled();
    expect(sent).toEqual([1, 2]);
  });
  it("are no conflict after the first was answered", async () => {
    const { transport, sent } = strict();
    const queue = new DecisionQueue(transport, memory);
    queue.add(decision("a"));
    await queue.settled();
    queue.add({ ...decision("a"), key: "second" });
    await queue.settled();
    expect(sent).toEqual([1, 2]);
  });
  it("are one when somebody else came between", async () => {
    const { transport } = strict();
    const kinds: string[] = [];
    const queue = new DecisionQueue(transport, memory, { answered: (_, { kind }) => kinds.push(kind) });
    queue.add(decision("a"));
    await queue.settled();
    await transport.undo("other", "k");
    queue.add({ ...decision("a"), key: "second" });
    await queue.settled();
    expect(kinds).toEqual(["done", "conflict"]);
  });
});

describe("undo", () => {
  const key = () => "undo-key";
  it("forgets a decision that was not sent yet", async () => {
    server.isGone = true;
    const queue = new DecisionQueue(server, memory);
    queue.add(decision("a"));
    queue.add(decision("b"));
    expect((await queue.undo(key))?.sample).toBe("b");
    expect(memory.kept.map(({ sample }) => sample)).toEqual(["a"]);
    server.isGone = false;
    queue.hurry();
  });
  it("takes back on the server what was done, the newest first", async () => {
    const queue = new DecisionQueue(server, memory);
    queue.add(decision("a"));
    queue.add(decision("b"));
    await queue.settled();
    await queue.undo(key);
    await queue.undo(key);
    expect(server.undone).toEqual(["op-b", "op-a"]);
    expect(await queue.undo(key)).toBeNull();
  });
  it("pressed fifty times at once takes fifty back, each once", async () => {
    const queue = new DecisionQueue(server, memory);
    for (let number = 0; number < 50; number++) queue.add(decision(`s${number}`));
    await queue.settled();
    const taken = await Promise.all(Array.from({ length: 50 }, () => queue.undo(key)));
    expect(taken.map((one) => one?.sample)).toEqual(Array.from({ length: 50 }, (_, number) => `s${49 - number}`));
  });
  it("can be tried again when the server was gone", async () => {
    const queue = new DecisionQueue(server, memory);
    queue.add(decision("a"));
    await queue.settled();
    server.isGone = true;
    expect((await queue.undo(key))?.outcome.kind).toBe("unreachable");
    server.isGone = false;
    await queue.undo(key);
    expect(server.undone).toEqual(["op-a"]);
  });
});
