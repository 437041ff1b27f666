// SPDX-License-Identifier: Apache-2.0
// One sitting at Review: the samples as they were on entry, where one is among them, what was decided. A key that comes before its
// sample is loaded waits for it, in its order: none is lost, and none falls on another sample than the one that was next.
import type { Decision, Outcome } from "./queue";
import type { Command, Conflict, Done, SeenSample, SittingOptions, Step } from "./sitting_types";

export type { Choice, Command, Conflict, Done, SeenSample, Source, Step } from "./sitting_types";

const PRESSES_MAX = 1000; // that wait for a sample
const DEAF_MS = 600; // after a jump back that nobody asked for
const FAR = 16; // samples away from which on nothing is kept of them

export class Sitting<S extends SeenSample, T extends { sample: S }> {
  ids: readonly string[];
  at: number;
  done: ReadonlyMap<string, Done> = new Map();
  conflicts: readonly Conflict<S>[] = [];
  broken: { id: string; thrown: unknown } | null = null;
  version = 0;
  private pending: Command<S>[] = [];
  private newest = new Map<string, S>();
  private merged = new WeakMap<T, { sample: S; whole: T }>();
  private sent = new Map<string, Done>();
  private listeners = new Set<() => void>();
  private deafUntil = 0;
  private readonly now: () => number;
  /** What undo could take back before this sitting. */
  private depth: number;

  constructor(private readonly of: SittingOptions<S, T>) {
    this.ids = of.ids;
    this.at = of.at;
    this.now = of.now ?? Date.now;
    this.depth = of.queue.depth;
  }

  /** Takes part until it is told to stop. */
  begin(): () => void {
    const stop = this.of.queue.listen({ answered: (decision, outcome) => this.answered(decision, outcome), changed: () => this.changed() });
    this.look();
    return stop;
  }
  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  get id(): string | undefined {
    return this.ids[this.at];
  }
  get current(): T | undefined {
    return this.id === undefined ? undefined : this.peek(this.id);
  }
  /** Keys that wait for their sample. */
  get presses(): number {
    return this.pending.length;
  }
  peek(id: string): T | undefined {
    const value = this.of.source.peek(id);
    const newer = this.newest.get(id);
    if (!value || !newer || newer.revision < value.sample.revision) return value;
    const before = this.merged.get(value);
    if (before?.sample === newer) return before.whole;
    const whole = { ...value, sample: newer };
    this.merged.set(value, { sample: newer, whole });
    return whole;
  }

  /** A key was pressed. */
  press(command: Command<S>): void {
    if (this.now() < this.deafUntil || this.id === undefined || this.broken?.id === this.id || this.pending.length >= PRESSES_MAX) return;
    this.pending.push(command);
    this.drain();
  }
  move(by: number): void {
    const conflict = by > 0 ? this.conflictHere : undefined;
    if (this.now() < this.deafUntil) return;
    if (conflict) this.keepTheirs(conflict);
    else if (this.pending.length > 0) this.press(() => ({ kind: "move", by }));
    else this.go(this.at + by);
  }
  go(place: number): void {
    this.at = Math.min(Math.max(place, 0), this.ids.length);
    this.look();
  }
  skip(): void {
    const { id, at } = this;
    if (id === undefined || this.pending.length > 0) return;
    this.ids = [...this.ids.slice(0, at), ...this.ids.slice(at + 1), id];
    this.look();
  }
  /** Samples that came since, behind all that are there: what one looks at and what comes next stays. Gives how many are new. */
  join(ids: readonly string[]): number {
    const fresh = this.unknown(ids);
    this.ids = [...this.ids, ...fresh];
    if (fresh.length > 0) this.look();
    return fresh.length;
  }
  /** Those that are not in this sitting. */
  unknown(ids: readonly string[]): readonly string[] {
    const known = new Set(this.ids);
    return ids.filter((id) => !known.has(id));
  }
  /** Tries again what could not be loaded. */
  retry(): void {
    if (this.broken === null) return;
    this.broken = null;
    this.look();
  }

  private look(): void {
    const { source } = this.of;
    source.look(this.ids, this.at);
    if (this.newest.size > 2 * FAR) {
      const near = new Set(this.ids.slice(Math.max(0, this.at - FAR), this.at + FAR));
      for (const id of this.newest.keys()) if (!near.has(id)) this.newest.delete(id);
    }
    const { id } = this;
    if (id !== undefined && !source.peek(id))
      source.get(id).then(
        () => {
          if (this.broken?.id === id) this.broken = null;
          this.changed();
          this.drain();
        },
        (thrown) => {
          if (this.id !== id || source.peek(id)) return;
          this.broken = { id, thrown };
          this.pending = [];
          this.changed();
        },
      );
    this.changed();
  }

  private isDraining = false;
  private drain(): void {
    if (this.isDraining) return;
    this.isDraining = true;
    for (let loaded = this.current; loaded !== undefined; loaded = this.current) {
      const command = this.pending.shift();
      if (!command) break;
      this.take(command(loaded.sample), loaded.sample);
    }
    this.isDraining = false;
    this.changed();
  }

  private take(step: Step, sample: S): void {
    if (step.kind === "move") return this.go(this.at + step.by);
    if (step.kind === "stay") return;
    if (step.kind === "say") return this.of.say(step.message);
    const { choice, labels, isAsSuggested = false, over, stays } = step;
    const done: Done = { action: choice.action, labels, before: sample.labels.map(({ name }) => name), isAsSuggested, hard: choice.hard, over, at: this.now() };
    this.undone = [];
    this.conflicts = this.conflicts.filter(({ decision }) => decision.sample !== sample.id);
    if (stays) this.newest.set(sample.id, { ...sample, ...stays });
    else this.done = new Map(this.done).set(sample.id, done);
    this.send({ key: this.of.newKey(), dataset: this.of.dataset, sample: sample.id, revision: sample.revision, ...choice }, done);
    if (!stays) this.go(this.at + 1);
  }
  private send(decision: Decision, done: Done): void {
    this.sent.set(decision.key, done);
    this.of.queue.add(decision);
  }

