// SPDX-License-Identifier: Apache-2.0
// Decisions on their way to the server: in their order, one at a time, each under a key of its own so that what is sent twice is done
// once. What has not been answered is kept in the browser: a lost connection, a killed server or a reloaded page lose nothing.

export interface Decision {
  /** Idempotency-Key, and the decision's name here. */
  key: string;
  dataset: string;
  sample: string;
  /** As the person saw the sample; the server refuses when it has changed since. */
  revision: number;
  /** annotate sets labels or boxes and the mark at once. */
  action: "confirm" | "reject" | "mark_hard" | "clear_hard" | "exclude" | "include" | "annotate";
  labels?: readonly string[];
  boxes?: readonly string[];
  nothing?: boolean;
  hard?: boolean;
}

export type Outcome =
  | { kind: "done"; operation: string | null; revision: number; sample?: unknown }
  | { kind: "conflict"; current: unknown; message: string }
  | { kind: "refused"; message: string }
  | { kind: "unreachable"; retrySeconds?: number };

export interface Transport {
  send(decision: Decision): Promise<Outcome>;
  undo(operation: string, key: string): Promise<Outcome>;
}

/** Where unsent decisions outlive the page: one entry each, as several tabs may keep theirs at once. */
export interface Keeper {
  /** In the order in which they were put. */
  load(): Decision[];
  put(decision: Decision): void;
  drop(key: string): void;
}

export interface QueueEvents {
  /** A decision was answered, whatever the answer. */
  answered?: (decision: Decision, outcome: Outcome) => void;
  /** The number of unsent decisions, or whether the server answers, changed. */
  changed?: () => void;
}

/** What undo took back, of which sample. */
export interface TakenBack {
  sample: string;
  operation: string | null;
  outcome: Outcome;
}

const FIRST_RETRY_MS = 250;
const RETRY_MAX_MS = 5_000;

export class DecisionQueue {
  private waiting: Decision[];
  private isSending = false;
  private retryMs = FIRST_RETRY_MS;
  private wake: (() => void) | undefined;
  private listeners = new Set<QueueEvents>();
  /** What this page's own decisions made of samples: a second one on the same must not fail because of the first. */
  private own = new Map<string, { seen: number; now: number }>();
  /** Operations of this page, the newest last: what undo takes back. */
  private done: { sample: string; operation: string }[] = [];
  isReachable = true;

  constructor(
    private readonly transport: Transport,
    private readonly keeper: Keeper,
    events?: QueueEvents,
  ) {
    if (events) this.listeners.add(events);
    this.waiting = keeper.load();
    if (this.waiting.length > 0) void this.run();
  }

  listen(events: QueueEvents): () => void {
    this.listeners.add(events);
    return () => this.listeners.delete(events);
  }

  get unsent(): number {
    return this.waiting.length;
  }
  /** How many decisions undo can take back one after the other; one that changed nothing falls away once it is answered. */
  get depth(): number {
    return this.waiting.length + this.done.length;
  }
  /** Whether undo has something of this page to take back. */
  get canUndo(): boolean {
    return this.waiting.length > 0 || this.done.length > 0;
  }

  add(decision: Decision): void {
    const own = this.own.get(decision.sample);
    const isSeenBefore = own !== undefined && decision.revision >= own.seen && decision.revision < own.now;
    const added = isSeenBefore ? { ...decision, revision: own.now } : decision;
    this.waiting.push(added);
    this.keeper.put(added);
    this.tellChange();
    void this.run();
  }

  /** Tries at once what waits for its next try: the network is back. */
  hurry(): void {
    this.retryMs = FIRST_RETRY_MS;
    this.wake?.();
  }

  /**
   * Takes the newest decision back: one that is not on its way yet is forgotten, one that was done is undone by the server. Gives the
   * sample it was about; null: there is nothing of this page to take back.
   */
  undo(newKey: () => string): Promise<TakenBack | null> {
    const next = this.undoing.then(() => this.undoOne(newKey));
    this.undoing = next.catch(() => undefined);
    return next;
  }
  private undoing: Promise<unknown> = Promise.resolve();

  private async undoOne(newKey: () => string): Promise<TakenBack | null> {
    const onTheWay = this.isSending ? 1 : 0;
    if (this.waiting.length > onTheWay) {
      const decision = this.waiting.pop() as Decision;
      this.keeper.drop(decision.key);
      this.tellChange();
      return { sample: decision.sample, operation: null, outcome: { kind: "done", operation: null, revision: decision.revision } };
    }
    await this.settled();
    const last = this.done.pop();
    if (last === undefined) return null;
    const outcome = await this.transport.undo(last.operation, newKey());
    if (outcome.kind === "unreachable") this.done.push(last);
    else this.own.delete(last.sample);
    return { ...last, outcome };
  }

  /** An operation that was done again, or before this page: undo takes it back next. */
  remember(sample: string, operation: string): void {
    this.done.push({ sample, operation });
  }

  /** When nothing is unsent any more. */
  async settled(): Promise<void> {
    while (this.waiting.length > 0 || this.isSending) await this.run();
  }

  private running: Promise<void> | undefined;
  private run(): Promise<void> {
    this.running ??= this.sendAll().finally(() => {
      this.running = undefined;
    });
    return this.running;
  }

  private async sendAll(): Promise<void> {
    for (let next = this.waiting[0]; next !== undefined; next = this.waiting[0]) {
      this.isSending = true;
      const outcome = await this.transport.send(next);
      this.isSending = false;
      if (outcome.kind === "unreachable") {
        this.reach(false);
        await this.pause(outcome.retrySeconds);
        continue;
      }
      this.reach(true);
      this.retryMs = FIRST_RETRY_MS;
      this.waiting.shift();
      this.keeper.drop(next.key);
      if (outcome.kind === "done") this.note(next, outcome.operation, outcome.revision);
      for (const { answered } of this.listeners) answered?.(next, outcome);
      this.tellChange();
    }
  }

  private note({ sample, revision: seen }: Decision, operation: string | null, now: number): void {
    if (operation !== null) this.done.push({ sample, operation });
    this.own.set(sample, { seen: Math.min(this.own.get(sample)?.seen ?? seen, seen), now });
    this.waiting = this.waiting.map((one) => (one.sample === sample && one.revision <= seen ? { ...one, revision: now } : one));
    for (const one of this.waiting) if (one.sample === sample) this.keeper.put(one);
  }

  private reach(isReachable: boolean): void {
    if (this.isReachable === isReachable) return;
    this.isReachable = isReachable;
    this.tellChange();
  }

  private pause(seconds: number | undefined): Promise<void> {
    const ms = seconds === undefined ? this.retryMs : seconds * 1000;
    this.retryMs = Math.min(this.retryMs * 2, RETRY_MAX_MS);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake?.(), ms);
      this.wake = () => {
        clearTimeout(timer);
        this.wake = undefined;
        resolve();
      };
    });
  }

  private tellChange(): void {
    for (const { changed } of this.listeners) changed?.();
  }
}