  // ---- answers ----

  private answered(decision: Decision, outcome: Outcome): void {
    const done = this.sent.get(decision.key);
    this.sent.delete(decision.key);
    if (outcome.kind === "done") {
      const sample = this.of.read(outcome.sample);
      if (sample) this.newest.set(sample.id, sample);
      return;
    }
    if (done && this.done.get(decision.sample) === done) this.forget(decision.sample);
    if (outcome.kind === "refused") {
      this.renew(decision.sample);
      this.of.say(outcome.message);
    }
    if (outcome.kind === "conflict" && done) this.meet(decision, done, this.of.read(outcome.current));
    this.changed();
  }
  private forget(id: string): void {
    const next = new Map(this.done);
    next.delete(id);
    this.done = next;
  }
  private renew(id: string): void {
    this.newest.delete(id);
    this.of.source.renew(id);
    if (this.id === id) this.look();
  }

  /** Somebody else changed the sample: it is shown again if one has only just left it. */
  private meet(decision: Decision, done: Done, theirs: S | undefined): void {
    if (!theirs) return this.renew(decision.sample);
    this.newest.set(theirs.id, theirs);
    this.conflicts = [...this.conflicts, { decision, done, theirs }];
    if (this.ids[this.at - 1] !== theirs.id) return;
    this.pending = [];
    this.deafUntil = this.now() + DEAF_MS;
    this.go(this.at - 1);
  }
  /** What somebody else made of the sample that is shown. */
  get conflictHere(): Conflict<S> | undefined {
    return this.conflicts.find(({ theirs }) => theirs.id === this.id);
  }
  /** Puts one's own over it, if there is a conflict here; false: there is none. */
  overwriteHere(): boolean {
    const conflict = this.conflictHere;
    if (conflict && this.now() >= this.deafUntil) this.overwrite(conflict);
    return conflict !== undefined;
  }
  keepTheirs({ theirs }: Conflict<S>): void {
    this.conflicts = this.conflicts.filter(({ decision }) => decision.sample !== theirs.id);
    if (this.id === theirs.id) this.go(this.at + 1);
    else this.changed();
  }
  overwrite(conflict: Conflict<S>): void {
    const { decision, done, theirs } = conflict;
    this.conflicts = this.conflicts.filter((one) => one !== conflict);
    this.done = new Map(this.done).set(theirs.id, done);
    this.send({ ...decision, ...done.over, key: this.of.newKey(), revision: theirs.revision }, done);
    if (this.id === theirs.id) this.go(this.at + 1);
    else this.changed();
  }

  // ---- undo ----

  private undone: { sample: string; operation: string; done: Done | undefined }[] = [];
  /**
   * Takes the last decision back and goes to its sample. `older`: finds what was decided before this page was loaded. Gives false when
   * there is nothing to take back.
   */
  async undo(older: () => Promise<{ sample: string; operation: string } | null>): Promise<boolean> {
    this.pending = [];
    let taken = await this.of.queue.undo(this.of.newKey);
    if (taken === null) {
      const found = await older();
      if (found) this.of.queue.remember(found.sample, found.operation);
      taken = found && (await this.of.queue.undo(this.of.newKey));
    }
    if (taken === null) return false;
    const { sample, operation, outcome } = taken;
    if (outcome.kind === "refused" || outcome.kind === "conflict") this.of.say(outcome.message);
    if (outcome.kind === "unreachable") return true;
    if (operation !== null && outcome.kind === "done") this.undone.push({ sample, operation, done: this.done.get(sample) });
    this.forget(sample);
    this.conflicts = this.conflicts.filter(({ decision }) => decision.sample !== sample);
    this.renew(sample);
    if (!this.ids.includes(sample)) this.ids = [...this.ids.slice(0, this.at), sample, ...this.ids.slice(this.at)];
    this.go(this.ids.indexOf(sample));
    return true;
  }
  /** How many decisions of this sitting can be taken back. */
  get undoable(): number {
    this.depth = Math.min(this.depth, this.of.queue.depth);
    return this.of.queue.depth - this.depth;
  }
  /** Takes back all of this sitting, the newest first, and begins again. Gives how many; ends at the first that cannot be taken back. */
  async undoAll(): Promise<number> {
    this.pending = [];
    let count = 0;
    for (; this.undoable > 0; count++) {
      const taken = await this.of.queue.undo(this.of.newKey);
      if (taken === null) break;
      const { sample, operation, outcome } = taken;
      if (outcome.kind !== "done") {
        if (outcome.kind !== "unreachable") this.of.say(outcome.message);
        break;
      }
      if (operation !== null) this.undone.push({ sample, operation, done: this.done.get(sample) });
      this.forget(sample);
      this.newest.delete(sample);
      this.of.source.renew(sample);
      this.changed();
    }
    this.conflicts = [];
    if (count > 0) this.go(0);
    return count;
  }
  /** Does again what undo took back last; `carryOut` tells the server. */
  async redo(carryOut: (operation: string) => Promise<unknown>): Promise<boolean> {
    const last = this.undone.pop();
    if (!last) return false;
    await carryOut(last.operation);
    this.of.queue.remember(last.sample, last.operation);
    if (last.done) this.done = new Map(this.done).set(last.sample, last.done);
    this.renew(last.sample);
    this.go(this.ids.indexOf(last.sample) + 1);
    return true;
  }

  private changed(): void {
    this.version++;
    for (const listener of this.listeners) listener();
  }
}
